import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { inList, type ParticipantTable } from './table.ts'

/** Which details to read: those owed (F2), those older than a limit as well (F4), or all. */
export interface OwedScope {
  eventId: string
  partnerIds: readonly number[]
  /** Details read before this instant (ISO 8601) are due again; null for owed ones only. */
  readBefore: string | null
}

const live = (shape: ParticipantTable, scope: OwedScope) => sql`
  FROM ${sql.table(shape.table)} p
  WHERE ${inList(shape, scope.eventId)} AND p.timing_partner_id = ANY (${scope.partnerIds}::int[])
    AND p.removed_at IS NULL AND p.list_fingerprint IS NOT NULL
    AND (p.detail_of IS DISTINCT FROM p.list_fingerprint
      OR (${scope.readBefore}::timestamptz IS NOT NULL AND p.detail_read_at < ${scope.readBefore}::timestamptz))`

/**
 * Registrations whose detail may be read now, never-read ones and active people first, then the oldest. Those that
 * failed before come last: three of them in a row end a run, and must not do so before the others were asked for.
 */
export async function owedDetails(
  db: Db,
  shape: ParticipantTable,
  scope: OwedScope,
  limit: number,
): Promise<string[]> {
  const result = await sql<{ key: string }>`
    SELECT p.${sql.ref(shape.key)}::text AS key ${live(shape, scope)}
      AND (p.detail_not_before IS NULL OR p.detail_not_before <= startlist.clock())
    GROUP BY 1
    ORDER BY max(p.detail_attempts) > 0, bool_or(p.detail_read_at IS NULL) DESC, bool_or(p.registration_status = 'active') DESC,
      min(p.detail_read_at), 1
    LIMIT ${limit}`.execute(db)
  return result.rows.map((row) => row.key)
}

/** How many details are owed, those in backoff included. */
export async function countOwed(db: Db, shape: ParticipantTable, scope: OwedScope): Promise<number> {
  const result = await sql<{ owed: number }>`
    SELECT count(DISTINCT p.${sql.ref(shape.key)})::int AS owed ${live(shape, scope)}`.execute(db)
  return result.rows[0]?.owed ?? 0
}

/**
 * Puts a detail that could not be read off: 1 minute, doubling to 1 hour (F2). One stubborn registration must not
 * cost a call at every poll.
 */
export async function putOffDetail(
  trx: Trx,
  shape: ParticipantTable,
  at: { eventId: string; partnerIds: readonly number[] },
  key: string,
): Promise<void> {
  await sql`
    UPDATE ${sql.table(shape.table)} p SET detail_attempts = detail_attempts + 1,
      detail_not_before = startlist.clock() + least(interval '1 minute' * power(2, least(detail_attempts, 10)), interval '1 hour')
    WHERE ${inList(shape, at.eventId)} AND timing_partner_id = ANY (${at.partnerIds}::int[])
      AND ${sql.ref(shape.key)}::text = ${key}`.execute(trx)
}

/** Forgets that details were put off, for a person who wants every one of them now. How often each failed stays known. */
export async function endPutOffs(
  trx: Trx,
  shape: ParticipantTable,
  at: { eventId: string; partnerIds: readonly number[] },
): Promise<void> {
  await sql`
    UPDATE ${sql.table(shape.table)} p SET detail_not_before = NULL
    WHERE ${inList(shape, at.eventId)} AND timing_partner_id = ANY (${at.partnerIds}::int[])
      AND detail_not_before > startlist.clock()`.execute(trx)
}
