import { sql } from 'kysely'
import type { PartnerEvent } from '../changes.ts'
import type { Db } from '../database.ts'
import type { FeedEntry } from '../runs.ts'

/** An event's change feed as an audit reads it. */

/** Where a feed begins and ends, and how many entries it has between. */
export interface FeedRange {
  /** null when it is empty */
  first: number | null
  last: number | null
  entries: number
  /** the counter that positions are taken from */
  counter: number
}

export async function feedRange(db: Db, { provider, partnerId, eventId }: PartnerEvent): Promise<FeedRange> {
  const { rows } = await sql<FeedRange>`
    SELECT min(c.position)::float8 AS first, max(c.position)::float8 AS last, count(c.position)::int AS entries,
      coalesce((SELECT feed_position FROM partner_sync WHERE provider = ${provider}
        AND timing_partner_id = ${partnerId} AND event_id = ${eventId}), 0)::float8 AS counter
    FROM participant_changes c
    WHERE c.provider = ${provider} AND c.timing_partner_id = ${partnerId} AND c.event_id = ${eventId}`.execute(
    db,
  )
  return rows[0] ?? { first: null, last: null, entries: 0, counter: 0 }
}

/** The entries of these registrations, oldest first. */
export async function entriesOf(
  db: Db,
  { provider, partnerId, eventId }: PartnerEvent,
  keys: readonly string[],
): Promise<FeedEntry[]> {
  const { rows } = await sql<FeedEntry>`
    SELECT position, participant_id AS key, change, fields FROM participant_changes
    WHERE provider = ${provider} AND timing_partner_id = ${partnerId} AND event_id = ${eventId}
      AND participant_id = ANY (${keys}::text[]) ORDER BY position`.execute(db)
  return rows
}
