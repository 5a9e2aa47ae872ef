import { sql } from 'kysely'
import type { Db, Trx } from './database.ts'
import { doubled } from './participants/set-aside.ts'
import { inEvents, inList, type ParticipantTable } from './participants/table.ts'

/** Which keys a sweep has seen: presence lives beside the rows, so that an unchanged row is never written (D1). */
interface SweepKey {
  accountId: number
  eventId: string
  pass: number
}

/** Marks keys as seen; returns how many of them this sweep had not seen before. */
export async function markSeen(trx: Trx, at: SweepKey, keys: readonly string[]): Promise<number> {
  const result = await sql`
    INSERT INTO sweep_seen (account_id, event_id, pass, key)
    SELECT ${at.accountId}, ${at.eventId}, ${at.pass}, key FROM unnest(${keys}::text[]) AS key
    ON CONFLICT DO NOTHING`.execute(trx)
  return Number(result.numAffectedRows ?? 0n)
}

/** How many keys a sweep has seen, those that polls beside it have met included. */
export async function countSeen(db: Db, at: SweepKey): Promise<number> {
  const result = await sql<{ seen: number }>`
    SELECT count(*)::int AS seen FROM sweep_seen
    WHERE account_id = ${at.accountId} AND event_id = ${at.eventId} AND pass = ${at.pass}`.execute(db)
  return result.rows[0]?.seen ?? 0
}

/** Forgets what sweeps of this event have seen: at a restart of the list, and when a sweep is over. */
export async function forgetSeen(trx: Trx, accountId: number, eventId: string): Promise<void> {
  await sql`DELETE FROM sweep_seen WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(trx)
}

/**
 * Live rows that a finished sweep did not show: stored before its first page, seen by no pass since (A1). Rows of all
 * given partners count once; adopted ones, which no pass has met, were there before the first. Those whose removal a
 * person discarded stay, and are not looked for again (A2).
 * @returns how many rows were known, and the keys of at most `limit` absent ones with the count of all; and of at most
 *   `limit` registrations that have several rows: where they are cannot be told before one of them is put aside
 */
export async function absentRows(
  trx: Trx,
  shape: ParticipantTable,
  at: SweepKey & { partnerIds: readonly number[]; events: readonly string[] },
  limit: number,
): Promise<{ known: number; absent: number; keys: string[]; doubled: string[] }> {
  const result = await sql<{ known: number; absent: number; keys: string[] | null; doubled: string[] }>`
    WITH live AS (
      SELECT p.${sql.ref(shape.key)}::text AS key, coalesce(min(p.list_pass), 0) AS list_pass FROM ${sql.table(shape.table)} p
      WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ANY (${at.partnerIds}::int[])
        AND ${inEvents(shape, at.events)} AND p.removed_at IS NULL AND p.${sql.ref(shape.key)} IS NOT NULL
      GROUP BY 1
    ), kept AS (
      SELECT DISTINCT jsonb_array_elements_text(keys) AS key FROM holds
      WHERE account_id = ${at.accountId} AND event_id = ${at.eventId} AND kind = 'removal' AND state = 'discarded'
    ), gone AS (
      SELECT key FROM live WHERE live.list_pass < ${at.pass} AND NOT EXISTS (
        SELECT FROM sweep_seen s WHERE s.account_id = ${at.accountId} AND s.event_id = ${at.eventId}
          AND s.pass = ${at.pass} AND s.key = live.key)
        AND NOT EXISTS (SELECT FROM kept WHERE kept.key = live.key)
    )
    SELECT (SELECT count(*)::int FROM live) AS known, (SELECT count(*)::int FROM gone) AS absent,
      (SELECT array_agg(key) FROM (SELECT key FROM gone ORDER BY key LIMIT ${limit}) AS listed) AS keys,
      ARRAY(${doubled(shape, at)} LIMIT ${limit}) AS doubled`.execute(trx)
  const row = result.rows[0]
  return {
    known: row?.known ?? 0,
    absent: row?.absent ?? 0,
    keys: row?.keys ?? [],
    doubled: row?.doubled ?? [],
  }
}

/** A key that this sweep has seen, for a proof that single reads work; null for an empty list. */
export async function anySeen(db: Db, at: SweepKey): Promise<string | null> {
  const result = await sql<{ key: string }>`
    SELECT key FROM sweep_seen WHERE account_id = ${at.accountId} AND event_id = ${at.eventId} AND pass = ${at.pass}
      AND key NOT LIKE '#%' LIMIT 1`.execute(db)
  return result.rows[0]?.key ?? null
}
