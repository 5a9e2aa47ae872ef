import { sql } from 'kysely'
import type { EventTable } from './table.ts'

/** `haku_events`: each event has a list of its own. */
export const hakuEvents: EventTable = {
  table: 'haku_events',
  eventType: 'text',
  list: 'event_id',
  decisions: { table: 'haku_events', key: 'event_id' },
  wall: { start: 'start_date', end: 'end_date' },
  touched: 'updated_at',
  async writeShared() {},

  async write(trx, at, row) {
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
  },
}
