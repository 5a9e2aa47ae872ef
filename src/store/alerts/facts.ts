import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** What alerts are judged by. Instants in ms since the epoch. */

/** A race near its start whose poll is overdue. */
export interface OverdueRace {
  accountId: number
  eventId: string
  name: string
  dueAt: number
}

/** More than anybody reads, and no reason to read a whole table. */
const MOST = 500

const ms = (expression: ReturnType<typeof sql>) => sql`(extract(epoch FROM ${expression}) * 1000)::float8`

/** An account that a person has paused is quiet on purpose. */
const isMeantToWork = sql`EXISTS (SELECT FROM partner_provider_credentials c
  WHERE c.account_id = s.account_id AND c.state <> 'Paused')`

/**
 * Races that start within 24 h, or are still polled after their start, and whose poll is late by the rule of P4 and
 * `graceMs` more; earliest due first.
 */
export async function overdueRaces(db: Db, graceMs: number): Promise<OverdueRace[]> {
  const result = await sql<OverdueRace>`
    SELECT s.account_id AS "accountId", s.event_id AS "eventId", ${ms(sql`s.due_at`)} AS "dueAt",
      coalesce((SELECT min(l.name) FROM startlist.lists l WHERE l.account_id = s.account_id AND l.list_id = s.event_id),
        s.event_id) AS name
    FROM sync_state s
    WHERE s.due_at + (greatest(s.every_ms * 0.1, 5000) + ${graceMs}::float8) * interval '1 ms' < startlist.clock()
      AND s.urgent_at < startlist.clock() + interval '24 hours' AND ${isMeantToWork}
    ORDER BY s.due_at, s.event_id LIMIT ${MOST}`.execute(db)
  return result.rows
}

/** Whether polls go on at all. */
export interface PollPulse {
  /** since when the poll that waits longest is due; null when none is overdue */
  overdueSince: number | null
  /** end of the last pass that succeeded; null before the first */
  lastPassAt: number | null
}

/** Reads it over all accounts that are meant to work. */
export async function pollPulse(db: Db): Promise<PollPulse> {
  const result = await sql<PollPulse>`
    SELECT ${ms(sql`min(s.due_at) FILTER (WHERE s.due_at < startlist.clock())`)} AS "overdueSince",
      ${ms(sql`max(greatest(s.polled_at, s.swept_at))`)} AS "lastPassAt"
    FROM sync_state s WHERE ${isMeantToWork}`.execute(db)
  return result.rows[0] ?? { overdueSince: null, lastPassAt: null }
}

/** Events of an account that wait for their first sweep. */
export interface WaitingBackfill {
  accountId: number
  events: number
  waitingSince: number
  /** the last call that read any of them; null when none has in the last day */
  movedAt: number | null
}

/** Accounts with events that wait for their first sweep. */
export async function waitingBackfills(db: Db): Promise<WaitingBackfill[]> {
  const result = await sql<WaitingBackfill>`
    SELECT w.*, (SELECT ${ms(sql`max(c.ended_at)`)} FROM api_calls c
      WHERE c.account_id = w."accountId" AND c.acquired_at > startlist.clock() - interval '1 day'
        AND c.class = 'backfill' AND c.status BETWEEN 200 AND 299) AS "movedAt"
    FROM (
      SELECT s.account_id AS "accountId", count(*)::int AS events, ${ms(sql`min(s.sweep_due_at)`)} AS "waitingSince"
      FROM sync_state s
      WHERE s.complete_at IS NULL AND s.sweep_due_at <= startlist.clock() AND ${isMeantToWork}
      GROUP BY s.account_id) AS w
    ORDER BY w."accountId"`.execute(db)
  return result.rows
}
