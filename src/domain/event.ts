import type { JsonObject } from './json.ts'
import type { RacePart } from './race.ts'

/** Where an event's time zone was learnt, best first. `unknown` means the window is assumed (T3). */
export type ZoneSource = 'override' | 'provider' | 'organization' | 'partner' | 'unknown'

/**
 * A provider's own words for a time, read but not yet placed on the time line (T2).
 * - `instant`: it carried `Z` or an offset and is believed
 * - `local`: a wall-clock time of the event's zone
 * - `date`: no time of day was given (midnight in any spelling)
 */
export type EventTime =
  | { kind: 'instant' /** ms since the epoch */; at: number }
  | { kind: 'local' /** `YYYY-MM-DDTHH:MM:SS` */; wall: string }
  | { kind: 'date' /** `YYYY-MM-DD` */; date: string }

/** One event as its provider lists it. */
export interface EventRecord {
  eventId: string
  name: string
  description: string | null
  starts: EventTime | null
  ends: EventTime | null
  location: string | null
  eventType: string | null
  /** Miles; null when it cannot be told. */
  distanceMiles: number | null
  registrationLimit: number | null
  /** Decimal text such as `85.00`. */
  registrationFee: string | null
  currency: string | null
  status: string | null
  /** IANA zone, when the provider gives one. */
  timezone: string | null
  /** The race that lists it together with others; left out where each event has a list of its own. */
  part?: RacePart
  raw: JsonObject
  /** Fields that could not be read, for `rejected_records`. */
  problems: { field: string; reason: string; raw: string }[]
}
