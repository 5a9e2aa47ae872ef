import { type ControlledTransaction, sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { AskedLine, StartListEvent, StartListState } from '../../domain/start-list.ts'
import type { Db, Trx } from '../database.ts'
import { findMark } from '../feed/marks.ts'
import { becomeTenant } from '../isolation/tenant.ts'
import { type EventOverview, listEvents } from '../overview/events.ts'
import { assertKept, feedSpan } from '../overview/feed.ts'
import { ofList } from '../participants/of-list.ts'
import type { Database } from '../schema.ts'
import { isListed, type LineQuery, ofEvent, readLines } from './lines.ts'

/** Which start list. */
export interface StartListOf {
  /** A list, or one of the events in it. */
  eventId: string
  partnerId?: number
  provider?: string
  /** The list that the event is read in, where that is known. */
  listId?: string
}

/** For whom, and how, a snapshot is read. */
export interface Reading {
  /** Reads as this timing partner: PostgreSQL itself shows no other's rows (I1). */
  tenant?: number | undefined
  /** How long a reader may pause before the snapshot is gone, in ms; 0 for ever, which is the default. */
  patienceMs?: number
  /** How long one statement may take, in ms; by default what the connection allows. */
  statementMs?: number
}

/** A start list as it stands at one instant, for as long as it is open. */
export interface StartListSnapshot {
  state: StartListState
  /** Only who changed after this position of the feed is read; null for everybody. */
  after: number | null
  /** One reading at a time. */
  lines(query: Omit<LineQuery, 'after'>): AsyncGenerator<AskedLine[]>
  /** Gives the connection back. */
  close(): Promise<void>
}

/** From where on changes are wanted: a position of the feed, or a mark in it. */
export interface ChangedSince {
  after?: number | undefined
  since?: string | undefined
}

/**
 * Opens one snapshot of a start list: what is read from it fits together, however long that takes. Close it.
 * @throws StartlistError NO_SUCH_EVENT, NO_SUCH_MARK, CHANGES_GONE, and BAD_INPUT when several timing partners or providers
 * have the event
 */
export async function openStartList(
  db: Db,
  of: StartListOf,
  { after, since, ...reading }: Reading & ChangedSince = {},
): Promise<StartListSnapshot> {
  const { trx, close } = await openSnapshot(db, reading)
  try {
    const state = await readState(trx, of)
    const from = await positionOf(trx, state.event, { after, since })
    const only = from === null ? {} : { after: from }
    return { state, after: from, lines: (query) => readLines(trx, state.event, { ...query, ...only }), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function positionOf(
  trx: Trx,
  { provider, partnerId, listId }: StartListEvent,
  { after, since }: ChangedSince,
): Promise<number | null> {
  const at = { provider, partnerId, eventId: listId }
  const position = since === undefined ? after : (await findMark(trx, at, since)).position
  if (position === undefined) return null
  assertKept(await feedSpan(trx, at), position)
  return position
}

/** Opens a snapshot of everything, to be read piece by piece. Close it. */
export async function openSnapshot(
  db: Db,
  { tenant, patienceMs = 0, statementMs }: Reading,
): Promise<{ trx: Trx; close(): Promise<void> }> {
  const trx = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute()
  const close = () => endReading(trx)
  try {
    // Whoever reads on the other end of a pipe may take long.
    await sql`SET LOCAL idle_in_transaction_session_timeout = ${sql.lit(patienceMs)}`.execute(trx)
    if (statementMs !== undefined)
      await sql`SET LOCAL statement_timeout = ${sql.lit(statementMs)}`.execute(trx)
    if (tenant !== undefined) await becomeTenant(trx, tenant)
    return { trx, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Nothing was written; a broken connection has nothing to end either. */
async function endReading(trx: ControlledTransaction<Database>): Promise<void> {
  await trx
    .rollback()
    .execute()
    .catch(() => {})
}

/**
 * A start list without its people, as it stands in the transaction.
 * @throws StartlistError as {@link openStartList}
 */
export async function readState(trx: Trx, of: StartListOf): Promise<StartListState> {
  const event = await findEvent(trx, of)
  const { rows } = await sql<Omit<StartListState, 'event'>>`
    SELECT startlist.clock() AS at, coalesce((SELECT feed_position FROM partner_sync WHERE provider = ${event.provider}
        AND timing_partner_id = ${event.partnerId} AND event_id = ${event.listId}), 0)::float8 AS position,
      count(*)::int AS registrations, count(*) FILTER (WHERE p.details = 'pending')::int AS pending,
      min(p.detail_read_at) AS "bibsAsOf"
    FROM startlist.start_lists p WHERE ${ofList(event)} AND ${ofEvent(event)} AND ${isListed}`.execute(trx)
  return { event, ...rows[0]! }
}

async function findEvent(trx: Trx, of: StartListOf): Promise<StartListEvent> {
  const { eventId, partnerId, provider, listId } = of
  const all = await listEvents(trx, { eventId, ...(partnerId === undefined ? {} : { partnerId }) })
  const found = all.filter(
    (list) => (provider ?? list.provider) === list.provider && (listId ?? list.eventId) === list.eventId,
  )
  // A race may bear the number of another race's event.
  const named = found.filter((list) => list.eventId === eventId)
  const [list, ...others] = named.length === 1 ? named : found
  if (list === undefined) throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventId}`)
  if (others.length > 0) {
    throw new StartlistError('BAD_INPUT', `event ${eventId} is there ${found.length} times`, {
      hint: `Say which: ${found.map((one) => `--provider ${one.provider} --partner ${one.partnerId}`).join(', or ')}.`,
    })
  }
  return list.eventId === eventId ? eventOf(list, eventId) : oneOf(trx, list, eventId)
}

function eventOf(list: EventOverview, eventId: string): StartListEvent {
  const { provider, partnerId, eventId: listId, name, startsAt, startDay, timezone } = list
  const at = startsAt === null ? null : new Date(startsAt).toISOString()
  return { provider, partnerId, listId, eventId, name, startsAt: at, startDay, timezone }
}

async function oneOf(trx: Trx, list: EventOverview, eventId: string): Promise<StartListEvent> {
  const { rows } = await sql<Pick<StartListEvent, 'name' | 'startsAt' | 'startDay' | 'timezone'>>`
    SELECT coalesce(list_name || ': ' || event_name, event_name, event_id) AS name, starts_at AS "startsAt",
      start_day::text AS "startDay", timezone
    FROM startlist.list_events
    WHERE provider = ${list.provider} AND timing_partner_id = ${list.partnerId} AND list_id = ${list.eventId}
      AND event_id = ${eventId}`.execute(trx)
  return { ...eventOf(list, eventId), ...rows[0]! }
}
