import type { EventRecord } from '../../domain/event.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { jsonbSafe } from '../../domain/text.ts'
import { FieldReader } from '../field-reader.ts'
import type { KeylessRow } from '../provider.ts'
import { isObject, keylessRow, readKey } from '../records.ts'
import { count, currency, distance, eventTime, flag, label, money, named, text, zone } from '../schemas.ts'

/** The records of a page of events, told apart by whether they have an id; both in the provider's order. */
export interface EventRows {
  events: EventRecord[]
  keyless: KeylessRow[]
}

/** Reads a page of events (Haku API notes 1.4). */
export function toEventRows(records: readonly Json[]): EventRows {
  const events: EventRecord[] = []
  const keyless: KeylessRow[] = []
  for (const sent of records) {
    const record = jsonbSafe(sent)
    if (!isObject(record)) {
      keyless.push(keylessRow(record, 'not an object'))
      continue
    }
    const id = readKey(record.id, 'event id')
    if (typeof id === 'string') events.push(mapEvent(id, record))
    else keyless.push(keylessRow(record, id.reason))
  }
  return { events, keyless }
}

/**
 * Reads one event. `base_price`, `currency` and most other fields are guesses of one client, so anything may be
 * missing; an event without a name is called by its id. No field with a zone is known; one that names an IANA zone
 * is believed.
 */
export function mapEvent(eventId: string, record: JsonObject): EventRecord {
  const reader = new FieldReader<keyof EventRecord>()
  const name = reader.read('name', label, record.name, record.event_name)
  if (name === null) reader.note('name', 'no name', record.name ?? null)
  return {
    eventId,
    name: name ?? eventId,
    description: reader.read('description', text, record.description),
    starts: reader.read('starts', eventTime, record.event_date, record.start_date),
    ends: reader.read('ends', eventTime, record.event_end_date, record.end_date),
    location: readLocation(reader, record),
    eventType: reader.read('eventType', named, record.event_type),
    distanceMiles: reader.read('distanceMiles', distance, record.distance),
    registrationLimit: reader.read('registrationLimit', count, record.registration_limit),
    registrationFee: reader.read('registrationFee', money, record.base_price),
    currency: reader.read('currency', currency, record.currency),
    status: readEventStatus(reader, record),
    timezone: reader.read('timezone', zone, record.timezone, record.time_zone),
    raw: record,
    problems: reader.problems,
  }
}

/** `Riverside Park, Springhaven, NY, US`; a part that repeats the one before is left out. */
function readLocation(reader: FieldReader<keyof EventRecord>, record: JsonObject): string | null {
  const parts = [record.location_name, record.location_city, record.location_state, record.location_country]
    .map((part) => reader.read('location', text, part))
    .filter((part) => part !== null)
  const distinct = parts.filter((part, index) => part !== parts[index - 1])
  return distinct.length === 0 ? null : distinct.join(', ')
}

/** The status as given, else what `is_active` says; past and inactive events sit in the same list. */
function readEventStatus(reader: FieldReader<keyof EventRecord>, record: JsonObject): string | null {
  const given = reader.read('status', text, record.status)
  if (given !== null) return given
  const active = reader.read('status', flag, record.is_active)
  return active === null ? null : active ? 'active' : 'inactive'
}
