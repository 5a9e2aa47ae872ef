import { createTransport } from 'nodemailer'
import { StartlistError } from '../../domain/errors.ts'
import { type Channel, PATIENCE_MS } from '../channel.ts'
import { subjectOf, textOf } from '../message.ts'

/** Where alerts are mailed to. */
export interface MailSettings {
  /** `smtp://user:password@host:587` or `smtps://` */
  url: string
  from: string
  to: readonly string[]
}

/** Sends plain text by SMTP. A password is only given over TLS, unless the server is this machine. */
export function mailChannel({ url, from, to }: MailSettings): Channel {
  const address = new URL(url)
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(address.hostname)
  const secure = address.protocol === 'smtps:'
  const transport = createTransport({
    host: address.hostname.replace(/^\[|\]$/g, ''),
    port: Number(address.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && !isLocal,
    ignoreTLS: !secure && isLocal,
    ...(address.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(address.username), pass: decodeURIComponent(address.password) } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
  })
  return {
    name: 'email',
    async send({ messageId, message }) {
      try {
        await transport.sendMail({
          from,
          to: [...to],
          subject: subjectOf(message),
          text: `${textOf(message)}\n`,
          messageId: `<${messageId}@startlist>`,
        })
      } catch (error) {
        // What the server said may quote the address or the password.
        const why = (error as { code?: unknown }).code
        throw new StartlistError(
          'ALERT_UNDELIVERED',
          `the mail server did not take it (${typeof why === 'string' ? why : 'unknown'})`,
          { cause: error },
        )
      }
    },
  }
}
