import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { ParticipantTable } from '../participants/table.ts'

/** Plans that have to be made again, and what they are made of. Instants in ms since the epoch. */

/** An event whose plan is stale, with what became of its passes. */
export interface StalePlan {
  eventId: string
  beganAt: number | null
  sweptAt: number | null
  completeAt: number | null
  /** the head of its list is to be read once more (W1) */
  headOwed: boolean
  triedAt: number | null
  retryAt: number | null
  dueAt: number | null
  sweepDueAt: number | null
  roundDueAt: number | null
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

/**
 * Takes up to `limit` stale plans of an account and locks them until commit: whoever makes one stale meanwhile waits,
 * and is not overwritten with what was true before.
 */
export async function takeStalePlans(trx: Trx, accountId: number, limit: number): Promise<StalePlan[]> {
  const result = await sql<StalePlan>`
    SELECT event_id AS "eventId", ${ms('began_at')} AS "beganAt", ${ms('swept_at')} AS "sweptAt",
      ${ms('complete_at')} AS "completeAt", head_owed AS "headOwed",
      ${ms('tried_at')} AS "triedAt", ${ms('retry_at')} AS "retryAt",
      ${ms('due_at')} AS "dueAt", ${ms('sweep_due_at')} AS "sweepDueAt", ${ms('round_due_at')} AS "roundDueAt"
    FROM sync_state WHERE account_id = ${accountId} AND replan_at <= (SELECT startlist.clock())
    ORDER BY replan_at LIMIT ${limit} FOR NO KEY UPDATE`.execute(trx)
  return result.rows
}

/** A plan as it is stored. */
export interface PlanRow {
  eventId: string
  dueAt: number | null
  every: number | null
  nextEvery: number | null
  replanAt: number | null
  sweepDueAt: number | null
  detailsDueAt: number | null
  roundDueAt: number | null
  /** Infinity without a date */
  urgentAt: number
}

const at = (ms: number | null): string | null =>
  ms === null ? null : Number.isFinite(ms) ? new Date(ms).toISOString() : ms > 0 ? 'infinity' : '-infinity'

/** Stores plans; their rows are those that {@link takeStalePlans} locked. */
export async function savePlans(trx: Trx, accountId: number, plans: readonly PlanRow[]): Promise<void> {
  if (plans.length === 0) return
  const column = <T>(of: (plan: PlanRow) => T) => plans.map(of)
  await sql`
    UPDATE sync_state s SET due_at = p.due_at, every_ms = p.every_ms, next_every_ms = p.next_every_ms,
      replan_at = p.replan_at, sweep_due_at = p.sweep_due_at, details_due_at = p.details_due_at,
      round_due_at = p.round_due_at, urgent_at = p.urgent_at
    FROM unnest(${column((p) => p.eventId)}::text[], ${column((p) => at(p.dueAt))}::timestamptz[],
      ${column((p) => p.every)}::bigint[], ${column((p) => p.nextEvery)}::bigint[],
      ${column((p) => at(p.replanAt))}::timestamptz[], ${column((p) => at(p.sweepDueAt))}::timestamptz[],
      ${column((p) => at(p.detailsDueAt))}::timestamptz[], ${column((p) => at(p.roundDueAt))}::timestamptz[],
      ${column((p) => at(p.urgentAt))}::timestamptz[])
      AS p (event_id, due_at, every_ms, next_every_ms, replan_at, sweep_due_at, details_due_at, round_due_at, urgent_at)
    WHERE s.account_id = ${accountId} AND s.event_id = p.event_id`.execute(trx)
}

/** When an event's details are next to be read. */
export interface DetailDates {
  eventId: string
  /** an owed one may be read (F2); null when none is owed */
  owedAt: number | null
  /** the oldest was read (F4); null when none was */
  oldestReadAt: number | null
}

/**
 * What events owe and how old their details are, for holders that are current: others are levelled with a sibling's
 * details and owe none (S2).
 */
export async function detailDates(
  trx: Db | Trx,
  shape: ParticipantTable,
  accountId: number,
  eventIds: readonly string[],
): Promise<DetailDates[]> {
  const result = await sql<DetailDates>`
    SELECT h.event_id AS "eventId", (extract(epoch FROM owed.at) * 1000)::float8 AS "owedAt",
      (extract(epoch FROM oldest.at) * 1000)::float8 AS "oldestReadAt"
    FROM unnest(${eventIds}::text[]) AS h (event_id)
    LEFT JOIN LATERAL (
      SELECT min(coalesce(p.detail_not_before, p.fetched_at, startlist.clock())) AS at
      FROM partner_sync s
      JOIN ${sql.table(shape.table)} p ON p.timing_partner_id = s.timing_partner_id AND p.${sql.ref(shape.list)}::text = s.event_id
      WHERE s.account_id = ${accountId} AND s.event_id = h.event_id AND s.state = 'current'
        AND p.removed_at IS NULL AND p.list_fingerprint IS NOT NULL
        AND p.detail_of IS DISTINCT FROM p.list_fingerprint) AS owed ON true
    LEFT JOIN LATERAL (
      SELECT min(p.detail_read_at) AS at
      FROM partner_sync s
      JOIN ${sql.table(shape.table)} p ON p.timing_partner_id = s.timing_partner_id AND p.${sql.ref(shape.list)}::text = s.event_id
      WHERE s.account_id = ${accountId} AND s.event_id = h.event_id AND s.state = 'current'
        AND p.removed_at IS NULL AND p.list_fingerprint IS NOT NULL) AS oldest ON true`.execute(trx)
  return result.rows
}
