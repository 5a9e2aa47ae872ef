import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { inList, type ParticipantTable } from './table.ts'

/** How many registrations of an event are stored and not removed, those of all given partners counted once. */
export async function countLive(
  db: Db | Trx,
  shape: ParticipantTable,
  at: { eventId: string; partnerIds: readonly number[] },
): Promise<number> {
  const result = await sql<{ live: number }>`
    SELECT count(DISTINCT ${sql.ref(shape.key)})::int AS live FROM ${sql.table(shape.table)} p
    WHERE ${inList(shape, at.eventId)} AND timing_partner_id = ANY (${at.partnerIds}::int[])
      AND removed_at IS NULL`.execute(db)
  return result.rows[0]?.live ?? 0
}
