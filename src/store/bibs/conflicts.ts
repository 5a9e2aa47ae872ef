import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { participantTable } from '../participants/table.ts'
import type { BibList } from './lists.ts'
import { contentColumn, eventColumn, inBibList, isLive } from './people.ts'

/** Somebody whose bib another one has as well, or to whom provider and timing partner gave two. */
export interface BibConflict {
  kind: 'twice' | 'differs'
  eventId: string
  /** The effective bib. */
  bib: string
  /** Registration number. */
  key: string
  firstName: string | null
  lastName: string | null
  providerBib: string | null
  localBib: string | null
  status: string
  /** False for somebody cancelled or removed who still holds the bib of another. */
  live: boolean
}

/** Where a conflict stands among the others: nothing of it says who it is about. */
export type ConflictPlace = Pick<BibConflict, 'kind' | 'eventId' | 'bib' | 'live' | 'key'>

/**
 * What is at odds in an event's bibs, by bib: bibs of several people, one of whom races at least, and people to whom
 * the provider gave one bib and the timing partner another.
 * @param page `most` rows at most, behind the one at `after`
 */
export async function bibConflicts(
  db: Db | Trx,
  list: BibList,
  { most, after = null }: { most: number; after?: ConflictPlace | null },
): Promise<BibConflict[]> {
  const shape = participantTable(list.provider)
  const place = sql`kind = 'differs', event_id, length(bib), bib, NOT live, key`
  const isBehind =
    after === null
      ? sql`true`
      : sql`(${place}) > (${after.kind === 'differs'}::boolean, ${after.eventId}::text, length(${after.bib}::text),
          ${after.bib}::text, ${!after.live}::boolean, ${after.key}::text)`
  const result = await sql<BibConflict>`
    WITH people AS (
      SELECT p.${sql.ref(shape.key)}::text AS key, ${eventColumn(shape)} AS event_id, p.first_name, p.last_name,
        ${contentColumn(shape, 'bib_number')} AS bib, p.provider_bib, p.local_bib, p.registration_status AS status,
        ${isLive} AS live
      FROM ${sql.table(shape.table)} p WHERE ${inBibList(shape, list)}
    ), held AS (
      SELECT *, count(*) FILTER (WHERE live) OVER (PARTITION BY event_id, bib) AS racing,
        count(*) OVER (PARTITION BY event_id, bib) AS holding
      FROM people WHERE bib IS NOT NULL
    ), conflicts AS (
      SELECT 'twice' AS kind, * FROM held WHERE racing > 0 AND holding > 1
      UNION ALL SELECT 'differs', * FROM held WHERE live AND provider_bib <> local_bib
    )
    SELECT kind, event_id AS "eventId", bib, key, first_name AS "firstName", last_name AS "lastName",
      provider_bib AS "providerBib", local_bib AS "localBib", status, live
    FROM conflicts WHERE ${isBehind} ORDER BY ${place} LIMIT ${most}`.execute(db)
  return result.rows
}
