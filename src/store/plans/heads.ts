import { sql } from 'kysely'
import type { Db } from '../database.ts'

/**
 * What an account has to do next, read by index and never whole: an account may have a hundred thousand events, and is
 * asked again before every call. Instants in ms since the epoch.
 */

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

/** A person's own wishes first, then of each interval the polls that are due first. */
export async function pollHeads(db: Db, accountId: number): Promise<PollHead[]> {
  const result = await sql<PollHead & { start: number | null }>`
    WITH RECURSIVE intervals (every_ms) AS (
      (SELECT every_ms FROM sync_state WHERE account_id = ${accountId} AND due_at IS NOT NULL
        ORDER BY every_ms LIMIT 1)
      UNION ALL
      SELECT (SELECT s.every_ms FROM sync_state s
        WHERE s.account_id = ${accountId} AND s.due_at IS NOT NULL AND s.every_ms > i.every_ms
        ORDER BY s.every_ms LIMIT 1)
      FROM intervals i WHERE i.every_ms IS NOT NULL
    ), heads AS (
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

/** Polls that fall into the next hour, in groups of one interval and one quarter of a minute. */
export async function pollGroups(db: Db, accountId: number): Promise<GroupRow[]> {
  const result = await sql<GroupRow>`
    WITH present AS MATERIALIZED (SELECT startlist.clock() AS now), ahead AS (
      SELECT greatest(-1, floor(extract(epoch FROM due_at - now) / 15)) * 15000 AS due_in, every_ms,
        CASE WHEN replan_at < now + interval '1 hour' AND replan_at > now
          THEN floor(extract(epoch FROM replan_at - now) / 15) * 15000 END AS changes_in,
        next_every_ms, urgent_at - now > interval '24 hours' AS is_far
      FROM sync_state, present
      WHERE account_id = ${accountId} AND due_at < now + interval '1 hour')
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
    SELECT ${head} FROM sync_state WHERE account_id = ${accountId} AND details_due_at <= startlist.clock()
    ORDER BY urgent_at < startlist.clock() - interval '1 day', urgent_at, event_id LIMIT ${HEADS_OF_WORK}`.execute(
    db,
  )
  return asHeads(result.rows)
}

/** Events with details over their limit, soonest start first (F4). */
export async function roundHeads(db: Db, accountId: number): Promise<WorkHead[]> {
  const result = await sql<WorkHead>`
    SELECT ${head} FROM sync_state WHERE account_id = ${accountId} AND round_due_at <= startlist.clock()
    ORDER BY urgent_at < startlist.clock() - interval '1 day', urgent_at, round_due_at, event_id LIMIT ${HEADS_OF_WORK}`.execute(
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

/**
 * Sweeps that are due: first ones before later ones, a few pages of every event and then the next few, large events
 * last, soonest start first. What a pass under way has seen is the only guess at an event's size.
 */
export async function sweepHeads(db: Db, accountId: number): Promise<SweepHead[]> {
  const result = await sql<SweepHead>`
    WITH due AS (
      SELECT event_id, urgent_at, complete_at IS NULL AS first, due_at IS NULL AND isfinite(urgent_at)
          AND urgent_at < startlist.clock() AS over,
        coalesce((pass #>> '{walk,page}')::int, 0) / ${PAGES_IN_A_ROW}::int AS round,
        greatest(coalesce((pass #>> '{walk,distinct}')::int, 0), coalesce(listed, 0)) > ${LARGE_EVENT} AS large
      FROM sync_state WHERE account_id = ${accountId} AND sweep_due_at <= startlist.clock())
    SELECT ${head}, first, over, large FROM due
    ORDER BY first DESC, large, CASE WHEN large THEN 0 ELSE round END, urgent_at, event_id LIMIT ${HEADS_OF_WORK}`.execute(
    db,
  )
  return result.rows.map((row) => ({ ...row, start: row.start ?? Number.POSITIVE_INFINITY }))
}

/** When anything of an account falls due that is not due yet; null for nothing. */
export async function nextWorkAt(db: Db, accountId: number): Promise<number | null> {
  const first = (column: 'sweep_due_at' | 'details_due_at' | 'round_due_at' | 'replan_at') => sql`
    (SELECT min(${sql.ref(column)}) FROM sync_state WHERE account_id = ${accountId}
      AND ${sql.ref(column)} > startlist.clock() AND isfinite(${sql.ref(column)}))`
  const result = await sql<{ at: number | null }>`
    SELECT (extract(epoch FROM least(${first('sweep_due_at')}, ${first('details_due_at')}, ${first('round_due_at')},
      ${first('replan_at')})) * 1000)::float8 AS at`.execute(db)
  return result.rows[0]?.at ?? null
}
