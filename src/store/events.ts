import { sql } from 'kysely'
import type { ProviderName } from '../domain/account.ts'
import type { EventTimes } from '../domain/event-days.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Db, Trx } from './database.ts'

/** A timing partner that receives an event, and what it decided for it. */
export interface Holder {
  partnerId: number
  /** Organization of the credential, for `credentials_used`; never a key. */
  organization: string | null
  bibAuthority: 'provider' | 'local'
  /** `YYYY-MM-DD` in the event's zone; null without a date. */
  raceDay: string | null
  state: 'current' | 'behind'
  /** What the stored rows were computed with (F5); null before the first row. */
  derivedFrom: string | null
  /** The event's own cadence, else the partner's; null for the default. */
  cadence: string | null
  /** When the event is for this partner, whose override may differ from another's (T3). */
  times: EventTimes
  /** A page of this run could not be written for this holder (S2). */
  failed?: boolean
}

/** An event of an account, with everyone who receives it; its times are the earliest start and the latest end. */
export interface AccountEvent extends EventTimes {
  eventId: string
  name: string | null
  missing: boolean
  holders: Holder[]
}

/**
 * The events that an account feeds, soonest first, undated last, each with its holders: timing partners whose own
 * secret of this account has obtained a token (S1).
 * @param only.eventIds these alone; all when left out
 */
export async function eventsOfAccount(
  db: Db | Trx,
  accountId: number,
  only: { eventIds?: readonly string[] } = {},
): Promise<AccountEvent[]> {
  const result = await sql<{
    event_id: string
    event_name: string | null
    starts: number | null
    start_day: string | null
    ends: number | null
    end_day: string | null
    timezone: string | null
    assumed: boolean
    missing: boolean
    holders: Holder[]
  }>`
    SELECT e.event_id, min(e.event_name) AS event_name,
      min(extract(epoch FROM e.starts_at) * 1000)::float8 AS starts, min(e.start_day)::text AS start_day,
      max(extract(epoch FROM e.ends_at) * 1000)::float8 AS ends, max(e.end_day)::text AS end_day,
      min(e.timezone) AS timezone, bool_or(e.starts_assumed) AS assumed, bool_and(e.missing_since IS NOT NULL) AS missing,
      jsonb_agg(jsonb_build_object(
        'partnerId', e.timing_partner_id, 'organization', c.organization, 'bibAuthority', e.bib_authority,
        'raceDay', coalesce(e.start_day::text,
          ((e.starts_at AT TIME ZONE coalesce(e.timezone, 'America/New_York'))::date)::text),
        'state', coalesce(s.state, 'behind'), 'derivedFrom', s.derived_from,
        'cadence', coalesce(e.cadence, t.cadence),
        'times', jsonb_build_object('startsAt', extract(epoch FROM e.starts_at) * 1000, 'startDay', e.start_day,
          'endsAt', extract(epoch FROM e.ends_at) * 1000, 'endDay', e.end_day, 'timezone', e.timezone,
          'assumed', e.starts_assumed)) ORDER BY e.timing_partner_id) AS holders
    FROM haku_events e
    JOIN timing_partners t USING (timing_partner_id)
    JOIN LATERAL (
      SELECT additional_config->>'organization_name' AS organization FROM partner_provider_credentials c
      WHERE c.account_id = e.account_id AND c.timing_partner_id = e.timing_partner_id
        AND c.proven_at IS NOT NULL AND c.state = 'Ready'
      LIMIT 1
    ) c ON true
    LEFT JOIN partner_sync s
      ON s.provider = 'haku' AND s.timing_partner_id = e.timing_partner_id AND s.event_id = e.event_id
    WHERE e.account_id = ${accountId}
      AND (${only.eventIds ?? null}::text[] IS NULL OR e.event_id = ANY (${only.eventIds ?? null}::text[]))
    GROUP BY e.event_id
    ORDER BY min(coalesce(e.starts_at, e.start_day::timestamptz)) NULLS LAST, e.event_id`.execute(db)
  return result.rows.map((row) => ({
    eventId: row.event_id,
    name: row.event_name,
    startsAt: row.starts,
    startDay: row.start_day,
    endsAt: row.ends,
    endDay: row.end_day,
    timezone: row.timezone,
    assumed: row.assumed,
    missing: row.missing,
    holders: row.holders,
  }))
}

/** An event as discovery stores it for one timing partner. */
export interface EventRow {
  eventId: string
  name: string
  description: string | null
  /** ISO instants, or null */
  startsAt: string | null
  /** `startsAt` was read in New York because nobody knows its zone (T3). */
  startsAssumed: boolean
  endsAt: string | null
  startDay: string | null
  endDay: string | null
  /** Wall-clock text of the event's zone, for the legacy columns. */
  startWall: string | null
  endWall: string | null
  timezone: string | null
  timezoneSource: string
  location: string | null
  eventType: string | null
  distanceMiles: number | null
  registrationLimit: number | null
  registrationFee: string | null
  currency: string | null
  status: string | null
  raw: JsonObject
  hash: Buffer
}

/**
 * Stores a page of events for one timing partner. An event that another account of the partner already feeds stays
 * with that one. An override of start or zone by a person (T3) is kept.
 * @returns per event whether it was new, changed or the same
 */
export async function upsertEvents(
  trx: Trx,
  at: { provider: ProviderName; partnerId: number; accountId: number; organization: string | null },
  rows: readonly EventRow[],
): Promise<Map<string, 'new' | 'changed' | 'same'>> {
  const outcome = new Map<string, 'new' | 'changed' | 'same'>()
  if (rows.length === 0) return outcome
  const known = await sql<{ event_id: string; hash: string | null; missing: boolean; settled: boolean }>`
    SELECT event_id, encode(row_hash, 'hex') AS hash, missing_since IS NOT NULL AS missing,
      account_id IS NOT NULL AS settled
    FROM haku_events WHERE timing_partner_id = ${at.partnerId} AND event_id = ANY (${rows.map((r) => r.eventId)}::text[])
    FOR UPDATE`.execute(trx)
  const before = new Map(known.rows.map((row) => [row.event_id, row]))
  const changed: EventRow[] = []
  for (const row of rows) {
    const old = before.get(row.eventId)
    const same = old?.hash === row.hash.toString('hex') && !old.missing && old.settled
    outcome.set(row.eventId, old === undefined ? 'new' : same ? 'same' : 'changed')
    if (!same) changed.push(row)
  }
  for (const row of changed) await upsertEvent(trx, at, row)
  const back = rows.filter((row) => before.get(row.eventId)?.missing).map((row) => row.eventId)
  // Back again means a sweep: while it was missing, nobody looked for what was removed (A4).
  if (back.length > 0) {
    await sql`UPDATE sync_state SET complete_at = NULL
      WHERE account_id = ${at.accountId} AND event_id = ANY (${back}::text[])`.execute(trx)
  }
  await sql`
    INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
    SELECT ${at.provider}, ${at.partnerId}, event_id, ${at.accountId} FROM unnest(${rows.map((r) => r.eventId)}::text[]) event_id
    ON CONFLICT DO NOTHING`.execute(trx)
  return outcome
}

/** Zones that a person gave to events of a timing partner (T3): event id to IANA zone. */
export async function zoneOverrides(trx: Trx, partnerId: number): Promise<Map<string, string>> {
  const result = await sql<{ event_id: string; zone: string }>`
    SELECT event_id, override_timezone AS zone FROM haku_events
    WHERE timing_partner_id = ${partnerId} AND override_timezone IS NOT NULL`.execute(trx)
  return new Map(result.rows.map((row) => [row.event_id, row.zone]))
}

async function upsertEvent(
  trx: Trx,
  at: { partnerId: number; accountId: number; organization: string | null },
  row: EventRow,
): Promise<void> {
  await sql`
    INSERT INTO haku_events (timing_partner_id, event_id, account_id, organization_id, event_name, event_description,
      start_date, end_date, starts_at, starts_assumed, ends_at, start_day, end_day, timezone, timezone_source, location, event_type,
      distance, registration_limit, registration_fee, currency, status, credentials_used, raw_data, row_hash,
      fetched_date, fetched_at, updated_at)
    VALUES (${at.partnerId}, ${row.eventId}, ${at.accountId}, ${at.organization}, ${row.name}, ${row.description},
      ${row.startWall}::timestamp, ${row.endWall}::timestamp, ${row.startsAt}::timestamptz, ${row.startsAssumed}, ${row.endsAt}::timestamptz,
      ${row.startDay}::date, ${row.endDay}::date, ${row.timezone}, ${row.timezoneSource}, ${row.location},
      ${row.eventType}, ${row.distanceMiles}, ${row.registrationLimit}, ${row.registrationFee}, ${row.currency},
      ${row.status}, ${at.organization}, ${JSON.stringify(row.raw)}::jsonb, ${row.hash},
      startlist.clock() AT TIME ZONE 'UTC', startlist.clock(), startlist.clock() AT TIME ZONE 'UTC')
    ON CONFLICT (timing_partner_id, event_id) DO UPDATE SET
      account_id = coalesce(haku_events.account_id, excluded.account_id),
      organization_id = excluded.organization_id, event_name = excluded.event_name,
      event_description = excluded.event_description,
      start_date = CASE WHEN haku_events.override_start IS NULL THEN excluded.start_date ELSE haku_events.start_date END,
      starts_at = CASE WHEN haku_events.override_start IS NULL THEN excluded.starts_at ELSE haku_events.starts_at END,
      starts_assumed = CASE WHEN haku_events.override_start IS NULL THEN excluded.starts_assumed
        ELSE haku_events.starts_assumed END,
      start_day = CASE WHEN haku_events.override_start IS NULL THEN excluded.start_day ELSE haku_events.start_day END,
      end_date = excluded.end_date, ends_at = excluded.ends_at, end_day = excluded.end_day,
      timezone = excluded.timezone, timezone_source = excluded.timezone_source,
      location = excluded.location, event_type = excluded.event_type, distance = excluded.distance,
      registration_limit = excluded.registration_limit, registration_fee = excluded.registration_fee,
      currency = excluded.currency, status = excluded.status, credentials_used = excluded.credentials_used,
      raw_data = excluded.raw_data, row_hash = excluded.row_hash, missing_since = NULL,
      fetched_date = excluded.fetched_date, fetched_at = excluded.fetched_at, updated_at = excluded.updated_at`.execute(
    trx,
  )
}

/** Marks events that a finished whole discovery did not list as missing (A4). Returns the ids newly marked. */
export async function markMissing(
  trx: Trx,
  accountId: number,
  partnerIds: readonly number[],
  listed: readonly string[],
): Promise<string[]> {
  const result = await sql<{ event_id: string }>`
    UPDATE haku_events SET missing_since = startlist.clock()
    WHERE account_id = ${accountId} AND timing_partner_id = ANY (${partnerIds}::int[]) AND missing_since IS NULL
      AND NOT (event_id = ANY (${listed}::text[]))
    RETURNING event_id`.execute(trx)
  return [...new Set(result.rows.map((row) => row.event_id))]
}

/** One event whose list is gone at its provider (A4), or is back. */
export async function setMissing(
  db: Db | Trx,
  accountId: number,
  eventId: string,
  missing: boolean,
): Promise<void> {
  await sql`
    UPDATE haku_events SET missing_since = CASE WHEN ${missing} THEN startlist.clock() END
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND (missing_since IS NOT NULL) <> ${missing}`.execute(
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
