import { type RawBuilder, sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { inEvents, inList, type ParticipantTable, participantTable } from '../participants/table.ts'
import type { BibList } from './lists.ts'

/** A registration with its bibs. */
export interface BibPerson {
  /** Registration number. */
  key: string
  eventId: string
  firstName: string | null
  lastName: string | null
  /** `YYYY-MM-DD` */
  dateOfBirth: string | null
  /** The effective one. */
  bib: string | null
  providerBib: string | null
  localBib: string | null
  status: string
  /** Neither cancelled nor removed. */
  live: boolean
}

/** The column of the table that holds what the engine names so. */
export function contentColumn(
  shape: ParticipantTable,
  name: keyof ParticipantTable['content'],
): RawBuilder<unknown> {
  const column = shape.content[name]?.column
  return column === undefined ? sql`NULL` : sql.ref(`p.${column}`)
}

/** The event that a row of a list is of, as text. */
export const eventColumn = (shape: ParticipantTable): RawBuilder<unknown> =>
  sql`p.${sql.ref(shape.content.event_id?.column ?? shape.list)}::text`

/** Registrations that race. */
export const isLive = sql`(p.removed_at IS NULL AND p.registration_status = 'active')`

/** Rows of a timing partner that are of a list, and of the events of it that are asked for. */
export const inBibList = (shape: ParticipantTable, list: Pick<BibList, 'partnerId' | 'listId' | 'events'>) =>
  sql`${inList(shape, list.listId)} AND p.timing_partner_id = ${list.partnerId}
    AND p.${sql.ref(shape.key)} IS NOT NULL AND ${inEvents(
      shape,
      list.events.map(({ eventId }) => eventId),
    )}`

/** A full name as it is compared: without regard to case and to how wide its blanks are. */
export const foldedName = sql`lower(btrim(regexp_replace(concat_ws(' ', p.first_name, p.last_name), '\\s+', ' ', 'g')))`

const peopleWhere = async (db: Db | Trx, list: BibList, which: RawBuilder<unknown>): Promise<BibPerson[]> => {
  const shape = participantTable(list.provider)
  const of = (name: keyof ParticipantTable['content']) => contentColumn(shape, name)
  const result = await sql<BibPerson>`
    SELECT p.${sql.ref(shape.key)}::text AS key, ${eventColumn(shape)} AS "eventId", p.first_name AS "firstName",
      p.last_name AS "lastName", ${of('date_of_birth')}::text AS "dateOfBirth", ${of('bib_number')} AS bib,
      p.provider_bib AS "providerBib", p.local_bib AS "localBib", p.registration_status AS status, ${isLive} AS live
    FROM ${sql.table(shape.table)} p WHERE ${inBibList(shape, list)} AND ${which}
    ORDER BY p.${sql.ref(shape.key)}`.execute(db)
  return result.rows
}

/** Registrations of a list by number; unknown ones are left out. */
export const peopleByKey = (db: Db | Trx, list: BibList, keys: readonly string[]): Promise<BibPerson[]> =>
  peopleWhere(db, list, sql`p.${sql.ref(participantTable(list.provider).key)}::text = ANY (${keys}::text[])`)

/**
 * Registrations of a list by full name and birth date.
 * @param people names in lower case with single blanks, days as `YYYY-MM-DD`
 */
export async function peopleByName(
  db: Db | Trx,
  list: BibList,
  people: readonly { name: string; dateOfBirth: string }[],
): Promise<BibPerson[]> {
  if (people.length === 0) return []
  const born = contentColumn(participantTable(list.provider), 'date_of_birth')
  return peopleWhere(
    db,
    list,
    sql`EXISTS (SELECT FROM unnest(${people.map(({ name }) => name)}::text[],
      ${people.map(({ dateOfBirth }) => dateOfBirth)}::date[]) AS i (name, born)
      WHERE i.born = ${born} AND i.name = ${foldedName})`,
  )
}

/** Registrations that race with one of these bibs as the effective one. */
export async function holdersOf(db: Db | Trx, list: BibList, bibs: readonly string[]): Promise<BibPerson[]> {
  if (bibs.length === 0) return []
  const bib = contentColumn(participantTable(list.provider), 'bib_number')
  return peopleWhere(db, list, sql`${isLive} AND ${bib} = ANY (${bibs}::text[])`)
}

/** Numbers of registrations to which the provider gave one bib and the timing partner another, in their order. */
export async function peopleOfTwoBibs(
  trx: Trx,
  list: Pick<BibList, 'provider' | 'partnerId' | 'listId'>,
): Promise<string[]> {
  const shape = participantTable(list.provider)
  const result = await sql<{ key: string }>`
    SELECT p.${sql.ref(shape.key)}::text AS key FROM ${sql.table(shape.table)} p
    WHERE ${inList(shape, list.listId)} AND p.timing_partner_id = ${list.partnerId}
      AND p.${sql.ref(shape.key)} IS NOT NULL AND p.provider_bib <> p.local_bib ORDER BY p.${sql.ref(shape.key)}`.execute(
    trx,
  )
  return result.rows.map(({ key }) => key)
}
