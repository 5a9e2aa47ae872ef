import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import type { ChangeKind } from '../../domain/row.ts'
import type { PartnerEvent } from '../changes.ts'
import type { Db, Trx } from '../database.ts'

/** An entry of a list's change feed, with whom it is about as they stand now. Instants in ms since the epoch. */
export interface FeedEntry {
  position: number
  participantId: string
  change: ChangeKind
  /** Column -> [old, new] */
  fields: Record<string, [Json, Json]>
  /** The event of the list that the registration is in now. */
  eventId: string | null
  firstName: string | null
  lastName: string | null
  bib: string | null
  /** When the provider says that the registration last changed; null where it does not say. */
  sourceUpdatedAt: number | null
  seenAt: number
  runId: number | null
}

/** Which entries are wanted; all where nothing is said. */
export interface FeedFilter {
  /** One event of a list of several: who is in it, comes into it or leaves it. */
  eventId?: string | undefined
  kinds?: readonly ChangeKind[] | undefined
  /** A column that changed. */
  field?: string | undefined
  /** The newest first, instead of the oldest. */
  newest?: boolean | undefined
  /** Part of a name, or the whole of a bib or a registration number. */
  q?: string | undefined
}

/** How much of a feed there is. */
export interface FeedSpan {
  /** The newest entry; 0 before the first. */
  last: number
  /** Entries up to here were purged; 0 when all are kept. */
  purged: number
}

/**
 * Entries after a position, in order; none is skipped, as positions have no gap (D4).
 * @throws StartlistError CHANGES_GONE when entries after that position were purged, or the feed never came so far
 */
export async function readFeed(
  db: Db | Trx,
  at: PartnerEvent,
  after: number,
  limit = 1_000,
  only: FeedFilter = {},
): Promise<FeedEntry[]> {
  const like = `%${(only.q ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`
  const result = await sql<FeedEntry>`
    SELECT position::float8 AS position, participant_id AS "participantId", change, fields, event_id AS "eventId",
      first_name AS "firstName", last_name AS "lastName", bib_number AS bib,
      (extract(epoch FROM source_updated_at) * 1000)::float8 AS "sourceUpdatedAt",
      (extract(epoch FROM seen_at) * 1000)::float8 AS "seenAt", run_id::float8 AS "runId"
    FROM startlist.changes
    WHERE provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND list_id = ${at.eventId}
      AND position > ${after}
      AND (${only.eventId ?? null}::text IS NULL OR event_id = ${only.eventId ?? null}
        OR fields->'event_id' ? ${only.eventId ?? ''})
      AND (${only.kinds === undefined} OR change = ANY (${only.kinds ?? []}::text[]))
      AND (${only.field ?? null}::text IS NULL OR fields ? ${only.field ?? ''})
      AND (${only.q ?? null}::text IS NULL OR concat_ws(' ', first_name, last_name) ILIKE ${like}
        OR bib_number = ${only.q ?? null} OR participant_id = ${only.q ?? null})
    -- Of the view: by the number that goes out no index is sorted.
    ORDER BY changes.position ${only.newest === true ? sql`DESC` : sql`ASC`} LIMIT ${limit}`.execute(db)
  // After the entries: what was purged while they were read is noticed as well.
  assertKept(await feedSpan(db, at), after)
  return result.rows
}

/** Where a list's feed begins and ends. */
export async function feedSpan(
  db: Db | Trx,
  { provider, partnerId, eventId }: PartnerEvent,
): Promise<FeedSpan> {
  const { rows } = await sql<FeedSpan>`
    SELECT feed_position::float8 AS last, feed_purged::float8 AS purged FROM partner_sync
    WHERE provider = ${provider} AND timing_partner_id = ${partnerId} AND event_id = ${eventId}`.execute(db)
  return rows[0] ?? { last: 0, purged: 0 }
}

/** @throws StartlistError CHANGES_GONE when a reader who has read so far would miss something */
export function assertKept({ last, purged }: FeedSpan, after: number): void {
  if (after < purged) {
    throw new StartlistError(
      'CHANGES_GONE',
      `the changes after position ${after} were purged: those after ${purged} are kept`,
    )
  }
  if (after > last) {
    throw new StartlistError(
      'CHANGES_GONE',
      `position ${after} is not of this feed, which ends at ${last}: an older backup was restored, or it is another event's`,
    )
  }
}
