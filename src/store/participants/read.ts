import { sql } from 'kysely'
import { CONTENT_COLUMNS, type StoredRow } from '../../domain/row.ts'
import { lockFeed } from '../changes.ts'
import type { Trx } from '../database.ts'
import { type BibAside, putAside, rankOf } from './set-aside.ts'
import { asKey, inList, type ParticipantTable } from './table.ts'

/** A timestamptz as ISO 8601 text in UTC with microseconds, as the mapping writes it: equal instants, equal strings. */
const isoText = (column: string) =>
  sql`to_char(${sql.ref(column)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const selectList = (shape: ParticipantTable) =>
  sql.join([
    sql`p.${sql.ref(shape.key)}::text AS participant_id`,
    ...CONTENT_COLUMNS.map((name) => {
      const { column, type } = shape.content[name] ?? { column: null, type: 'text' }
      if (column === null) return sql`NULL::text AS ${sql.ref(name)}`
      if (type === 'timestamptz') return sql`${isoText(`p.${column}`)} AS ${sql.ref(name)}`
      if (type === 'date' || type === 'numeric' || name === 'event_id')
        return sql`p.${sql.ref(column)}::text AS ${sql.ref(name)}`
      return sql`p.${sql.ref(column)} AS ${sql.ref(name)}`
    }),
    sql`p.local_bib, p.raw_data, p.list_fingerprint, p.detail_of, p.detail_attempts, p.list_pass::float8 AS list_pass`,
    sql`p.removal_note, p.absences, p.mapping_version`,
    sql`${isoText('p.detail_read_at')} AS detail_read_at, ${isoText('p.detail_not_before')} AS detail_not_before`,
    sql`${isoText('p.removed_at')} AS removed_at`,
    sql`(extract(epoch FROM p.source_updated_at) * 1000000)::bigint::text AS source_updated_at`,
  ])

interface WireRow extends Omit<StoredRow, 'source_updated_at'> {
  source_updated_at: string | null
}

function fromWire(row: WireRow): StoredRow {
  return { ...row, source_updated_at: row.source_updated_at === null ? null : BigInt(row.source_updated_at) }
}

/** The one that is believed last, where the older system put a registration into a second event. */
const inOrder = ({ key, content }: ParticipantTable) =>
  content.event_id === null ? sql`p.${sql.ref(key)}` : sql`p.${sql.ref(key)}, ${sql.raw(rankOf('p'))}`

async function lockRows(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  keys: readonly string[],
): Promise<WireRow[]> {
  if (keys.length === 0) return []
  await lockFeed(trx, { provider: shape.provider, ...at })
  const result = await sql<WireRow>`
    SELECT ${selectList(shape)} FROM ${sql.table(shape.table)} p
    WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
      AND p.${sql.ref(shape.key)} = ANY (${keys}::${sql.raw(shape.keyType)}[])
    ORDER BY ${inOrder(shape)} FOR UPDATE`.execute(trx)
  return result.rows
}

const byKey = (rows: readonly WireRow[]) => new Map(rows.map((row) => [row.participant_id, fromWire(row)]))

/**
 * Stored rows by registration number, locked against a concurrent bib change until the transaction ends, and the
 * event's feed with them. Of a registration in two events, the row that is believed.
 */
export async function readRows(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  keys: readonly string[],
): Promise<Map<string, StoredRow>> {
  return byKey(await lockRows(trx, shape, at, keys))
}

/** Stored rows that are about to be written. */
export interface RowsToWrite {
  rows: Map<string, StoredRow>
  /** Bibs of rows that went aside, by registration. */
  bibsAside: ReadonlyMap<string, readonly BibAside[]>
}

/** Like {@link readRows}, for who writes them: of a registration in two events, one row stays. */
export async function readToWrite(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  keys: readonly string[],
): Promise<RowsToWrite> {
  const found = await lockRows(trx, shape, at, keys)
  const rows = byKey(found)
  const bibsAside = rows.size < found.length ? await putAside(trx, shape, at, keys) : new Map()
  return { rows, bibsAside }
}

/** A batch of stored rows after `after` in key order (from the first when that is empty), for work over a whole event that must not hold it in memory. */
export async function readBatch(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  after: string,
  limit: number,
): Promise<StoredRow[]> {
  const result = await sql<WireRow>`
    SELECT ${selectList(shape)} FROM ${sql.table(shape.table)} p
    WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
      AND (${after} = '' OR p.${sql.ref(shape.key)} > ${asKey(shape, sql`nullif(${after}, '')`)}) AND p.raw_data IS NOT NULL
    ORDER BY p.${sql.ref(shape.key)} LIMIT ${limit}`.execute(trx)
  return result.rows.map(fromWire)
}
