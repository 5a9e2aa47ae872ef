import { sql } from 'kysely'
import type { Db, Trx } from './database.ts'

/** When an account's events were last looked for, and for whom. */
export interface Discovery {
  /** ms since the epoch; null when never */
  at: number | null
  wholeAt: number | null
  /** Events known, missing ones included. */
  events: number
  /** Timing partners that have received events of this account. */
  partnerIds: number[]
}

export async function readDiscovery(db: Db, accountId: number): Promise<Discovery> {
  const result = await sql<Discovery>`
    SELECT (extract(epoch FROM discovered_at) * 1000)::float8 AS at,
      (extract(epoch FROM discovered_whole_at) * 1000)::float8 AS "wholeAt",
      (SELECT count(DISTINCT event_id)::int FROM startlist.list_events e WHERE e.account_id = a.account_id) AS events,
      coalesce((SELECT array_agg(DISTINCT timing_partner_id) FROM startlist.list_events e WHERE e.account_id = a.account_id), '{}')
        AS "partnerIds"
    FROM accounts a WHERE account_id = ${accountId}`.execute(db)
  return result.rows[0] ?? { at: null, wholeAt: null, events: 0, partnerIds: [] }
}

/** A discovery finished, by a whole walk or down to the known past. */
export async function markDiscovered(trx: Trx, accountId: number, whole: boolean): Promise<void> {
  await sql`
    UPDATE accounts SET discovered_at = startlist.clock(),
      discovered_whole_at = CASE WHEN ${whole} THEN startlist.clock() ELSE discovered_whole_at END
    WHERE account_id = ${accountId}`.execute(trx)
}

/** How many of these lists the account has. */
export async function countKnownLists(
  db: Db,
  accountId: number,
  listIds: readonly string[],
): Promise<number> {
  const result = await sql<{ known: number }>`
    SELECT count(DISTINCT list_id)::int AS known FROM startlist.list_events
    WHERE account_id = ${accountId} AND list_id = ANY (${listIds}::text[])`.execute(db)
  return result.rows[0]?.known ?? 0
}
