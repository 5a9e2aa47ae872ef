import type { EventRecord } from '../../domain/event.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import {
  day,
  distance,
  easternInstant,
  eventTime,
  FieldReader,
  flag,
  isObject,
  label,
  money,
  text,
  zone,
} from './fields.ts'

/** An event, and what RunSignUp says of it beyond what every provider does. */
export interface RaceEvent extends EventRecord {
  raceId: string
  /** The day on which ages are taken, `YYYY-MM-DD`; null for the day of the race. */
  ageBaseDate: string | null
  /** ISO 8601 in UTC. */
  registrationOpens: string | null
  /** A shift for volunteers, and no race. */
  volunteer: boolean | null
  requiresBirthDate: boolean | null
  requiresPhone: boolean | null
  giveaway: string | null
}

/**
 * Reads an event of a race (RunSignUp API notes 2.3). Start and end are local times of the race's zone, and nothing else
 * is.
 * @param race the record of its race, for what all events of a race share
 */
export function mapEvent(eventId: string, record: JsonObject, raceId: string, race: JsonObject): RaceEvent {
  const reader = new FieldReader<keyof RaceEvent>()
  const name = reader.read('name', label, record.name)
  if (name === null) reader.note('name', 'no name', record.name ?? null)
  return {
    eventId,
    raceId,
    name: name ?? eventId,
    description: reader.read('description', text, record.details),
    starts: reader.read('starts', eventTime, record.start_time),
    ends: reader.read('ends', eventTime, record.end_time),
    location: readLocation(reader, race.address),
    eventType: reader.read('eventType', text, record.event_type),
    distanceMiles: reader.read('distanceMiles', distance, record.distance),
    registrationLimit: null,
    registrationFee: reader.read('registrationFee', money, ...feesOf(record)),
    currency: null,
    status: readStatus(reader, race),
    timezone: reader.read('timezone', zone, race.timezone),
    ageBaseDate: reader.read('ageBaseDate', day, record.age_calc_base_date),
    registrationOpens: reader.read('registrationOpens', easternInstant, record.registration_opens),
    volunteer: reader.read('volunteer', flag, record.volunteer),
    requiresBirthDate: reader.read('requiresBirthDate', flag, record.require_dob),
    requiresPhone: reader.read('requiresPhone', flag, record.require_phone),
    giveaway: reader.read('giveaway', text, record.giveaway),
    raw: record,
    problems: reader.problems,
  }
}

/** The fees of all periods in their order: the first is what an early runner pays. */
function feesOf({ registration_periods: periods }: JsonObject): (Json | undefined)[] {
  return Array.isArray(periods) ? periods.filter(isObject).map((period) => period.race_fee) : []
}

/** `Springhaven, NY, US` */
function readLocation(reader: FieldReader<keyof RaceEvent>, address: Json | undefined): string | null {
  if (!isObject(address)) return null
  const parts = [address.city, address.state, address.country_code]
    .map((part) => reader.read('location', text, part))
    .filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(', ')
}

/** A draft is one whatever else it says; else whether people can register. */
function readStatus(reader: FieldReader<keyof RaceEvent>, race: JsonObject): string | null {
  if (reader.read('status', flag, race.is_draft_race) === true) return 'draft'
  const open = reader.read('status', flag, race.is_registration_open)
  return open === null ? null : open ? 'open' : 'closed'
}
