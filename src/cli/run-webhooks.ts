import type { FeedHub } from '../feed/hub.ts'
import { type DeliveryReport, deliverChanges } from '../webhooks/deliver.ts'
import type { Session } from './session.ts'

/** Retries that fall due, and what was notified to nobody, are found within this. */
const LOOK_MS = 5_000
/** Pages of a sweep come in a row: one delivery for some of them. */
const GATHER_MS = 500

type WebhookSession = Pick<Session, 'db' | 'clock' | 'key'> & {
  config: Pick<Session['config'], 'webhookNetworks'>
}

/** Posts what changes to webhooks until it is told to stop; that ends with the posts under way. */
export function startWebhooks(
  session: WebhookSession,
  hub: FeedHub,
  report: DeliveryReport,
): { stop(): Promise<void> } {
  const ending = new AbortController()
  const working = keepDelivering(session, hub, report, ending.signal)
  return {
    stop() {
      ending.abort()
      return working
    },
  }
}

async function keepDelivering(
  { db, clock, key, config }: WebhookSession,
  hub: FeedHub,
  report: DeliveryReport,
  signal: AbortSignal,
): Promise<void> {
  const sources = { db, clock, key, networks: config.webhookNetworks }
  const news = hub.watch(signal)
  const look = () => {
    const next = news.next()
    // It may end while posts are under way and nobody waits for it: that is no error of anybody's.
    next.catch(() => {})
    return next
  }
  let next = look()
  while (!signal.aborted) {
    try {
      await deliverChanges(sources, report, signal)
    } catch (error) {
      if (!signal.aborted) report.problem(error)
    }
    const waiting = new AbortController()
    const either = AbortSignal.any([signal, waiting.signal])
    try {
      const came = await Promise.race([next.then(() => true), clock.sleep(LOOK_MS, either).then(() => false)])
      if (came) {
        next = look()
        await clock.sleep(GATHER_MS, signal)
      }
    } catch (error) {
      if (!signal.aborted) report.problem(error)
    } finally {
      waiting.abort()
    }
  }
  await next.catch(() => {})
}
