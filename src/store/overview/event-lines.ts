import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Db, Trx } from '../database.ts'
import { eventTable } from '../event-tables/index.ts'
import { type EventOverview, overviewOf } from './events.ts'

/** One timing partner's event: an event's id alone is several, where partners share it. */
export interface EventKey {
  provider: ProviderName
  partnerId: number
  eventId: string
}

/** An event, and what it is read by. */
export interface FoundEvent extends EventKey {
  listId: string
  /** Null when no credential feeds it. */
  accountId: number | null
}

/** An event of one timing partner with the marks of the list that it is read in. Instants in ms since the epoch. */
export interface EventLine extends Omit<EventOverview, 'events'> {
  /** The list that it is read in: itself, or a race of several events. Feed, holds and marks are kept under it. */
  listId: string
  /** Name of that race; null where the event has a list of its own. */
  race: string | null
  /** Where it stands in the order of pages. */
  sortKey: string
}

/** The last line of a page: the next one begins behind it. */
export interface EventPlace {
  sortKey: string
  provider: string
  partnerId: number
  eventId: string
}

/** Undated events come last. */
const sortKey = sql`coalesce(e.starts_at, e.start_day::timestamptz, 'infinity')`

/**
 * Events soonest first, undated last.
 * @param only.from those that end, or else start, at or after this instant, and the undated ones
 */
export async function listEventLines(
  db: Db | Trx,
  only: {
    partnerId?: number
    key?: EventKey
    from?: number
    after?: EventPlace | null
    limit: number
  },
): Promise<EventLine[]> {
  const { key, after } = only
  const partnerId = key?.partnerId ?? only.partnerId ?? null
  const from = only.from === undefined ? null : new Date(only.from).toISOString()
  const result = await sql<EventLine>`
    SELECT ${overviewOf('event_id')}, e.list_id AS "listId", e.race, (${sortKey})::text AS "sortKey"
    FROM (SELECT provider, timing_partner_id, account_id, list_id, event_id, event_name AS name, starts_at,
        starts_assumed, ends_at, start_day, end_day, timezone, timezone_source, override_start, override_timezone,
        bib_authority, cadence, status, missing_since IS NOT NULL AS missing,
        CASE WHEN provider = 'runsignup' THEN list_name END AS race
      FROM startlist.list_events) e
    JOIN timing_partners t USING (timing_partner_id)
    LEFT JOIN partner_sync p
      ON p.provider = e.provider AND p.timing_partner_id = e.timing_partner_id AND p.event_id = e.list_id
    LEFT JOIN sync_state s ON s.account_id = e.account_id AND s.event_id = e.list_id
    WHERE (${partnerId}::int IS NULL OR e.timing_partner_id = ${partnerId})
      AND (${key?.provider ?? null}::text IS NULL OR e.provider = ${key?.provider ?? null})
      AND (${key?.eventId ?? null}::text IS NULL OR e.event_id = ${key?.eventId ?? null})
      AND (${from}::timestamptz IS NULL OR coalesce(e.ends_at, e.starts_at, e.end_day::timestamptz,
        e.start_day::timestamptz, 'infinity') >= ${from})
      AND (${after?.sortKey ?? null}::timestamptz IS NULL OR (${sortKey}, e.provider, e.timing_partner_id, e.event_id)
        > (${after?.sortKey ?? null}::timestamptz, ${after?.provider ?? null}::text, ${after?.partnerId ?? null}::int,
          ${after?.eventId ?? null}::text))
    ORDER BY ${sortKey}, e.provider, e.timing_partner_id, e.event_id LIMIT ${only.limit}`.execute(db)
  return result.rows
}

/** One timing partner's event; null where whoever reads sees none. */
export async function findEventLine(db: Db | Trx, key: EventKey): Promise<EventLine | null> {
  return (await listEventLines(db, { key, limit: 1 }))[0] ?? null
}

/** Where an event is read, and for whose account; null where whoever reads sees no such event. */
export async function findEvent(db: Db | Trx, key: EventKey): Promise<FoundEvent | null> {
  const { table, list } = eventTable(key.provider)
  const result = await sql<Pick<FoundEvent, 'listId' | 'accountId'>>`
    SELECT ${sql.ref(list)}::text AS "listId", account_id AS "accountId" FROM ${sql.table(table)}
    WHERE timing_partner_id = ${key.partnerId} AND event_id::text = ${key.eventId}`.execute(db)
  const [found] = result.rows
  return found === undefined ? null : { ...key, ...found }
}
