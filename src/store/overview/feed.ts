import { type RawBuilder, sql } from 'kysely'
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
  { newest = false, ...only }: FeedFilter & { newest?: boolean } = {},
): Promise<FeedEntry[]> {
  const result = await sql<FeedEntry>`
    SELECT ${ENTRY} FROM startlist.changes c WHERE ${isOf(at, after, only)}
    -- Of the view: by the number that goes out no index is sorted.
    ORDER BY c.position ${newest ? sql`DESC` : sql`ASC`} LIMIT ${limit}`.execute(db)
  // After the entries: what was purged while they were read is noticed as well.
  assertKept(await feedSpan(db, at), after)
  return result.rows
}

/** Of which each may be forty rows of a file. */
const BATCH = 250

/**
 * All entries after a position in batches, through a cursor of the transaction: memory does not grow with their number.
 * @param order `together`: all entries of a registration stand together, where its newest one belongs
 * @throws StartlistError CHANGES_GONE as {@link readFeed}
 */
export async function* scanFeed(
  trx: Trx,
  at: PartnerEvent,
  after: number,
  only: FeedFilter,
  order: 'position' | 'together',
): AsyncGenerator<FeedEntry[]> {
  const place =
    order === 'together'
      ? sql`max(c.position) OVER (PARTITION BY c.participant_id), c.position`
      : sql`c.position`
  await sql`DECLARE feed NO SCROLL CURSOR FOR
    SELECT ${ENTRY} FROM startlist.changes c WHERE ${isOf(at, after, only)} ORDER BY ${place}`.execute(trx)
  // After the cursor has its snapshot, for the same reason.
  assertKept(await feedSpan(trx, at), after)
  for (;;) {
    const { rows } = await sql<FeedEntry>`FETCH ${sql.lit(BATCH)} FROM feed`.execute(trx)
    if (rows.length > 0) yield rows
    if (rows.length < BATCH) break
  }
  await sql`CLOSE feed`.execute(trx)
}

const ENTRY = sql`position::float8 AS position, participant_id AS "participantId", change, fields, event_id AS "eventId",
  first_name AS "firstName", last_name AS "lastName", bib_number AS bib,
  (extract(epoch FROM source_updated_at) * 1000)::float8 AS "sourceUpdatedAt",
  (extract(epoch FROM seen_at) * 1000)::float8 AS "seenAt", run_id::float8 AS "runId"`

/** Whether an entry is of the feed, after the position, and wanted. */
function isOf(
  at: PartnerEvent,
  after: number,
  { eventId, kinds, field, q }: FeedFilter,
): RawBuilder<unknown> {
  const like = `%${(q ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql`provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND list_id = ${at.eventId}
    AND position > ${after}
    AND (${eventId ?? null}::text IS NULL OR event_id = ${eventId ?? null} OR fields->'event_id' ? ${eventId ?? ''})
    AND (${kinds === undefined} OR change = ANY (${kinds ?? []}::text[]))
    AND (${field ?? null}::text IS NULL OR fields ? ${field ?? ''})
    AND (${q ?? null}::text IS NULL OR concat_ws(' ', first_name, last_name) ILIKE ${like}
      OR bib_number = ${q ?? null} OR participant_id = ${q ?? null})`
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
