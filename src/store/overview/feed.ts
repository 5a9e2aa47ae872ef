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
  /** No entry behind this position. */
  until?: number | undefined
  /** These registrations alone. */
  people?: readonly string[] | undefined
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
 * @param order all entries of a registration stand together, oldest first: where its newest one belongs, from the front of
 * the feed (`together`) or from its end (`newest`)
 * @throws StartlistError CHANGES_GONE as {@link readFeed}
 */
export async function* scanFeed(
  trx: Trx,
  at: PartnerEvent,
  after: number,
  only: FeedFilter,
  order: 'position' | 'together' | 'newest',
): AsyncGenerator<FeedEntry[]> {
  const newest = sql`max(c.position) OVER (PARTITION BY c.participant_id)`
  const place = {
    position: sql`c.position`,
    together: sql`${newest}, c.position`,
    newest: sql`${newest} DESC, c.position`,
  }[order]
  await sql`DECLARE feed NO SCROLL CURSOR FOR
    SELECT ${ENTRY} FROM startlist.changes c WHERE ${isOf(at, after, only)} ORDER BY ${place}`.execute(trx)
  try {
    // After the cursor has its snapshot, for the same reason.
    assertKept(await feedSpan(trx, at), after)
    for (;;) {
      const { rows } = await sql<FeedEntry>`FETCH ${sql.lit(BATCH)} FROM feed`.execute(trx)
      if (rows.length > 0) yield rows
      if (rows.length < BATCH) return
    }
  } finally {
    // Whoever has enough may ask for more in the same transaction. One that failed has no cursor any more.
    await sql`CLOSE feed`.execute(trx).catch(() => {})
  }
}

/** Some of the registrations of a feed, by where their newest entry stands. */
export interface SomePeople {
  /** Only those whose newest entry comes behind this position, in the order; undefined for all. */
  past: number | undefined
  newestFirst: boolean
  most: number
}

/** Registrations that have an entry after a position, with the position of their newest one, in its order. */
export async function changedPeople(
  trx: Trx,
  at: PartnerEvent,
  after: number,
  only: FeedFilter,
  { past, newestFirst, most }: SomePeople,
): Promise<{ who: string; newest: number }[]> {
  // From the front the rest of the feed is enough: who has no entry there has no newest one there.
  const from = newestFirst ? after : Math.max(after, past ?? 0)
  const isPast = newestFirst && past !== undefined ? sql`max(position) < ${past}` : sql`true`
  const { rows } = await sql<{ who: string; newest: number }>`
    SELECT participant_id AS who, max(position)::float8 AS newest FROM ${sourceOf(only)} WHERE ${isOf(at, from, only)}
    GROUP BY participant_id HAVING ${isPast}
    ORDER BY max(position) ${newestFirst ? sql`DESC` : sql`ASC`} LIMIT ${most}`.execute(trx)
  return rows
}

const ENTRY = sql`position::float8 AS position, participant_id AS "participantId", change, fields, event_id AS "eventId",
  first_name AS "firstName", last_name AS "lastName", bib_number AS bib,
  (extract(epoch FROM source_updated_at) * 1000)::float8 AS "sourceUpdatedAt",
  (extract(epoch FROM seen_at) * 1000)::float8 AS "seenAt", run_id::float8 AS "runId"`

/** Where registrations are looked for: the view looks each of them up, for a name that may not be asked for. */
const sourceOf = ({ eventId, q }: FeedFilter): RawBuilder<unknown> =>
  eventId === undefined && q === undefined
    ? sql`(SELECT provider, timing_partner_id, event_id AS list_id, position, participant_id, change, fields
        FROM participant_changes) c`
    : sql`startlist.changes c`

/** Whether an entry is of the feed, after the position, and wanted: it names no column that nothing is asked of. */
function isOf(
  at: PartnerEvent,
  after: number,
  { eventId, kinds, field, q, until, people }: FeedFilter,
): RawBuilder<unknown> {
  const like = `%${(q ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql.join(
    [
      sql`provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND list_id = ${at.eventId}`,
      sql`position > ${after}`,
      ...(until === undefined ? [] : [sql`position <= ${until}`]),
      ...(people === undefined ? [] : [sql`participant_id = ANY (${people}::text[])`]),
      ...(eventId === undefined ? [] : [sql`(event_id = ${eventId} OR fields->'event_id' ? ${eventId})`]),
      ...(kinds === undefined ? [] : [sql`change = ANY (${kinds}::text[])`]),
      ...(field === undefined ? [] : [sql`fields ? ${field}`]),
      ...(q === undefined
        ? []
        : [
            sql`(concat_ws(' ', first_name, last_name) ILIKE ${like} OR bib_number = ${q} OR participant_id = ${q})`,
          ]),
    ],
    sql` AND `,
  )
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
