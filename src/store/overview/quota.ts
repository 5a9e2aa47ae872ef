import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** Calls of an account that count in its rolling hour, by what they were spent for. */
export interface Spent {
  class: string
  /** null for calls that are no event's */
  eventId: string | null
  calls: number
}

/** What is still in an account's window (L2), by class and event, most calls first. */
export async function spentCalls(db: Db, accountId: number): Promise<Spent[]> {
  const result = await sql<Spent>`
    SELECT class, event_id AS "eventId", count(*)::int AS calls FROM api_calls
    WHERE account_id = ${accountId} AND acquired_at > startlist.clock() - interval '3 hours'
      AND greatest(acquired_at, coalesce(ended_at, acquired_at + timeout_ms * interval '1 ms')) + interval '60 minutes'
        >= startlist.clock()
    GROUP BY class, event_id ORDER BY calls DESC, class, event_id`.execute(db)
  return result.rows
}
