import type { ApiServices } from '../api/v1/context.ts'
import { FeedHub } from '../feed/hub.ts'
import { createLink } from '../store/api-sessions.ts'
import { openDatabase } from '../store/database.ts'
import type { Session } from './session.ts'

/** Connections of the API: a flood of requests waits for these, and never takes those of turns. */
const API_CONNECTIONS = 6
/** A request that would take longer is answered with an error. */
const LONGEST_STATEMENT_MS = 15_000
const LONGEST_WAIT_MS = 5_000

/** What /v1 works with while `run` runs. */
export function openApi(
  { url, clock, config, key }: Session,
  onProblem: (error: unknown) => void,
): { services: ApiServices; close(): Promise<void> } {
  const db = openDatabase(url, {
    max: API_CONNECTIONS,
    applicationName: 'startlist api',
    statementTimeoutMs: LONGEST_STATEMENT_MS,
    lockTimeoutMs: LONGEST_WAIT_MS,
    connectTimeoutMs: LONGEST_WAIT_MS,
  })
  // Those who follow a feed wait here as well.
  const hub = new FeedHub({ db, url, clock, onProblem })
  return { services: { db, clock, config, key, hub }, close: () => db.destroy() }
}

/**
 * A link that signs an administrator in, once: for the embedded database, whose user is at this machine. The secret
 * stands behind `#`, which no browser sends to a server. Null with a database of one's own: there are tokens for it.
 * @param address where the API listens; null where it does not
 */
export async function signInLink({ db, config }: Session, address: string | null): Promise<string | null> {
  if (address === null || config.databaseUrl !== null) return null
  return `${address}/#/sign-in?token=${await createLink(db)}`
}
