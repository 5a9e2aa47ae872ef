import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** What changes a plan without a pass having finished. Instants in ms since the epoch. */

/** A pass is tried now; returns the database's instant, ms since the epoch. */
export async function markTried(db: Db, accountId: number, eventId: string): Promise<number> {
  const result = await sql<{ at: number }>`
    INSERT INTO sync_state (account_id, event_id, tried_at) VALUES (${accountId}, ${eventId}, startlist.clock())
    ON CONFLICT (account_id, event_id) DO UPDATE SET tried_at = startlist.clock()
    RETURNING (extract(epoch FROM tried_at) * 1000)::float8 AS at`.execute(db)
  return result.rows[0]?.at ?? 0
}

/** What an event has to do is thought over before the next call. */
export async function markStale(db: Db | Trx, accountId: number, eventId: string): Promise<void> {
  await sql`UPDATE sync_state SET replan_at = '-infinity'
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(db)
}

/** Plans of all accounts are made again: another release may plan differently. */
export async function markAllStale(db: Db): Promise<void> {
  await sql`UPDATE sync_state SET replan_at = '-infinity' WHERE replan_at IS DISTINCT FROM '-infinity'`.execute(
    db,
  )
}

/**
 * After a failure an event is tried again later than its cadence says: `baseMs`, doubling with every failure in a row,
 * at most `mostMs`.
 */
export async function putOff(
  db: Db,
  at: { accountId: number; eventId: string },
  { baseMs, mostMs }: { baseMs: number; mostMs: number },
): Promise<void> {
  await sql`
    UPDATE sync_state SET replan_at = '-infinity', asked_at = NULL,
      retry_at = startlist.clock()
        + least(${baseMs}::float8 * power(2, least(greatest(failures - 1, 0), 20)), ${mostMs}::float8) * interval '1 ms'
    WHERE account_id = ${at.accountId} AND event_id = ${at.eventId}`.execute(db)
}

/** "Sync now": the event's next call is this one, and whoever plans for its account is woken. */
export async function askFor(db: Db, accountId: number, eventId: string): Promise<void> {
  await sql`
    WITH asked AS (
      UPDATE sync_state SET asked_at = startlist.clock() WHERE account_id = ${accountId} AND event_id = ${eventId})
    SELECT pg_notify('startlist_wake', ${String(accountId)})`.execute(db)
}

/** Whether somebody waits for it already. */
export async function isAskedFor(db: Db | Trx, accountId: number, eventId: string): Promise<boolean> {
  const { rows } = await sql<{ asked: boolean }>`
    SELECT asked_at IS NOT NULL AS asked FROM sync_state
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(db)
  return rows[0]?.asked ?? false
}
