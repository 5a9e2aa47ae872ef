import { z } from 'zod'
import { StartlistError } from '../domain/errors.ts'
import { isSafeAddress, SAFE_ADDRESS } from './addresses.ts'

/** Where alerts go, beside the log. */
export interface AlertConfig {
  /** `secret` is `whsec_...`, null without a signature; the address itself is a secret with many receivers */
  webhook: { url: string; secret: string | null } | null
  mail: { url: string; from: string; to: readonly string[] } | null
}

/** Decoded bytes of a signing secret, as Standard Webhooks has it. */
const LEAST_SECRET = 24
const MOST_SECRET = 64
const ADDRESS = /^[^\s@,;<>]+@[^\s@,;<>]+$/

const text = () => z.string().nullable().default(null)

/** The variables, as `config.ts` reads them; the message is what the value has to be. */
export const alertVariables = {
  STARTLIST_ALERT_WEBHOOK_URL: z
    .string()
    .refine(isSafeAddress, { error: SAFE_ADDRESS })
    .nullable()
    .default(null),
  STARTLIST_ALERT_WEBHOOK_SECRET: z
    .string()
    .refine(isSigningSecret, { error: `whsec_ and base64 of ${LEAST_SECRET} to ${MOST_SECRET} bytes` })
    .nullable()
    .default(null),
  STARTLIST_ALERT_SMTP_URL: z
    .string()
    .refine((value) => /^smtps?:$/.test(URL.parse(value)?.protocol ?? '') && URL.parse(value)?.hostname, {
      error: 'an address like smtps://host:465, user and password before the host where it wants them',
    })
    .nullable()
    .default(null),
  STARTLIST_ALERT_MAIL_FROM: text().refine((value) => value === null || ADDRESS.test(value), {
    error: 'one e-mail address',
  }),
  STARTLIST_ALERT_MAIL_TO: text().refine(
    (value) => value === null || value.split(',').every((part) => ADDRESS.test(part.trim())),
    { error: 'e-mail addresses with commas between them' },
  ),
}

type AlertValues = { [Name in keyof typeof alertVariables]: string | null }

/** @throws StartlistError CONFIG_INVALID when one half of a channel is missing */
export function alertConfig(set: AlertValues): AlertConfig {
  const { STARTLIST_ALERT_WEBHOOK_URL: url, STARTLIST_ALERT_WEBHOOK_SECRET: secret } = set
  if (url === null && secret !== null) throw lacks('STARTLIST_ALERT_WEBHOOK_URL', 'the signing secret')
  const smtp = set.STARTLIST_ALERT_SMTP_URL
  const from = set.STARTLIST_ALERT_MAIL_FROM
  const to = set.STARTLIST_ALERT_MAIL_TO?.split(',').map((part) => part.trim()) ?? null
  const isMail = smtp !== null || from !== null || to !== null
  return {
    webhook: url === null ? null : { url, secret },
    mail: isMail ? mailOf(smtp, from, to) : null,
  }
}

/** What of it no log line may show. With many receivers, who knows a webhook's path may post there. */
export function alertSecrets({ webhook, mail }: AlertConfig): string[] {
  const path = webhook === null ? '' : new URL(webhook.url).pathname.slice(1)
  const password = mail === null ? '' : new URL(mail.url).password
  return [path, webhook?.secret ?? '', decodeURIComponent(password)]
}

function mailOf(url: string | null, from: string | null, to: string[] | null): AlertConfig['mail'] {
  if (url === null) throw lacks('STARTLIST_ALERT_SMTP_URL', 'mail')
  if (from === null) throw lacks('STARTLIST_ALERT_MAIL_FROM', 'mail')
  if (to === null) throw lacks('STARTLIST_ALERT_MAIL_TO', 'mail')
  return { url, from, to }
}

function lacks(name: keyof AlertValues, what: string): StartlistError {
  return new StartlistError('CONFIG_INVALID', `${name} must be set as well: ${what} needs it.`)
}

function isSigningSecret(value: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? []
  const bytes = base64 === undefined ? 0 : Buffer.from(base64, 'base64').length
  return bytes >= LEAST_SECRET && bytes <= MOST_SECRET
}
