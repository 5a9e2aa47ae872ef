import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { inEvents, inList, type ParticipantTable } from './table.ts'

/** How many registrations of these events of a list are stored and not removed, those of all given partners counted once. */
export async function countLive(
  db: Db | Trx,
  shape: ParticipantTable,
  at: { eventId: string; partnerIds: readonly number[]; events: readonly string[] },
): Promise<number> {
  const result = await sql<{ live: number }>`
    SELECT count(DISTINCT ${sql.ref(shape.key)})::int AS live FROM ${sql.table(shape.table)} p
    WHERE ${inList(shape, at.eventId)} AND timing_partner_id = ANY (${at.partnerIds}::int[])
      AND ${inEvents(shape, at.events)} AND removed_at IS NULL`.execute(db)
  return result.rows[0]?.live ?? 0
}
