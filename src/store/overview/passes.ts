import { sql } from 'kysely'
import type { Db } from '../database.ts'
import { TURNS_APPLICATION } from '../turns.ts'

/** What became of the passes over one event of one account, and how far a sweep under way is. Instants in ms since the epoch. */
export interface EventPasses {
  accountId: number
  eventId: string
  /** our clock when the last finished pass began: the age of the list counts from here (P1) */
  beganAt: number | null
  sweptAt: number | null
  completeAt: number | null
  triedAt: number | null
  /** after a failure: not before this */
  retryAt: number | null
  /** as planned last; a plan may be stale */
  dueAt: number | null
  sweepDueAt: number | null
  /** registrations that the last finished sweep listed; null before the first */
  listed: number | null
  /** the list moved while it was read, and its head is to be read once more (W1) */
  headOwed: boolean
  /** Null when no sweep is under way. */
  sweep: SweepProgress | null
}

/** How far a sweep has come (W3). */
export interface SweepProgress {
  /** pages read */
  pages: number
  /** registrations seen, each once */
  rows: number
  /** registrations in all, as every page said; null where the provider does not say */
  total: number | null
  /** rows a page; null before the first */
  pageSize: number | null
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

/** The passes of these events, in no order; an event that nobody has looked at yet is left out. */
export async function readPasses(
  db: Db,
  events: readonly { accountId: number; eventId: string }[],
): Promise<EventPasses[]> {
  const result = await sql<EventPasses>`
    SELECT s.account_id AS "accountId", s.event_id AS "eventId", ${ms('s.began_at')} AS "beganAt",
      ${ms('s.swept_at')} AS "sweptAt", ${ms('s.complete_at')} AS "completeAt", ${ms('s.tried_at')} AS "triedAt",
      ${ms('s.retry_at')} AS "retryAt", ${ms('s.due_at')} AS "dueAt", ${ms('s.sweep_due_at')} AS "sweepDueAt", s.listed,
      s.head_owed AS "headOwed",
      CASE WHEN s.pass ? 'walk' THEN jsonb_build_object(
        'pages', s.pass #> '{walk,page}', 'rows', s.pass #> '{walk,distinct}', 'pageSize', s.pass #> '{walk,size}',
        'total', CASE WHEN (s.pass #>> '{walk,totalsAgree}')::boolean THEN s.pass #> '{walk,lastTotal}' END) END AS sweep
    FROM sync_state s
    JOIN unnest(${events.map((e) => e.accountId)}::int[], ${events.map((e) => e.eventId)}::text[])
      AS k (account_id, event_id) ON k.account_id = s.account_id AND k.event_id = s.event_id`.execute(db)
  return result.rows
}

/** Whether a `run` works on this database, on whatever machine: it keeps connections for its turns. */
export async function isKeptByRun(db: Db): Promise<boolean> {
  const result = await sql<{ running: boolean }>`
    SELECT EXISTS (SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = ${TURNS_APPLICATION}) AS running`.execute(db)
  return result.rows[0]?.running ?? false
}
