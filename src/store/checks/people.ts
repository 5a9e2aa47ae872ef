import { sql } from 'kysely'
import type { BibList } from '../bibs/lists.ts'
import { contentColumn, eventColumn, foldedName, inBibList, isLive } from '../bibs/people.ts'
import type { Trx } from '../database.ts'
import { participantTable } from '../participants/table.ts'

/** What a check knows of one registration, and of the others in its event. */
export interface CheckedPerson {
  /** Registration number. */
  key: string
  eventId: string
  firstName: string | null
  lastName: string | null
  /** The effective one. */
  bib: string | null
  chip: string | null
  gender: string | null
  /** `YYYY-MM-DD` */
  dateOfBirth: string | null
  /** Ages in years: as the provider lists it, and on race day. */
  listedAge: number | null
  raceDayAge: number | null
  category: string | null
  status: string
  /** Its detail, and so perhaps bib, sex and birth date, has still to be read (F2). */
  pending: boolean
  /** False for somebody cancelled or removed, who is here only for a bib that one who races has too. */
  live: boolean
  /** People of the event who race with the same bib, chip, and name and birth date; this one included. */
  sameBib: number
  sameChip: number
  samePerson: number
}

const BATCH = 1_000

/**
 * Everybody who races, and who is gone with somebody's bib, by bib, in batches of one snapshot: memory does not grow
 * with their number.
 */
export async function* streamCheckedPeople(trx: Trx, list: BibList): AsyncGenerator<CheckedPerson[]> {
  const shape = participantTable(list.provider)
  const of = (name: keyof typeof shape.content) => contentColumn(shape, name)
  // Where a list has several events, the event is what somebody runs in.
  const category =
    shape.content.category === null
      ? eventColumn(shape)
      : sql`coalesce(nullif(btrim(p.category), ''), p.categories #>> '{0,name}')`
  await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(trx)
  await sql`
    DECLARE checked NO SCROLL CURSOR FOR
    WITH people AS (
      SELECT p.${sql.ref(shape.key)}::text AS key, ${eventColumn(shape)} AS event_id, p.first_name, p.last_name,
        ${foldedName} AS name, ${of('bib_number')} AS bib, ${of('chip_number')} AS chip, p.gender,
        ${of('date_of_birth')} AS born, p.listed_age, p.age_on_race_day, ${category} AS category,
        p.registration_status AS status, ${isLive} AS live,
        p.list_fingerprint IS NOT NULL AND p.detail_of IS DISTINCT FROM p.list_fingerprint AS pending
      FROM ${sql.table(shape.table)} p WHERE ${inBibList(shape, list)}
    ), facts AS (
      SELECT *, count(*) FILTER (WHERE live) OVER (PARTITION BY event_id, bib) AS same_bib,
        count(*) FILTER (WHERE live) OVER (PARTITION BY event_id, chip) AS same_chip,
        count(*) FILTER (WHERE live) OVER (PARTITION BY event_id, name, born) AS same_person
      FROM people
    )
    SELECT key, event_id AS "eventId", first_name AS "firstName", last_name AS "lastName", bib, chip, gender,
      born::text AS "dateOfBirth", listed_age AS "listedAge", age_on_race_day AS "raceDayAge", category, status, pending,
      live, CASE WHEN bib IS NULL THEN 0 ELSE same_bib END::int AS "sameBib",
      CASE WHEN chip IS NULL THEN 0 ELSE same_chip END::int AS "sameChip",
      CASE WHEN born IS NULL OR name = '' THEN 0 ELSE same_person END::int AS "samePerson"
    FROM facts WHERE live OR (bib IS NOT NULL AND same_bib > 0)
    ORDER BY length(bib), bib, live DESC, key`.execute(trx)
  try {
    for (;;) {
      const { rows } = await sql<CheckedPerson>`FETCH ${sql.lit(BATCH)} FROM checked`.execute(trx)
      if (rows.length > 0) yield rows
      if (rows.length < BATCH) return
    }
  } finally {
    // Another list may be checked in the same transaction. One that failed has no cursor any more.
    await sql`CLOSE checked`.execute(trx).catch(() => {})
  }
}
