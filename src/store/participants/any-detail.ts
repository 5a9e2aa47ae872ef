import { sql } from 'kysely'
import type { Trx } from '../database.ts'
import { inList, type ParticipantTable } from './table.ts'

/** Whether any registration of a timing partner's event was ever read singly. */
export async function anyDetail(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
): Promise<boolean> {
  const result = await sql<{ any: boolean }>`
    SELECT EXISTS (SELECT FROM ${sql.table(shape.table)} p
      WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
        AND jsonb_typeof(p.raw_data -> 'detail') = 'object') AS any`.execute(trx)
  return result.rows[0]?.any ?? false
}
