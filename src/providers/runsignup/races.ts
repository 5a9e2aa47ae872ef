import { StartlistError } from '../../domain/errors.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import type { Race } from '../../domain/race.ts'
import { jsonbSafe } from '../../domain/text.ts'
import type { KeylessRow } from '../provider.ts'
import {
  day,
  easternInstant,
  FieldReader,
  flag,
  isObject,
  keylessRow,
  label,
  readId,
  text,
  zone,
} from './fields.ts'
import { mapEvent, type RaceEvent } from './race-event.ts'

/** A race with its events. */
export interface RaceRecord extends Race {
  events: RaceEvent[]
  /** Fields that could not be read, for `rejected_records`. */
  problems: { field: string; reason: string; raw: string }[]
}

/** A page of races; records without an id, of races or events, are kept whole. */
export interface RaceRows {
  races: RaceRecord[]
  keyless: KeylessRow[]
  /** Count of races as sent. */
  length: number
}

/**
 * Reads a page of races with their events (RunSignUp API notes 2.2, 2.3).
 * @throws StartlistError `BAD_SHAPE` when there is no list of races
 */
export function toRaces(body: Json): RaceRows {
  const sent = isObject(body) ? body.races : undefined
  if (!Array.isArray(sent) && sent !== null)
    throw new StartlistError('BAD_SHAPE', 'The answer about races has no list of races.')
  const keyless: KeylessRow[] = []
  const records = (sent ?? []).map((element) =>
    jsonbSafe(isObject(element) && element.race !== undefined ? element.race : element),
  )
  const races = identified(records, 'race_id', keyless, (raceId, record) => mapRace(raceId, record, keyless))
  return { races, keyless, length: records.length }
}

/** Maps the records that have an id, and keeps the others whole (D2). */
function identified<T>(
  records: readonly Json[],
  key: 'race_id' | 'event_id',
  keyless: KeylessRow[],
  map: (id: string, record: JsonObject) => T,
): T[] {
  return records.flatMap((record) => {
    if (!isObject(record)) {
      keyless.push(keylessRow(record, 'not an object'))
      return []
    }
    const id = readId(record[key], key === 'race_id' ? 'race id' : 'event id')
    if (typeof id === 'string') return [map(id, record)]
    keyless.push(keylessRow(record, id.reason))
    return []
  })
}

function mapRace(raceId: string, record: JsonObject, keyless: KeylessRow[]): RaceRecord {
  const { events: sent, ...raw } = record
  const reader = new FieldReader<string>()
  const name = reader.read('name', label, raw.name)
  if (name === null) reader.note('name', 'no name', raw.name ?? null)
  const listed = Array.isArray(sent) ? sent : []
  if (sent !== undefined && sent !== null && !Array.isArray(sent)) reader.note('events', 'not a list', sent)
  const events = identified(listed, 'event_id', keyless, (eventId, event) =>
    mapEvent(eventId, event, raceId, raw),
  )
  return {
    raceId,
    name: name ?? raceId,
    description: reader.read('description', text, raw.description),
    url: reader.read('url', text, raw.url),
    externalUrl: reader.read('externalUrl', text, raw.external_race_url),
    resultsUrl: reader.read('resultsUrl', text, raw.external_results_url),
    logoUrl: reader.read('logoUrl', text, raw.logo_url),
    facebookPage: reader.read('facebookPage', label, raw.fb_page_id),
    facebookEvent: reader.read('facebookEvent', label, raw.fb_event_id),
    timezone: reader.read('timezone', zone, raw.timezone),
    isDraft: reader.read('isDraft', flag, raw.is_draft_race),
    isPrivate: reader.read('isPrivate', flag, raw.is_private_race),
    isRegistrationOpen: reader.read('isRegistrationOpen', flag, raw.is_registration_open),
    notifiesInRealTime: reader.read('notifiesInRealTime', flag, raw.real_time_notifications_enabled),
    nextDate: reader.read('nextDate', day, raw.next_date),
    nextEndDate: reader.read('nextEndDate', day, raw.next_end_date),
    lastDate: reader.read('lastDate', day, raw.last_date),
    lastEndDate: reader.read('lastEndDate', day, raw.last_end_date),
    createdAt: reader.read('createdAt', easternInstant, raw.created),
    modifiedAt: reader.read('modifiedAt', easternInstant, raw.last_modified),
    address: isObject(raw.address) ? raw.address : null,
    events,
    raw,
    problems: reader.problems,
  }
}
