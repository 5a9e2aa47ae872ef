import { Temporal } from 'temporal-polyfill'
import { EARLIEST_ZONE, isZone, LATEST_ZONE } from './event-time.ts'

/** The days that an event lasts, and where its local times are read. Pure. Instants are ms since the epoch. */

/** When an event takes place, as far as is known. Where both are given, an instant says more than a day. */
export interface EventTimes {
  startsAt: number | null
  /** `YYYY-MM-DD` in the event's zone: a day without a time of day. */
  startDay: string | null
  endsAt: number | null
  endDay: string | null
  /** IANA zone; null when unknown. */
  timezone: string | null
  /** `startsAt` was read in New York because nobody knows its zone (T3). */
  assumed: boolean
}

/** Where a local time may be read: the same zone twice, unless the event's is unknown (T3). */
export interface Zones {
  earliest: string
  latest: string
}

/** A day without a time is taken to start then; at the default cadence, so to be polled every minute from 02:00 (P5). */
export const ASSUMED_START = '06:00'
/** By then all that starts on a day without a time has started (P5). */
export const LAST_START = '12:00'

/** The zone of an event twice, or the two between which an unknown one lies. */
export function zonesOf(timezone: string | null): Zones {
  const zone = isZone(timezone) ? timezone : null
  return { earliest: zone ?? EARLIEST_ZONE, latest: zone ?? LATEST_ZONE }
}

/** The Honolulu reading of a wall clock that was read in New York. */
export function latestReading(at: number): number {
  const wall = zoned(at, EARLIEST_ZONE).toPlainDateTime()
  return wall.toZonedDateTime(LATEST_ZONE).epochMilliseconds
}

/** With an end alone, its day is all that is known of the start. */
export function firstDayOf(times: EventTimes, zones: Zones): Temporal.PlainDate | null {
  if (times.startsAt !== null) return zoned(times.startsAt, zones.earliest).toPlainDate()
  return times.startDay === null ? lastDayOf(times, zones) : Temporal.PlainDate.from(times.startDay)
}

/** An end in the small hours belongs to the night before: a race into the new year is not raced again at noon. */
export function lastDayOf({ endsAt, endDay }: EventTimes, { earliest }: Zones): Temporal.PlainDate | null {
  if (endsAt === null) return endDay === null ? null : Temporal.PlainDate.from(endDay)
  const end = zoned(endsAt, earliest)
  const isNight = Temporal.PlainTime.compare(end.toPlainTime(), ASSUMED_START) < 0
  return isNight ? end.toPlainDate().subtract({ days: 1 }) : end.toPlainDate()
}

/** An instant that somebody wrote into the database with SQL may have microseconds. */
const zoned = (at: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(zone)

/** A wall clock's instant; one in a DST gap moves forward, a doubled one is the earlier (T3). */
export const instantOf = (day: Temporal.PlainDate, time: string, zone: string) =>
  day.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(zone).epochMilliseconds
