import { sql } from 'kysely'
import type { JsonObject } from '../../domain/json.ts'
import type { Trx } from '../database.ts'
import { asKey, inList, type ParticipantTable } from './table.ts'

/** Does any of these list records differ from the stored one in more than the ignored keys? */
export async function changedBeyond(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  rows: readonly { key: string; record: JsonObject }[],
  ignored: readonly string[],
): Promise<boolean> {
  const result = await sql<{ changed: boolean }>`
    SELECT EXISTS (
      SELECT FROM unnest(${rows.map((r) => r.key)}::text[], ${rows.map((r) => JSON.stringify(r.record))}::text[])
        AS i (key, record)
      JOIN ${sql.table(shape.table)} p ON ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
        AND p.${sql.ref(shape.key)} = ${asKey(shape, sql`i.key`)}
      WHERE p.removed_at IS NULL
        AND (p.raw_data->'list') - ${ignored}::text[] IS DISTINCT FROM i.record::jsonb - ${ignored}::text[]
    ) AS changed`.execute(trx)
  return result.rows[0]?.changed ?? false
}
