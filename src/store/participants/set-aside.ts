import { type RawBuilder, sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { isForgotten } from './forgotten.ts'
import { inList, type ParticipantTable } from './table.ts'

/**
 * A registration has one row in its list. The older system's key has the event in it: writing beside startlist, it adds
 * whoever goes over to another event of a race there, and leaves the row in the one that was left. A page that finds two
 * cannot be written, so the one that is believed less goes aside (M4).
 */

/** Where rows go of which a registration has one too many, by participants table. */
export const SET_ASIDE = {
  haku_participants: 'haku_participants_duplicates',
  runsignup_participants: 'runsignup_participants_duplicates',
} as const satisfies Record<ParticipantTable['table'], string>

/** Whether rows went aside, or could: of a provider with one list an event, adoption makes the table where it needs it. */
export async function hasSetAside(db: Db | Trx, table: ParticipantTable['table']): Promise<boolean> {
  const result = await sql<{
    is: boolean
  }>`SELECT to_regclass(${SET_ASIDE[table]}) IS NOT NULL AS is`.execute(db)
  return result.rows[0]?.is === true
}

/**
 * Of two rows of a registration in one list, the one with the greater rank is believed: startlist's own, or else one
 * whose bib a person gave, or else the newest.
 */
export const rankOf = (alias: string): string =>
  `(${alias}.mapping_version IS NOT NULL, ${alias}.local_bib IS NOT NULL, coalesce(${alias}.fetched_date, '-infinity'), ${alias}.id)`

/** Which rows go aside, from where and where to. */
interface Moving {
  shape: Pick<ParticipantTable, 'provider' | 'key'>
  from: RawBuilder<unknown>
  into: RawBuilder<unknown>
  /** A query for `id` and `kept`, the row that stays; one that is its own stays too. */
  rows: RawBuilder<unknown>
  /** In terms of `kept`. */
  why: RawBuilder<unknown>
}

/**
 * Moves rows aside, as parts of a `WITH`: `gone` has each as `row`, and `kept`. A table that adoption made has the
 * columns in another order. Who was forgotten is not kept there.
 */
export const movedAside = ({ shape, from, into, rows, why }: Moving): RawBuilder<unknown> => sql`
  gone AS (
    DELETE FROM ${from} p USING (${rows}) AS i WHERE p.id = i.id AND i.id <> i.kept RETURNING to_jsonb(p) AS row, i.kept
  ), aside AS (
    INSERT INTO ${into}
    SELECT r.* FROM gone, jsonb_populate_record(NULL::${into},
      row || jsonb_build_object('why', ${why}, 'moved_at', startlist.clock())) AS r
    WHERE NOT ${isForgotten(shape.provider, sql`(row->>${sql.lit(shape.key)})`)}
  )`

/** Registrations, as text, of which a list has several rows for one timing partner. Reads the list through. */
export const doubled = (
  { table, key, content, list, listType }: ParticipantTable,
  at: { eventId: string; partnerIds: readonly number[] },
): RawBuilder<unknown> =>
  content.event_id === null
    ? sql`SELECT NULL::text WHERE false`
    : sql`SELECT ${sql.ref(key)}::text FROM ${sql.table(table)}
        WHERE ${sql.ref(list)} = ${at.eventId}::${sql.raw(listType)} AND timing_partner_id = ANY (${at.partnerIds}::int[])
          AND ${sql.ref(key)} IS NOT NULL
        GROUP BY timing_partner_id, ${sql.ref(list)}, ${sql.ref(key)} HAVING count(*) > 1`

/** A bib in a row that went aside, which the provider is not known to have given. */
export interface BibAside {
  eventId: string
  bib: string
}

/**
 * Leaves one row of each of these registrations in a list, inside the transaction that is about to write them.
 * @returns bibs of rows that went aside, by registration, which somebody may have assigned there
 */
export async function putAside(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  keys: readonly string[],
): Promise<Map<string, BibAside[]>> {
  const { provider, content, key } = shape
  // Where a list is one event's, a constraint keeps a second row out.
  if (content.event_id === null || content.bib_number === null) return new Map()
  const table = sql.table(shape.table)
  const bib = content.bib_number.column
  const ranked = sql`
    SELECT p.id, first_value(p.id) OVER registration AS kept FROM ${table} p
    WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
      AND p.${sql.ref(key)} = ANY (${keys}::${sql.raw(shape.keyType)}[])
    WINDOW registration AS (PARTITION BY p.${sql.ref(key)} ORDER BY ${sql.raw(rankOf('p'))} DESC)`
  const why = sql`'a second row beside ' || kept || ', in an event of the race where that one was not'`
  const moving = { shape, from: table, into: sql.table(SET_ASIDE[shape.table]), rows: ranked, why }
  const result = await sql<BibAside & { key: string }>`
    WITH ${movedAside(moving)}, bibs AS (
      SELECT row->>${sql.lit(key)} AS key, row->>${sql.lit(content.event_id.column)} AS event, btrim(row->>${sql.lit(bib)}) AS bib, kept FROM gone
    )
    SELECT b.key, b.event AS "eventId", b.bib FROM bibs b JOIN ${table} k ON k.id = b.kept
    WHERE b.bib <> '' AND k.local_bib IS NULL
      AND b.bib IS DISTINCT FROM k.${sql.ref(bib)} AND b.bib IS DISTINCT FROM k.provider_bib
      AND b.bib IS DISTINCT FROM k.chip_number
      AND NOT EXISTS (SELECT FROM participant_changes c
        WHERE c.provider = ${provider} AND c.timing_partner_id = ${at.partnerId} AND c.event_id = ${at.eventId}
          AND c.participant_id = b.key AND b.bib IN (c.fields->'bib_number'->>0, c.fields->'provider_bib'->>0))`.execute(
    trx,
  )
  return Map.groupBy(result.rows, (row) => row.key)
}
