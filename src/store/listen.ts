import pg from 'pg'
import type { Clock } from '../domain/clock.ts'
import { asDatabaseError } from './database-error.ts'

/** What a database connection that listens is for. */
export interface Listener {
  onNotification(channel: string, payload: string): void
  /** Listening, from now on; what was said before, or while the connection was away, was missed. */
  onListening(): void
  onProblem(error: unknown): void
}

const CONNECT_MS = 10_000
/** A connection that died without a word is noticed within this and the time for an answer. */
const PROBE_MS = 15_000
const ANSWER_MS = 10_000
const PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000

/** Listens on a connection of its own, made again whenever it breaks, until the signal is aborted. */
export async function listenTo(
  { url, clock, signal }: { url: string; clock: Clock; signal: AbortSignal },
  channels: readonly string[],
  listener: Listener,
): Promise<void> {
  let pause = PAUSE_MS
  while (!signal.aborted) {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'startlist-listen',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    })
    const onAbort = () => void client.end().catch(() => {})
    try {
      const broken = new Promise<never>((_, reject) => {
        client.on('error', reject)
        client.on('end', () => reject(new Error('Connection terminated')))
      })
      broken.catch(() => {})
      client.on('notification', ({ channel, payload }) => listener.onNotification(channel, payload ?? ''))
      await client.connect()
      signal.addEventListener('abort', onAbort, { once: true })
      await client.query(channels.map((channel) => `LISTEN ${client.escapeIdentifier(channel)}`).join('; '))
      pause = PAUSE_MS
      listener.onListening()
      for (;;) {
        await Promise.race([broken, clock.sleep(PROBE_MS, signal)])
        await Promise.race([broken, client.query('SELECT 1')])
      }
    } catch (error) {
      if (!signal.aborted) listener.onProblem(asDatabaseError(error, url))
    } finally {
      signal.removeEventListener('abort', onAbort)
      await client.end().catch(() => {})
    }
    await clock.sleep(pause, signal).catch(() => {})
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
  }
}
