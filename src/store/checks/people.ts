import { type RawBuilder, sql } from 'kysely'
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
  /** People of the event who race with the same bib, chip, and name and birth date, this one included; 1 without any. */
  sameBib: number
  sameChip: number
  samePerson: number
}

const BATCH = 1_000

/**
 * What several people of an event have alike, and how many of them race. Grouped and joined: windows would sort everybody
 * once for each.
 */
const shared = (columns: RawBuilder<unknown>) => sql`
  SELECT event_id, ${columns}, (count(*) FILTER (WHERE live))::int AS racing FROM people
  GROUP BY event_id, ${columns} HAVING count(*) > 1`

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
  // All rows are wanted, and 100,000 people sort in 64 MB without a file.
  await sql`SELECT set_config('work_mem', '64MB', true), set_config('cursor_tuple_fraction', '1', true)`.execute(
    trx,
  )
  await sql`
    DECLARE checked NO SCROLL CURSOR FOR
    WITH people AS (
      SELECT p.${sql.ref(shape.key)}::text AS key, ${eventColumn(shape)} AS event_id, p.first_name, p.last_name,
        ${foldedName} AS name, ${of('bib_number')} AS bib, ${of('chip_number')} AS chip, p.gender,
        ${of('date_of_birth')} AS born, p.listed_age, p.age_on_race_day, ${category} AS category,
        p.registration_status AS status, ${isLive} AS live,
        p.list_fingerprint IS NOT NULL AND p.detail_of IS DISTINCT FROM p.list_fingerprint AS pending
      FROM ${sql.table(shape.table)} p WHERE ${inBibList(shape, list)}
    ), bibs AS (${shared(sql`bib`)}), chips AS (${shared(sql`chip`)}), persons AS (${shared(sql`name, born`)})
    SELECT p.key, p.event_id AS "eventId", p.first_name AS "firstName", p.last_name AS "lastName", p.bib, p.chip, p.gender,
      p.born::text AS "dateOfBirth", p.listed_age AS "listedAge", p.age_on_race_day AS "raceDayAge", p.category, p.status,
      p.pending, p.live, coalesce(b.racing, 1) AS "sameBib", coalesce(c.racing, 1) AS "sameChip",
      CASE WHEN p.name = '' THEN 1 ELSE coalesce(n.racing, 1) END AS "samePerson"
    FROM people p
    LEFT JOIN bibs b ON b.event_id = p.event_id AND b.bib = p.bib
    LEFT JOIN chips c ON c.event_id = p.event_id AND c.chip = p.chip
    LEFT JOIN persons n ON n.event_id = p.event_id AND n.name = p.name AND n.born = p.born
    WHERE p.live OR b.racing > 0
    ORDER BY length(p.bib), p.bib COLLATE "C", p.live DESC, p.key COLLATE "C"`.execute(trx)
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
