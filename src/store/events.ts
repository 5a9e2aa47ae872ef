import { sql } from 'kysely'
import type { ProviderName } from '../domain/account.ts'
import type { EventTimes } from '../domain/event-days.ts'
import type { Db, Trx } from './database.ts'
import { eventTable } from './event-tables/index.ts'
import type { EventReceiver, EventRow } from './event-tables/table.ts'

/** A timing partner that receives an event, and what it decided for it. */
export interface Holder {
  partnerId: number
  /** Organization of the credential, for `credentials_used`; never a key. */
  organization: string | null
  bibAuthority: 'provider' | 'local'
  /** `YYYY-MM-DD` in the event's zone; null without a date, and where the provider itself tells ages on race day. */
  raceDay: string | null
  state: 'current' | 'behind'
  /** What the stored rows were computed with (F5); null before the first row. */
  derivedFrom: string | null
  /** Parts of a registration that the partner keeps, as text; null for the default. */
  keptParts: string | null
  /** The list's own cadence, else the partner's; null for the default. */
  cadence: string | null
  /** When the list's events are for this partner, whose override may differ from another's (T3). */
  days: EventTimes[]
  /** A page of this run could not be written for this holder (S2). */
  failed?: boolean
}

/** One of the events that a list has the registrations of. */
export interface ListedEvent extends EventTimes {
  eventId: string
  missing: boolean
}

/**
 * What one list of an account is about, with everyone who receives it: an event, or a race of several events where the
 * provider lists those together. Its times are the earliest start and the latest end.
 */
export interface AccountEvent extends EventTimes {
  /** The list's: the event's, or the race's. */
  eventId: string
  name: string | null
  /** All of its events are. */
  missing: boolean
  /** Soonest first. */
  events: ListedEvent[]
  holders: Holder[]
}

/**
 * The events that an account feeds, soonest first, undated last, each with its holders: timing partners whose own
 * secret of this account has obtained a token (S1). Of a race that is held year after year only the present edition
 * counts: what is not over for more than a week or, when all is, the last one.
 * @param only.eventIds these alone; all when left out
 */
export async function eventsOfAccount(
  db: Db | Trx,
  accountId: number,
  only: { eventIds?: readonly string[] } = {},
): Promise<AccountEvent[]> {
  const result = await sql<Omit<AccountEvent, 'events'> & { parts: ListedEvent[] }>`
    WITH dated AS (
      SELECT e.*, coalesce(e.ends_at, e.starts_at, e.end_day::timestamptz, e.start_day::timestamptz) AS last
      FROM startlist.list_events e
      WHERE e.account_id = ${accountId}
        AND (${only.eventIds ?? null}::text[] IS NULL OR e.list_id = ANY (${only.eventIds ?? null}::text[]))
    ), editions AS (
      SELECT d.*, max(d.last) OVER (PARTITION BY d.list_id) AS edition FROM dated d
    ), parts AS (
      SELECT e.*, c.organization, coalesce(e.starts_at, e.start_day::timestamptz) AS first,
        jsonb_build_object('startsAt', extract(epoch FROM e.starts_at) * 1000, 'startDay', e.start_day,
          'endsAt', extract(epoch FROM e.ends_at) * 1000, 'endDay', e.end_day, 'timezone', e.timezone,
          'assumed', e.starts_assumed) AS times
      FROM editions e
      JOIN LATERAL (
        SELECT additional_config->>'organization_name' AS organization FROM partner_provider_credentials c
        WHERE c.account_id = e.account_id AND c.timing_partner_id = e.timing_partner_id
          AND c.proven_at IS NOT NULL AND c.state = 'Ready'
        LIMIT 1
      ) c ON true
      WHERE e.last IS NULL OR e.last >= least(e.edition, startlist.clock()) - interval '8 days'
    ), holders AS (
      SELECT e.list_id, e.timing_partner_id, jsonb_build_object(
        'partnerId', e.timing_partner_id, 'organization', min(e.organization),
        'bibAuthority', min(e.bib_authority),
        -- RunSignUp tells ages on race day itself.
        'raceDay', CASE WHEN e.provider <> 'runsignup' THEN min(coalesce(e.start_day,
          (e.starts_at AT TIME ZONE coalesce(e.timezone, 'America/New_York'))::date))::text END,
        'state', coalesce(min(s.state), 'behind'), 'derivedFrom', min(s.derived_from),
        'keptParts', min(t.kept_parts), 'cadence', coalesce(min(e.cadence), min(t.cadence)), 'days', jsonb_agg(e.times ORDER BY e.first, e.event_id)) AS holder
      FROM parts e
      JOIN timing_partners t USING (timing_partner_id)
      LEFT JOIN partner_sync s
        ON s.provider = e.provider AND s.timing_partner_id = e.timing_partner_id AND s.event_id = e.list_id
      GROUP BY e.provider, e.list_id, e.timing_partner_id
    )
    SELECT e.list_id AS "eventId", min(e.list_name) AS name,
      min(extract(epoch FROM e.starts_at) * 1000)::float8 AS "startsAt", min(e.start_day)::text AS "startDay",
      max(extract(epoch FROM e.ends_at) * 1000)::float8 AS "endsAt", max(e.end_day)::text AS "endDay",
      min(e.timezone) AS timezone, bool_or(e.starts_assumed) AS assumed,
      bool_and(e.missing_since IS NOT NULL) AS missing,
      jsonb_agg(e.times || jsonb_build_object('eventId', e.event_id, 'missing', e.missing_since IS NOT NULL)
        ORDER BY e.first, e.event_id) AS parts,
      (SELECT jsonb_agg(h.holder ORDER BY h.timing_partner_id) FROM holders h WHERE h.list_id = e.list_id) AS holders
    FROM parts e GROUP BY e.list_id ORDER BY min(e.first) NULLS LAST, e.list_id`.execute(db)
  return result.rows.map(({ parts, ...event }) => ({ ...event, events: distinctEvents(parts) }))
}

/** Each event once, however many receive it: missing only where it is for all of them. */
function distinctEvents(parts: readonly ListedEvent[]): ListedEvent[] {
  const events = new Map<string, ListedEvent>()
  for (const part of parts) {
    const known = events.get(part.eventId)
    if (known === undefined) events.set(part.eventId, part)
    else known.missing &&= part.missing
  }
  return [...events.values()]
}

/**
 * Stores a page of events for one timing partner. An event that another account of the partner already feeds stays
 * with that one. An override of start or zone by a person (T3) is kept.
 * @returns per event whether it was new, changed or the same
 */
export async function upsertEvents(
  trx: Trx,
  at: EventReceiver,
  rows: readonly EventRow[],
): Promise<Map<string, 'new' | 'changed' | 'same'>> {
  const outcome = new Map<string, 'new' | 'changed' | 'same'>()
  if (rows.length === 0) return outcome
  const table = eventTable(at.provider)
  const known = await sql<{ event_id: string; hash: string | null; missing: boolean; settled: boolean }>`
    SELECT event_id::text AS event_id, encode(row_hash, 'hex') AS hash, missing_since IS NOT NULL AS missing,
      account_id IS NOT NULL AS settled
    FROM ${sql.table(table.table)} WHERE timing_partner_id = ${at.partnerId}
      AND event_id = ANY (${rows.map((r) => r.eventId)}::${sql.raw(table.eventType)}[]) FOR UPDATE`.execute(
    trx,
  )
  const before = new Map(known.rows.map((row) => [row.event_id, row]))
  const changed: EventRow[] = []
  for (const row of rows) {
    const old = before.get(row.eventId)
    const same = old?.hash === row.hash.toString('hex') && !old.missing && old.settled
    outcome.set(row.eventId, old === undefined ? 'new' : same ? 'same' : 'changed')
    if (!same) changed.push(row)
  }
  await table.writeShared(trx, at, rows)
  for (const row of changed) await table.write(trx, at, row)
  const back = rows.filter((row) => before.get(row.eventId)?.missing).map(listOf)
  // Back again means a sweep: while it was missing, nobody looked for what was removed (A4).
  if (back.length > 0) {
    await sql`UPDATE sync_state SET complete_at = NULL
      WHERE account_id = ${at.accountId} AND event_id = ANY (${back}::text[])`.execute(trx)
  }
  await sql`
    INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
    SELECT ${at.provider}, ${at.partnerId}, event_id, ${at.accountId} FROM unnest(${[...new Set(rows.map(listOf))]}::text[]) event_id
    ON CONFLICT DO NOTHING`.execute(trx)
  return outcome
}

const listOf = ({ eventId, part }: EventRow): string => part?.race.raceId ?? eventId

/** Zones that a person gave to events of a timing partner (T3): event id to IANA zone. */
export async function zoneOverrides(
  trx: Trx,
  { provider, partnerId }: Pick<EventReceiver, 'provider' | 'partnerId'>,
): Promise<Map<string, string>> {
  const result = await sql<{ event_id: string; zone: string }>`
    SELECT event_id::text AS event_id, override_timezone AS zone FROM ${sql.table(eventTable(provider).table)}
    WHERE timing_partner_id = ${partnerId} AND override_timezone IS NOT NULL`.execute(trx)
  return new Map(result.rows.map((row) => [row.event_id, row.zone]))
}

/**
 * Marks events that a finished whole discovery did not list as missing (A4). Returns the ids newly marked.
 * @param at.pastToo false where the provider lists what is to come alone: absence then says nothing of the past
 */
export async function markMissing(
  trx: Trx,
  at: Pick<EventReceiver, 'provider' | 'accountId'> & { partnerIds: readonly number[]; pastToo: boolean },
  listed: readonly string[],
): Promise<string[]> {
  const result = await sql<{ event_id: string }>`
    UPDATE ${sql.table(eventTable(at.provider).table)} SET missing_since = startlist.clock()
    WHERE account_id = ${at.accountId} AND timing_partner_id = ANY (${at.partnerIds}::int[])
      AND missing_since IS NULL AND NOT (event_id::text = ANY (${listed}::text[]))
      AND (${at.pastToo} OR coalesce(ends_at, starts_at, end_day::timestamptz, start_day::timestamptz)
        > startlist.clock())
    RETURNING event_id::text AS event_id`.execute(trx)
  return [...new Set(result.rows.map((row) => row.event_id))]
}

/** The events of a list that were asked for are gone at their provider (A4), or back. */
export async function setMissing(
  db: Db | Trx,
  at: Pick<EventReceiver, 'provider' | 'accountId'> & { eventId: string; events: readonly string[] },
  missing: boolean,
): Promise<void> {
  const { table, list, eventType } = eventTable(at.provider)
  await sql`
    UPDATE ${sql.table(table)} SET missing_since = CASE WHEN ${missing} THEN startlist.clock() END
    WHERE account_id = ${at.accountId} AND ${sql.ref(list)} = ${at.eventId}::${sql.raw(eventType)}
      AND event_id::text = ANY (${at.events}::text[]) AND (missing_since IS NOT NULL) <> ${missing}`.execute(
    db,
  )
}

/** Whether one timing partner's rows of an event are as current as its account's (S2). */
export async function setHolderState(
  trx: Trx,
  at: { provider: ProviderName; accountId: number; eventId: string; partnerId: number },
  state: 'current' | 'behind',
  reason: string | null,
): Promise<void> {
  await sql`
    INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id, state, reason)
    VALUES (${at.provider}, ${at.partnerId}, ${at.eventId}, ${at.accountId}, ${state}, ${reason})
    ON CONFLICT (provider, timing_partner_id, event_id) DO UPDATE SET state = excluded.state,
      reason = excluded.reason,
      since = CASE WHEN partner_sync.state = excluded.state THEN partner_sync.since ELSE startlist.clock() END
    WHERE partner_sync.state <> excluded.state OR partner_sync.reason IS DISTINCT FROM excluded.reason`.execute(
    trx,
  )
}

/** Records what a holder's rows are computed with from now on (F5). */
export async function setDerivedFrom(
  trx: Trx,
  at: { provider: ProviderName; eventId: string; partnerId: number },
  derivedFrom: string,
): Promise<void> {
  await sql`UPDATE partner_sync SET derived_from = ${derivedFrom}
    WHERE provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}`.execute(
    trx,
  )
}
