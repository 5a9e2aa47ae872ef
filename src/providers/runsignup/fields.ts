import { placeEventTime, readEventTime } from '../../domain/event-time.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { readDateOfBirth } from '../../domain/person.ts'
import { readStamp, stampToIso } from '../../domain/stamp.ts'
import { readKey } from '../records.ts'
import { field } from '../schemas.ts'

/** The reading of single fields is the same for every provider; what follows below is RunSignUp's own. */
export { FieldReader } from '../field-reader.ts'
export { isObject, keylessRow } from '../records.ts'
export { age, birthDate, distance, eventTime, flag, label, money, text, zone } from '../schemas.ts'

/** Every time is of this zone, except when an event starts and ends (RunSignUp API notes 2.3). */
const EASTERN = 'America/New_York'

/**
 * A time as RunSignUp writes it (`9/7/2021 15:15`, `2021-09-07 15:15:00`), in **microseconds** since the epoch. Of the
 * doubled hour in November it is the earlier, in the missing one in March it moves forward (T3).
 * @returns null when absent or unreadable
 */
function readEastern(value: unknown): bigint | null {
  const time = typeof value === 'string' ? readEventTime(value) : null
  return time ? BigInt(placeEventTime(time, EASTERN).at) * 1000n : null
}

/** An Eastern time as an instant, ISO 8601 in UTC. */
export const easternInstant = field('not a date and time', (value) => {
  const at = readEastern(value)
  return at === null ? undefined : stampToIso(at)
})

/** A calendar day, `YYYY-MM-DD`. */
export const day = field('not a date', (value) => readDateOfBirth(value))

/**
 * When a registration last changed, in microseconds since the epoch. A list has it as Unix seconds; the removed have
 * Eastern text, and the seconds beside it (RunSignUp API notes 2.5). Seconds are believed first: no hour of theirs
 * comes twice.
 * @returns null when absent or unreadable (W7)
 */
export function readModified({
  last_modified_ts: seconds,
  last_modified: modified,
}: JsonObject): bigint | null {
  return readEpoch(seconds) ?? readEpoch(modified) ?? readEastern(modified)
}

function readEpoch(value: Json | undefined): bigint | null {
  const isEpoch = typeof value === 'number' || (typeof value === 'string' && /^\s*\d+\s*$/.test(value))
  return isEpoch ? readStamp(value) : null
}

/** Ids of registrations are kept as `bigint`, those of races and events as `integer`. */
const LARGEST = {
  'registration id': 9_223_372_036_854_775_807n,
  'event id': 2_147_483_647n,
  'race id': 2_147_483_647n,
}

/**
 * An id of RunSignUp's: a whole number, as text without zeros before it.
 * @returns the id, or why there is none
 */
export function readId(value: Json | undefined, what: keyof typeof LARGEST): string | { reason: string } {
  const key = readKey(value, what)
  if (typeof key !== 'string') return key
  if (!/^\d+$/.test(key)) return { reason: `${what} is not a whole number` }
  const id = BigInt(key)
  return id > LARGEST[what] ? { reason: `${what} is too large` } : String(id)
}
