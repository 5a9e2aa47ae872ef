import { type RawBuilder, sql } from 'kysely'
import type { RawParticipant } from '../../domain/participant.ts'
import type { Content } from '../../domain/row.ts'
import type { Trx } from '../database.ts'
import type { ParticipantTable } from './table.ts'

/** What is taken out of rows: columns of the content, and what {@link strip} leaves of a record. */
export interface Emptying {
  columns: readonly (keyof Content)[]
  strip: (raw: RawParticipant) => RawParticipant
}

/** Columns of a person that only legacy readers know. */
const LEGACY = {
  haku_participants: [],
  runsignup_participants: [
    ...['user_id', 'middle_name', 'address', 'profile_image_url', 'age', 'team_info', 'additional_data'],
  ],
} as const satisfies Record<ParticipantTable['table'], readonly string[]>

/**
 * Empties a batch of rows, in the order of their ids. The row hash goes too: the next write makes it anew.
 * @param which condition on the table's rows
 * @returns how many, and the id to go on after; null when that was the last
 */
export async function emptyRows(
  trx: Trx,
  shape: ParticipantTable,
  which: RawBuilder<unknown>,
  { columns, strip }: Emptying,
  { after, limit }: { after: number; limit: number },
): Promise<{ count: number; next: number | null }> {
  const table = sql.table(shape.table)
  const found = await sql<{ id: number; raw: RawParticipant | null }>`
    SELECT id, raw_data AS raw FROM ${table} WHERE ${which} AND id > ${after} ORDER BY id LIMIT ${limit} FOR UPDATE`.execute(
    trx,
  )
  const rows = found.rows
  const emptied = [...columns.map((column) => shape.content[column]?.column), ...LEGACY[shape.table]].filter(
    (column) => column !== undefined,
  )
  await sql`
    UPDATE ${table} t SET raw_data = i.raw::jsonb, row_hash = NULL,
      ${sql.join(emptied.map((column) => sql`${sql.ref(column)} = NULL`))}
    FROM unnest(${rows.map(({ id }) => id)}::bigint[],
      ${rows.map(({ raw }) => (raw === null ? null : JSON.stringify(strip(raw))))}::text[]) AS i (id, raw)
    WHERE t.id = i.id`.execute(trx)
  return { count: rows.length, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) }
}
