import { sql } from 'kysely'
import type { Db } from '../database.ts'
import type { ParticipantTable } from '../participants/table.ts'

/** Details that an event owes its current holders, each registration once. */
export interface OwedByEvent {
  eventId: string
  /** those in backoff included */
  owed: number
  /** those that may be read now */
  ready: number
}

/** What the events of an account owe (F2); an event that owes nothing is left out. */
export async function owedByEvent(
  db: Db,
  shape: ParticipantTable,
  accountId: number,
): Promise<OwedByEvent[]> {
  const result = await sql<OwedByEvent>`
    SELECT s.event_id AS "eventId", count(DISTINCT p.${sql.ref(shape.key)})::int AS owed,
      count(DISTINCT p.${sql.ref(shape.key)}) FILTER (
        WHERE p.detail_not_before IS NULL OR p.detail_not_before <= startlist.clock())::int AS ready
    FROM partner_sync s
    JOIN ${sql.table(shape.table)} p
      ON p.timing_partner_id = s.timing_partner_id AND p.${sql.ref(shape.list)}::text = s.event_id
    WHERE s.account_id = ${accountId} AND s.state = 'current' AND p.removed_at IS NULL
      AND p.list_fingerprint IS NOT NULL AND p.detail_of IS DISTINCT FROM p.list_fingerprint
    GROUP BY s.event_id`.execute(db)
  return result.rows
}
