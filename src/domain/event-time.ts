import { Temporal } from 'temporal-polyfill'
import type { EventTime } from './event.ts'
import { readStamp } from './stamp.ts'
import { dayOf, isMidnight, pad, readWrittenTime, utcMillis } from './written-time.ts'

/** The zones between which an event of unknown zone is assumed to lie (T3): its start is between the two readings. */
export const EARLIEST_ZONE = 'America/New_York'
export const LATEST_ZONE = 'Pacific/Honolulu'

/**
 * Reads a provider's words for an event's start or end (T2). `Z` or an offset is believed, no zone makes it a local
 * time, and midnight in any spelling, with or without a zone, is a date without a time: the date as written, never
 * shifted. An epoch number is an instant, unless it is midnight UTC.
 * @returns null when nothing is said, undefined when it cannot be read
 */
export function readEventTime(value: unknown): EventTime | null | undefined {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') {
    if (value.trim() === '') return null
    const time = readWrittenTime(value)
    if (time) {
      if (isMidnight(time)) return { kind: 'date', date: dayOf(time) }
      if (time.offset !== null)
        return { kind: 'instant', at: utcMillis(time) + Math.trunc(time.micros / 1000) }
      const clock = [time.hour, time.minute, time.second].map((part) => pad(part, 2)).join(':')
      return { kind: 'local', wall: `${dayOf(time)}T${clock}` }
    }
  }
  const stamp = readStamp(value)
  if (stamp === null) return undefined
  const at = Number(stamp / 1000n)
  const iso = new Date(at).toISOString()
  return iso.endsWith('T00:00:00.000Z') ? { kind: 'date', date: iso.slice(0, 10) } : { kind: 'instant', at }
}

/**
 * Places a time on the time line. A local time in a DST gap moves forward, a doubled one is the earlier (T3); a date
 * is placed at its first instant: which of its hours count is the planner's to say (P5).
 * @param zone an IANA zone, see {@link isZone}
 * @returns ms since the epoch
 */
export function placeEventTime(time: EventTime, zone: string): { at: number } {
  switch (time.kind) {
    case 'instant':
      return { at: time.at }
    case 'local': {
      const wall = Temporal.PlainDateTime.from(time.wall)
      return { at: wall.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds }
    }
    case 'date':
      return { at: Temporal.PlainDate.from(time.date).toZonedDateTime(zone).epochMilliseconds }
  }
}

/** Where on the time line an event's start (or end) lies: one instant, or a span when its zone is only assumed. */
export interface EventWindow {
  /** ms since the epoch */
  earliest: number
  /** ms since the epoch; equals `earliest` where the instant is known */
  latest: number
  /** The zone is unknown: the window runs from the start read in New York to the start read in Honolulu (T3). */
  assumed: boolean
}

/**
 * The window of a start. An instant needs no zone and is never assumed.
 * @param zone IANA zone, or null when unknown
 */
export function eventWindow(time: EventTime, zone: string | null): EventWindow {
  if (zone !== null || time.kind === 'instant') {
    const { at } = placeEventTime(time, zone ?? 'UTC')
    return { earliest: at, latest: at, assumed: false }
  }
  return {
    earliest: placeEventTime(time, EARLIEST_ZONE).at,
    latest: placeEventTime(time, LATEST_ZONE).at,
    assumed: true,
  }
}

/** Asking Intl is dear, and each event is asked about again and again. */
const knownZones = new Set<string>()

/** Whether the text names an IANA zone that this machine knows. Fixed offsets (`+05:00`) are none. */
export function isZone(text: unknown): text is string {
  if (typeof text !== 'string' || !/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(text)) return false
  if (knownZones.has(text)) return true
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: text })
    knownZones.add(text)
    return true
  } catch {
    return false
  }
}
