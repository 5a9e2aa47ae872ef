import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { feedJson } from '../feed/entry-json.ts'
import type { Db } from '../store/database.ts'
import { type FeedEntry, feedSpan, readFeed } from '../store/overview/feed.ts'
import { open } from '../store/secrets.ts'
import { listWebhooks, secretContext, type Webhook, webhookSecret } from '../store/webhooks/book.ts'
import {
  claimDelivery,
  type DueDelivery,
  dueWebhooks,
  type Ending,
  endTry,
  forgetDeliveries,
  makeDeliveries,
} from '../store/webhooks/deliveries.ts'
import { assertAllowedHost, guardedLookup } from './addresses.ts'
import { post, Unanswered } from './post.ts'

/** What deliveries are made with. */
export interface DeliverySources {
  db: Db
  clock: Clock
  /** Opens the secrets. */
  key: string
  /** Private networks that webhooks may be in. */
  networks: readonly string[]
}

/** Who is told of what did not work. */
export interface DeliveryReport {
  undeliveredChanges(failed: { webhookId: number; deliveryId: string; attempts: number; error: string }): void
  webhookDisabled(disabled: { webhookId: number; reason: string }): void
  problem(error: unknown): void
}

/** Longest wait for a receiver's answer, ms. */
const PATIENCE_MS = 5_000
/** The receiver wants nothing any more. */
const GONE = 410

/**
 * Makes deliveries of what is new, and sends those whose turn it is: webhooks beside each other, each one's deliveries
 * one by one until none is left or one does not arrive. Any number of processes can; a delivery is with one of them.
 */
export async function deliverChanges(
  sources: DeliverySources,
  report: DeliveryReport,
  signal: AbortSignal,
): Promise<void> {
  for (let made = true; made && !signal.aborted; ) {
    made = (await makeDeliveries(sources.db)) > 0
    const due = await dueWebhooks(sources.db)
    const ended = await Promise.allSettled(due.map((id) => deliverTo(sources, id, report, signal)))
    for (const one of ended) if (one.status === 'rejected') report.problem(one.reason)
  }
  await forgetDeliveries(sources.db)
}

async function deliverTo(
  sources: DeliverySources,
  webhookId: number,
  report: DeliveryReport,
  signal: AbortSignal,
): Promise<void> {
  const [webhook] = await listWebhooks(sources.db, { webhookId })
  const sealed = await webhookSecret(sources.db, webhookId)
  if (webhook === undefined || sealed === null) return
  // Before anything is claimed: a wrong key costs no try.
  const secret = await open(sources.key, secretContext(webhookId), sealed)
  while (!signal.aborted) {
    const due = await claimDelivery(sources.db, webhookId)
    if (due === null) return
    const body = await bodyOf(sources, due)
    const ending = await send(sources, webhook, { secret, id: idOf(due.deliveryId), body })
    const reason = await endTry(sources.db, webhookId, due, ending)
    if (reason !== null) report.webhookDisabled({ webhookId, reason })
    if (ending.error === null) continue
    const { deliveryId, attempts } = due
    report.undeliveredChanges({ webhookId, deliveryId, attempts, error: ending.error })
    return
  }
}

/**
 * Sends a message that says nothing, at once.
 * @throws StartlistError WEBHOOK_UNDELIVERED, KEY_WRONG
 */
export async function sendTest(sources: DeliverySources, webhook: Webhook): Promise<void> {
  const sealed = await webhookSecret(sources.db, webhook.webhookId)
  const secret = await open(sources.key, secretContext(webhook.webhookId), sealed ?? '')
  const id = idOf(crypto.randomUUID())
  const timestamp = new Date(sources.clock.now()).toISOString()
  const body = JSON.stringify({ type: 'startlist.test', event_id: id, timestamp, data: {} })
  const { error } = await send(sources, webhook, { secret, id, body })
  if (error !== null) throw new StartlistError('WEBHOOK_UNDELIVERED', error)
}

const idOf = (deliveryId: string): string => `msg_${deliveryId}`

async function send(
  { clock, networks }: DeliverySources,
  { url, mayBeLocal }: Webhook,
  message: { secret: string; id: string; body: string },
): Promise<Ending> {
  const rules = { networks, mayBeLocal }
  try {
    const status = await post({
      ...message,
      url,
      at: clock.now(),
      patienceMs: PATIENCE_MS,
      lookup: guardedLookup(rules),
      assertAddress: (address) => assertAllowedHost(address, rules),
    })
    const isTaken = status >= 200 && status <= 299
    return { status, error: isTaken ? null : `the webhook answered ${status}`, gone: status === GONE }
  } catch (error) {
    if (error instanceof Unanswered || error instanceof StartlistError)
      return { status: null, error: error.message, gone: false }
    throw error
  }
}

/** Read anew at every try: somebody who was forgotten meanwhile is in no later one. */
async function bodyOf({ db, clock }: DeliverySources, due: DueDelivery): Promise<string> {
  const { purged } = await feedSpan(db, due)
  const after = Math.max(due.after, purged)
  const entries: FeedEntry[] = after >= due.until ? [] : await readFeed(db, due, after, due.until - after)
  return JSON.stringify({
    type: 'startlist.changes',
    event_id: idOf(due.deliveryId),
    timestamp: new Date(clock.now()).toISOString(),
    data: {
      event: `${due.provider}:${due.partnerId}:${due.eventId}`,
      after: due.after,
      until: due.until,
      changes: entries.map(feedJson),
      // The receiver was away for so long that a purge took the beginning.
      ...(after > due.after ? { purgedUntil: Math.min(after, due.until) } : {}),
    },
  })
}
