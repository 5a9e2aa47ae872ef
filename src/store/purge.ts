import { type RawBuilder, sql } from 'kysely'
import { purgeCalls } from './calls.ts'
import type { Db } from './database.ts'

/** What grows with time and may go by age (D5). */
export const PURGED = ['history', 'changes', 'rejects', 'holds', 'calls'] as const
export type Purged = (typeof PURGED)[number]

const BATCH = 5_000

/** Nothing of an event that is not over before the instant is purged: its feed and its rejects are still wanted. */
const isOver = (row: string, before: number) => sql`NOT EXISTS (
  SELECT FROM startlist.list_events e
  WHERE e.provider = ${sql.ref(`${row}.provider`)} AND e.timing_partner_id = ${sql.ref(`${row}.timing_partner_id`)}
    AND e.list_id = ${sql.ref(`${row}.event_id`)}
    AND coalesce(greatest(e.ends_at, e.starts_at), (greatest(e.end_day, e.start_day) + 2)::timestamptz, 'infinity')
      >= ${instant(before)})`

const instant = (ms: number) => sql`to_timestamp(${ms} / 1000.0::float8)`

/** Rows of a table that are old enough, by their place in it. */
function old(what: Exclude<Purged, 'calls'>, before: number): { table: string; rows: RawBuilder<unknown> } {
  const at = instant(before)
  switch (what) {
    case 'history':
      return {
        table: 'sync_history',
        rows: sql`SELECT ctid FROM sync_history WHERE ended_at < ${at}`,
      }
    case 'changes':
      // The feed of an event loses its beginning only: what is left still has no gap (D4).
      return {
        table: 'participant_changes',
        rows: sql`SELECT c.ctid FROM participant_changes c WHERE c.seen_at < ${at} AND ${isOver('c', before)}
          AND NOT EXISTS (SELECT FROM participant_changes kept WHERE kept.provider = c.provider
            AND kept.timing_partner_id = c.timing_partner_id AND kept.event_id = c.event_id
            AND kept.position < c.position AND kept.seen_at >= ${at})`,
      }
    case 'rejects':
      return {
        table: 'rejected_records',
        rows: sql`SELECT r.ctid FROM rejected_records r WHERE r.last_seen < ${at} AND ${isOver('r', before)}`,
      }
    case 'holds':
      return {
        table: 'holds',
        rows: sql`SELECT ctid FROM holds WHERE decided_at < ${at}`,
      }
  }
}

/**
 * Removes what is older than an instant, in batches that hold their locks for a moment only. Registrations and events
 * stay. The ledger keeps its 25 hours, whatever the instant: it is what keeps the quota.
 * @param before ms since the epoch
 * @param use.dryRun counts only
 * @returns rows, by kind
 */
export async function purgeOlder(
  db: Db,
  before: number,
  { dryRun = false, signal }: { dryRun?: boolean; signal?: AbortSignal } = {},
): Promise<Record<Purged, number>> {
  const counts: Record<Purged, number> = { history: 0, changes: 0, rejects: 0, holds: 0, calls: 0 }
  for (const what of PURGED) {
    if (what === 'calls') {
      if (!dryRun) counts.calls = await untilNone(() => purgeCalls(db), signal)
      continue
    }
    const { table, rows } = old(what, before)
    if (what === 'changes' && !dryRun) await noteFeedEnds(db, before)
    counts[what] = dryRun
      ? await countOf(db, rows)
      : await untilNone(() => removeBatch(db, table, rows), signal)
  }
  return counts
}

/** Before anything goes: a reader who comes between two batches, or after a purge that was cut off, is told. */
async function noteFeedEnds(db: Db, before: number): Promise<void> {
  await sql`
    UPDATE partner_sync p SET feed_purged = ends.until
    FROM partner_sync f CROSS JOIN LATERAL (
      SELECT coalesce(min(c.position) FILTER (WHERE c.seen_at >= ${instant(before)}) - 1, max(c.position)) AS until
      FROM participant_changes c
      WHERE c.provider = f.provider AND c.timing_partner_id = f.timing_partner_id AND c.event_id = f.event_id
    ) AS ends
    WHERE p.provider = f.provider AND p.timing_partner_id = f.timing_partner_id AND p.event_id = f.event_id
      AND ends.until > p.feed_purged AND ${isOver('f', before)}`.execute(db)
}

async function removeBatch(db: Db, table: string, rows: RawBuilder<unknown>): Promise<number> {
  const result =
    await sql`DELETE FROM ${sql.table(table)} WHERE ctid = ANY (ARRAY(${rows} LIMIT ${BATCH}))`.execute(db)
  return Number(result.numAffectedRows ?? 0n)
}

async function countOf(db: Db, rows: RawBuilder<unknown>): Promise<number> {
  const result = await sql<{ n: number }>`SELECT count(*)::float8 AS n FROM (${rows}) AS old`.execute(db)
  return result.rows[0]?.n ?? 0
}

async function untilNone(remove: () => Promise<number>, signal?: AbortSignal): Promise<number> {
  let total = 0
  for (;;) {
    const removed = await remove()
    total += removed
    if (removed === 0 || signal?.aborted) return total
  }
}
