import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Race, RacePart } from '../../domain/race.ts'
import type { Trx } from '../database.ts'
import type { EventReceiver, EventRow, EventTable } from './table.ts'

/** `runsignup_events`: the events of a race have one list, which is the race's. */
export const runsignupEvents: EventTable = {
  table: 'runsignup_events',
  eventType: 'integer',
  list: 'race_id',
  decisions: { table: 'runsignup_races', key: 'race_id' },
  wall: { start: 'start_time', end: 'end_time' },
  touched: null,

  async writeShared(trx, at, rows) {
    const races = new Map(rows.map((row) => [partOf(row).race.raceId, partOf(row).race]))
    for (const race of races.values()) await writeRace(trx, at, race)
  },

  async write(trx, at, row) {
    const part = partOf(row)
    await sql`
    INSERT INTO runsignup_events (timing_partner_id, event_id, race_id, account_id, name, details, start_time, end_time,
      age_calc_base_date, registration_opens, event_type, distance, volunteer, require_dob, require_phone, giveaway,
      starts_at, starts_assumed, ends_at, start_day, end_day, timezone, timezone_source, status, credentials_used,
      raw_data, row_hash, fetched_date, fetched_at)
    VALUES (${at.partnerId}, ${row.eventId}::integer, ${part.race.raceId}::integer, ${at.accountId}, ${row.name},
      ${row.description}, ${row.startWall}::timestamp, ${row.endWall}::timestamp, ${part.ageBaseDate}::date,
      ${part.registrationOpens}::timestamptz AT TIME ZONE 'America/New_York', ${row.eventType}, ${row.distanceMiles},
      ${part.volunteer}, ${part.requiresBirthDate}, ${part.requiresPhone}, ${part.giveaway},
      ${row.startsAt}::timestamptz, ${row.startsAssumed}, ${row.endsAt}::timestamptz, ${row.startDay}::date,
      ${row.endDay}::date, ${row.timezone}, ${row.timezoneSource}, ${row.status}, ${at.organization},
      ${JSON.stringify(row.raw)}::jsonb, ${row.hash}, startlist.clock() AT TIME ZONE 'UTC', startlist.clock())
    ON CONFLICT (timing_partner_id, event_id) DO UPDATE SET
      account_id = coalesce(runsignup_events.account_id, excluded.account_id), race_id = excluded.race_id,
      name = excluded.name, details = excluded.details,
      start_time = CASE WHEN runsignup_events.override_start IS NULL THEN excluded.start_time
        ELSE runsignup_events.start_time END,
      starts_at = CASE WHEN runsignup_events.override_start IS NULL THEN excluded.starts_at
        ELSE runsignup_events.starts_at END,
      starts_assumed = CASE WHEN runsignup_events.override_start IS NULL THEN excluded.starts_assumed
        ELSE runsignup_events.starts_assumed END,
      start_day = CASE WHEN runsignup_events.override_start IS NULL THEN excluded.start_day
        ELSE runsignup_events.start_day END,
      end_time = excluded.end_time, ends_at = excluded.ends_at, end_day = excluded.end_day,
      age_calc_base_date = excluded.age_calc_base_date, registration_opens = excluded.registration_opens,
      event_type = excluded.event_type, distance = excluded.distance, volunteer = excluded.volunteer,
      require_dob = excluded.require_dob, require_phone = excluded.require_phone, giveaway = excluded.giveaway,
      timezone = excluded.timezone, timezone_source = excluded.timezone_source, status = excluded.status,
      credentials_used = excluded.credentials_used, raw_data = excluded.raw_data, row_hash = excluded.row_hash,
      missing_since = NULL, fetched_date = excluded.fetched_date, fetched_at = excluded.fetched_at`.execute(
      trx,
    )
  },
}

function partOf({ eventId, part }: EventRow): RacePart {
  if (part === null) throw new StartlistError('INTERNAL', `event ${eventId} came without its race`)
  return part
}

/** A race that is as it was is not written: its row is shared by all its events. */
async function writeRace(trx: Trx, at: EventReceiver, race: Race): Promise<void> {
  const raw = JSON.stringify(race.raw)
  await sql`
    INSERT INTO runsignup_races (timing_partner_id, race_id, name, last_date, last_end_date, next_date, next_end_date,
      is_draft_race, is_private_race, is_registration_open, created, last_modified, description, url,
      external_race_url, external_results_url, fb_page_id, fb_event_id, address, timezone, logo_url,
      real_time_notifications_enabled, credentials_used, raw_data, fetched_date, fetched_at)
    VALUES (${at.partnerId}, ${race.raceId}::integer, ${race.name}, ${race.lastDate}::date, ${race.lastEndDate}::date,
      ${race.nextDate}::date, ${race.nextEndDate}::date, ${race.isDraft}, ${race.isPrivate},
      ${race.isRegistrationOpen}, ${race.createdAt}::timestamptz AT TIME ZONE 'America/New_York',
      ${race.modifiedAt}::timestamptz AT TIME ZONE 'America/New_York', ${race.description}, ${race.url},
      ${race.externalUrl}, ${race.resultsUrl}, ${race.facebookPage}, ${race.facebookEvent},
      ${race.address === null ? null : JSON.stringify(race.address)}::jsonb, ${race.timezone}, ${race.logoUrl},
      ${race.notifiesInRealTime}, ${at.organization}, ${raw}::jsonb, startlist.clock() AT TIME ZONE 'UTC',
      startlist.clock())
    ON CONFLICT (timing_partner_id, race_id) DO UPDATE SET
      name = excluded.name, last_date = excluded.last_date, last_end_date = excluded.last_end_date,
      next_date = excluded.next_date, next_end_date = excluded.next_end_date, is_draft_race = excluded.is_draft_race,
      is_private_race = excluded.is_private_race, is_registration_open = excluded.is_registration_open,
      created = excluded.created, last_modified = excluded.last_modified, description = excluded.description,
      url = excluded.url, external_race_url = excluded.external_race_url,
      external_results_url = excluded.external_results_url, fb_page_id = excluded.fb_page_id,
      fb_event_id = excluded.fb_event_id, address = excluded.address, timezone = excluded.timezone,
      logo_url = excluded.logo_url, real_time_notifications_enabled = excluded.real_time_notifications_enabled,
      credentials_used = excluded.credentials_used, raw_data = excluded.raw_data, fetched_date = excluded.fetched_date,
      fetched_at = excluded.fetched_at
    WHERE runsignup_races.raw_data IS DISTINCT FROM excluded.raw_data`.execute(trx)
}
