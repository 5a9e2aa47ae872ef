import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { ofList } from '../participants/of-list.ts'
import type { ListedAt } from './participant-pages.ts'

/** How many of a category or a wave, for a person. */
export interface Group {
  /** Null: of none. */
  name: string | null
  active: number
  /** Cancelled, transferred or deferred; not those that are gone. */
  withdrawn: number
}

/** The registrations of one event, counted. Instants in ms since the epoch. */
export interface CountedRegistrations {
  participants: number
  active: number
  removed: number
  /** Whose detail, and so perhaps whose bib, has still to be read (F2). */
  pending: number
  withoutBib: number
  bibsAsOf: number | null
  categories: Group[]
  waves: Group[]
}

/** Counts an event's registrations in one scan of them. */
export async function countRegistrations(db: Db | Trx, at: ListedAt): Promise<CountedRegistrations> {
  const result = await sql<{
    kind: 'all' | 'category' | 'wave'
    name: string | null
    participants: number
    active: number
    removed: number
    pending: number
    withoutBib: number
    bibsAsOf: number | null
  }>`
    SELECT CASE GROUPING(category, wave) WHEN 3 THEN 'all' WHEN 1 THEN 'category' ELSE 'wave' END AS kind,
      CASE GROUPING(category, wave) WHEN 1 THEN category WHEN 2 THEN wave END AS name,
      count(*) FILTER (WHERE removed_at IS NULL)::int AS participants,
      count(*) FILTER (WHERE removed_at IS NULL AND registration_status = 'active')::int AS active,
      count(*) FILTER (WHERE removed_at IS NOT NULL)::int AS removed,
      count(*) FILTER (WHERE removed_at IS NULL AND list_fingerprint IS NOT NULL
        AND detail_of IS DISTINCT FROM list_fingerprint)::int AS pending,
      count(*) FILTER (WHERE removed_at IS NULL AND registration_status = 'active'
        AND coalesce(bib_number, '') = '')::int AS "withoutBib",
      (extract(epoch FROM min(detail_read_at) FILTER (WHERE removed_at IS NULL)) * 1000)::float8 AS "bibsAsOf"
    FROM startlist.list_participants p
    WHERE ${ofList(at)} AND p.event_id = ${at.eventId}
    GROUP BY GROUPING SETS ((), (category), (wave)) ORDER BY 1, 2 NULLS LAST`.execute(db)
  const all = result.rows.find(({ kind }) => kind === 'all')
  const groups = (of: 'category' | 'wave'): Group[] =>
    result.rows
      .filter(({ kind, participants }) => kind === of && participants > 0)
      .map(({ name, active, participants }) => ({ name, active, withdrawn: participants - active }))
  const {
    participants = 0,
    active = 0,
    removed = 0,
    pending = 0,
    withoutBib = 0,
    bibsAsOf = null,
  } = all ?? {}
  return {
    ...{ participants, active, removed, pending, withoutBib, bibsAsOf },
    categories: groups('category'),
    waves: groups('wave'),
  }
}
