import { StartlistError } from '../domain/errors.ts'
import {
  addWebhook,
  enableWebhook,
  listWebhooks,
  removeWebhook,
  type Webhook,
} from '../store/webhooks/book.ts'
import { assertWebhookUrl } from '../webhooks/addresses.ts'
import { sendTest } from '../webhooks/deliver.ts'
import { newSecret } from '../webhooks/secret.ts'
import { requirePartner } from './accounts.ts'
import type { Command } from './cli.ts'
import { idOption, optionalId } from './options.ts'
import { withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age } from './times.ts'

/** `webhooks add`: posts a timing partner's changes to an address; the signing secret is shown this once. */
export const add: Command<{ partner: string; url: string }> = (cli, { partner, url }) => {
  const partnerId = idOption(partner, '--partner')
  return withSession(cli, {}, async ({ db, key, config }) => {
    const { name } = await requirePartner(db, partnerId)
    assertWebhookUrl(url, { networks: config.webhookNetworks, mayBeLocal: true })
    const secret = newSecret()
    const webhookId = await addWebhook(db, key, { partnerId, url, secret, mayBeLocal: true })
    cli.out.record({ id: webhookId, partnerId, url, secret })
    cli.out.line(secret)
    cli.out.note(
      `Webhook ${webhookId} tells of what changes for ${name} from now on, while startlist run runs.`,
    )
    cli.out.note('This secret signs what it sends. It is not shown again.')
    return 0
  })
}

/** `webhooks list`: never the secrets. */
export const list: Command<{ partner?: string }> = (cli, { partner }) => {
  const partnerId = optionalId(partner, '--partner')
  return withSession(cli, {}, async ({ db, clock }) => {
    const webhooks = await listWebhooks(db, partnerId === undefined ? {} : { partnerId })
    const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
    for (const { webhookId: id, madeAt, failingSince, disabledAt, ...webhook } of webhooks) {
      const times = { madeAt: iso(madeAt), failingSince: iso(failingSince), disabledAt: iso(disabledAt) }
      cli.out.record({ id, ...webhook, ...times })
    }
    if (webhooks.length === 0) cli.out.line('There is no webhook: startlist webhooks add --help')
    else
      cli.out.table(
        COLUMNS,
        webhooks.map((webhook) => rowOf(webhook, clock.now())),
      )
    return 0
  })
}

/** `webhooks test`: sends a message now; one that arrives switches a webhook on again. */
export const test: Command<{ id: string }> = (cli, options) => {
  const webhookId = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db, clock, key, config }) => {
    const [webhook] = await listWebhooks(db, { webhookId })
    if (webhook === undefined) throw unknown(webhookId)
    await sendTest({ db, clock, key, networks: config.webhookNetworks }, webhook)
    await enableWebhook(db, webhookId)
    cli.out.record({ id: webhookId, ok: true, enabled: webhook.disabledAt !== null })
    cli.out.line(`Webhook ${webhookId} took it.`)
    if (webhook.disabledAt !== null) cli.out.line('It is switched on again, and is sent what it has missed.')
    return 0
  })
}

/** `webhooks remove`: nothing is sent to it any more. */
export const remove: Command<{ id: string }> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db }) => {
    if (!(await removeWebhook(db, id))) throw unknown(id)
    cli.out.record({ id, removed: true })
    cli.out.line(`Webhook ${id} is removed.`)
    return 0
  })
}

const unknown = (id: number) => new StartlistError('NO_SUCH_WEBHOOK', `there is no webhook ${id}`)

const COLUMNS: Column[] = [
  { head: 'Id', align: 'right' },
  { head: 'P', align: 'right' },
  { head: 'Address', shrink: true, least: 16 },
  { head: 'State', shrink: true, least: 8 },
  { head: 'Waiting', align: 'right' },
  { head: 'Given up', align: 'right', optional: true },
]

function rowOf(webhook: Webhook, now: number): Cell[] {
  const { webhookId, partnerId, url, waiting, givenUp } = webhook
  return [String(webhookId), String(partnerId), url, stateOf(webhook, now), String(waiting), String(givenUp)]
}

function stateOf({ disabledReason, failingSince }: Webhook, now: number): Cell {
  if (disabledReason !== null) return { text: `off: ${disabledReason}`, style: 'red' }
  return failingSince === null
    ? { text: 'on', style: 'green' }
    : { text: `failing for ${age(failingSince, now)}`, style: 'yellow' }
}
