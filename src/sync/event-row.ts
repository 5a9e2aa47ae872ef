import type { EventRecord, EventTime, ZoneSource } from '../domain/event.ts'
import { EARLIEST_ZONE, placeEventTime } from '../domain/event-time.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import type { JsonObject } from '../domain/json.ts'
import type { EventRow } from '../store/event-tables/table.ts'

/** Zones that an event's local times may be read in, by where they were learnt (T2). */
export interface KnownZones {
  /** A person's own word for this event (T3). */
  override: string | null
  organization: string | null
  partner: string | null
}

/** An event as its provider lists it, placed on the time line for one timing partner. */
export function eventRow(record: EventRecord, zones: KnownZones): EventRow {
  const { zone, source } = zoneOf(record, zones)
  const starts = place(record.starts, zone)
  const ends = place(record.ends, zone)
  const row = {
    eventId: record.eventId,
    name: record.name,
    description: record.description,
    startsAt: starts.at,
    startsAssumed: zone === null && record.starts?.kind === 'local',
    endsAt: ends.at,
    startDay: starts.day,
    endDay: ends.day,
    startWall: starts.wall,
    endWall: ends.wall,
    timezone: zone,
    timezoneSource: source,
    location: record.location,
    eventType: record.eventType,
    distanceMiles: record.distanceMiles,
    registrationLimit: record.registrationLimit,
    registrationFee: record.registrationFee,
    currency: record.currency,
    status: record.status,
    raw: record.raw,
  }
  return { ...row, part: record.part ?? null, hash: fingerprint(row as unknown as JsonObject) }
}

function zoneOf(record: EventRecord, zones: KnownZones): { zone: string | null; source: ZoneSource } {
  if (zones.override) return { zone: zones.override, source: 'override' }
  if (record.timezone) return { zone: record.timezone, source: 'provider' }
  if (zones.organization) return { zone: zones.organization, source: 'organization' }
  if (zones.partner) return { zone: zones.partner, source: 'partner' }
  return { zone: null, source: 'unknown' }
}

/** ISO instant (without any zone the earlier end of the assumed window, T3), day without a time, and the wall clock's text for legacy readers. */
function place(
  time: EventTime | null,
  zone: string | null,
): { at: string | null; day: string | null; wall: string | null } {
  if (time === null) return { at: null, day: null, wall: null }
  if (time.kind === 'date') return { at: null, day: time.date, wall: `${time.date}T00:00:00` }
  const at = time.kind === 'instant' ? time.at : placeEventTime(time, zone ?? EARLIEST_ZONE).at
  return { at: new Date(at).toISOString(), day: null, wall: wallOf(at, zone ?? EARLIEST_ZONE) }
}

/** The wall clock of a zone at an instant, `YYYY-MM-DDTHH:MM:SS`: what the legacy columns have always held. */
function wallOf(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)
  return parts.replace(' ', 'T')
}
