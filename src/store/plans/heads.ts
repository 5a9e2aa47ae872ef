import { sql } from 'kysely'
import type { Db } from '../database.ts'

/**
 * What an account has to do next, read by index and never whole: an account may have a hundred thousand events, and is
 * asked again before every call. Instants in ms since the epoch.
 */

type Sql = ReturnType<typeof sql>

/** Asked once per statement: a function that may change between rows cannot bound the scan of an index. */
const PRESENT = sql`(SELECT startlist.clock())`

/** A poll that is due, or the next that will be. */
export interface PollHead {
  eventId: string
  due: number
  every: number
  /** Infinity without a date */
  start: number
  asked: boolean
}

/** Of each interval so many polls are read: those due first, some of which may be under way. */
const HEADS_OF_INTERVAL = 8

/** The intervals of an account's polls, each found by one step over the index. */
const intervalsOf = (accountId: number) => sql`intervals (every_ms) AS (
      (SELECT every_ms FROM sync_state WHERE account_id = ${accountId} AND due_at IS NOT NULL
        ORDER BY every_ms LIMIT 1)
      UNION ALL
      SELECT (SELECT s.every_ms FROM sync_state s
        WHERE s.account_id = ${accountId} AND s.due_at IS NOT NULL AND s.every_ms > i.every_ms
        ORDER BY s.every_ms LIMIT 1)
      FROM intervals i WHERE i.every_ms IS NOT NULL
    )`

/** A person's own wishes first, then of each interval the polls that are due first. */
export async function pollHeads(db: Db, accountId: number): Promise<PollHead[]> {
  const result = await sql<PollHead & { start: number | null }>`
    WITH RECURSIVE ${intervalsOf(accountId)}, heads AS (
      SELECT s.* FROM sync_state s WHERE s.account_id = ${accountId} AND s.asked_at IS NOT NULL
      UNION
      SELECT h.* FROM intervals i CROSS JOIN LATERAL (
        SELECT s.* FROM sync_state s
        WHERE s.account_id = ${accountId} AND s.every_ms = i.every_ms AND s.due_at IS NOT NULL
        ORDER BY s.due_at LIMIT ${HEADS_OF_INTERVAL}) h
    )
    SELECT event_id AS "eventId", coalesce(extract(epoch FROM due_at) * 1000, 0)::float8 AS due,
      coalesce(every_ms, 60000)::float8 AS every, asked_at IS NOT NULL AS asked,
      CASE WHEN isfinite(urgent_at) THEN (extract(epoch FROM urgent_at) * 1000)::float8 END AS start
    FROM heads`.execute(db)
  return result.rows.map((row) => ({ ...row, start: row.start ?? Number.POSITIVE_INFINITY }))
}

/** Events that are polled alike, for the demand of the next hour. Durations in ms from now. */
export interface GroupRow {
  count: number
  dueIn: number
  every: number
  changesIn: number | null
  nextEvery: number | null
  isFar: boolean
}

/**
 * Of each interval so many polls are counted, those due first: beyond it an account is overloaded many times over,
 * and by how many times no longer matters.
 */
const COUNTED_OF_INTERVAL = 4_000

/** Polls that fall into the next hour, in groups of one interval and one quarter of a minute. */
export async function pollGroups(db: Db, accountId: number): Promise<GroupRow[]> {
  const result = await sql<GroupRow>`
    WITH RECURSIVE ${intervalsOf(accountId)}, present AS MATERIALIZED (SELECT startlist.clock() AS now), ahead AS (
      SELECT greatest(-1, floor(extract(epoch FROM due_at - now) / 15)) * 15000 AS due_in, s.every_ms,
        CASE WHEN replan_at < now + interval '1 hour' AND replan_at > now
          THEN floor(extract(epoch FROM replan_at - now) / 15) * 15000 END AS changes_in,
        next_every_ms, urgent_at - now > interval '24 hours' AS is_far
      FROM present CROSS JOIN intervals i CROSS JOIN LATERAL (
        SELECT * FROM sync_state
        WHERE account_id = ${accountId} AND every_ms = i.every_ms AND due_at < now + interval '1 hour'
        ORDER BY due_at LIMIT ${COUNTED_OF_INTERVAL}) s)
    SELECT count(*)::int AS count, due_in::float8 AS "dueIn", every_ms::float8 AS every,
      changes_in::float8 AS "changesIn", CASE WHEN changes_in IS NULL THEN NULL ELSE next_every_ms::float8 END AS "nextEvery",
      is_far AS "isFar"
    FROM ahead GROUP BY 2, 3, 4, 5, 6`.execute(db)
  return result.rows
}

/** An event that has something to do which is no poll. */
export interface WorkHead {
  eventId: string
  start: number
}

const HEADS_OF_WORK = 4

const head = sql`event_id AS "eventId", (CASE WHEN isfinite(urgent_at) THEN extract(epoch FROM urgent_at) * 1000 END)::float8 AS start`

const asHeads = (rows: { eventId: string; start: number | null }[]): WorkHead[] =>
  rows.map(({ eventId, start }) => ({ eventId, start: start ?? Number.POSITIVE_INFINITY }))

/** Events that owe details which may be read now, soonest start first (F2). */
export async function detailHeads(db: Db, accountId: number): Promise<WorkHead[]> {
  const result = await sql<WorkHead>`
    SELECT ${head} FROM sync_state WHERE account_id = ${accountId} AND details_due_at <= ${PRESENT}
    ORDER BY urgent_at < ${PRESENT} - interval '1 day', urgent_at, event_id LIMIT ${HEADS_OF_WORK}`.execute(
    db,
  )
  return asHeads(result.rows)
}

/** Events with details over their limit, soonest start first (F4). */
export async function roundHeads(db: Db, accountId: number): Promise<WorkHead[]> {
  const result = await sql<WorkHead>`
    SELECT ${head} FROM sync_state WHERE account_id = ${accountId} AND round_due_at <= ${PRESENT}
    ORDER BY urgent_at < ${PRESENT} - interval '1 day', urgent_at, round_due_at, event_id LIMIT ${HEADS_OF_WORK}`.execute(
    db,
  )
  return asHeads(result.rows)
}

/** An event whose sweep is due. */
export interface SweepHead extends WorkHead {
  /** No sweep has finished yet: it is backfill. */
  first: boolean
  /** It has been raced. */
  over: boolean
  large: boolean
}

/** Pages of one event that are read before the next event's turn (P2). */
const PAGES_IN_A_ROW = 4
/** An event that listed more is large, and goes last (P2). */
const LARGE_EVENT = 1_000

/** The size that a pass under way or the last sweep has shown is the only guess; the index of first sweeps reads alike. */
const large = sql`(greatest(coalesce((pass #>> '{walk,distinct}')::int, 0), coalesce(listed, 0)) > ${sql.lit(LARGE_EVENT)})`
const round = sql`(CASE WHEN ${large} THEN 0 ELSE coalesce((pass #>> '{walk,page}')::int, 0) / ${sql.lit(PAGES_IN_A_ROW)} END)`

/**
 * Sweeps that are due, some of each kind, so that none hides another: first sweeps, a few pages of every event and then
 * the next few, large events last; last sweeps of events that were raced; sweeps of races within a day, soonest first;
 * sweeps of the other events, longest due first.
 */
export async function sweepHeads(db: Db, accountId: number): Promise<SweepHead[]> {
  const raced = sql`(due_at IS NULL AND isfinite(urgent_at) AND urgent_at < ${PRESENT})`
  const of = (kind: Sql, order: Sql) => sql`
    (SELECT ${head}, complete_at IS NULL AS first, ${raced} AS over, ${large} AS large FROM sync_state
      WHERE account_id = ${accountId} AND sweep_due_at <= ${PRESENT} AND ${kind}
      ORDER BY ${order} LIMIT ${HEADS_OF_WORK})`
  const again = sql`complete_at IS NOT NULL AND due_at IS NOT NULL`
  const soon = sql`${PRESENT} + interval '1 day'`
  const result = await sql<SweepHead>`
    ${of(sql`complete_at IS NULL`, sql`${large}, ${round}, urgent_at, event_id`)}
    UNION ALL ${of(sql`complete_at IS NOT NULL AND due_at IS NULL`, sql`sweep_due_at`)}
    UNION ALL ${of(sql`${again} AND urgent_at <= ${soon}`, sql`urgent_at`)}
    UNION ALL ${of(sql`${again} AND urgent_at > ${soon}`, sql`sweep_due_at`)}`.execute(db)
  return result.rows.map((row) => ({ ...row, start: row.start ?? Number.POSITIVE_INFINITY }))
}

/** When anything of an account falls due that is not due yet; null for nothing. */
export async function nextWorkAt(db: Db, accountId: number): Promise<number | null> {
  const first = (column: 'sweep_due_at' | 'details_due_at' | 'round_due_at' | 'replan_at') => sql`
    (SELECT min(${sql.ref(column)}) FROM sync_state WHERE account_id = ${accountId}
      AND ${sql.ref(column)} > ${PRESENT} AND isfinite(${sql.ref(column)}))`
  const result = await sql<{ at: number | null }>`
    SELECT (extract(epoch FROM least(${first('sweep_due_at')}, ${first('details_due_at')}, ${first('round_due_at')},
      ${first('replan_at')})) * 1000)::float8 AS at`.execute(db)
  return result.rows[0]?.at ?? null
}
