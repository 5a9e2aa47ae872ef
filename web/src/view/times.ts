/** Instants and lengths of time as a person reads them. Pure; instants and durations in ms. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Where a start without a zone is read, as the server does. */
const ASSUMED_ZONE = 'America/New_York'
/** Beyond this, a day and a month leave doubt which year is meant. */
const OBVIOUS = 200 * DAY

/** The start of an event. */
export interface Start {
  startsAt: number | null
  /** `YYYY-MM-DD`, for a day without a time of day */
  startDay: string | null
  timezone: string | null
}

/** A length of time in its two largest units: `2 d 22 h`, `3 h 5 min`, `12 min`, `8 s`. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < MINUTE) return `${Math.floor(whole / SECOND)} s`
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`
  if (whole < DAY) return two(Math.floor(whole / HOUR), 'h', Math.floor((whole % HOUR) / MINUTE), 'min')
  return two(Math.floor(whole / DAY), 'd', Math.floor((whole % DAY) / HOUR), 'h')
}

const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 || big >= 10 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`

/** `42 s ago`, `never` for null. */
export const ago = (at: number | null, now: number): string =>
  at === null ? 'never' : `${duration(now - at)} ago`

/** How often, in a word: `every 60 s`, `every 15 min`, `every 4 h`. */
export function every(ms: number): string {
  const text = ms < 2 * MINUTE ? `${Math.round(ms / SECOND)} s` : duration(ms)
  return `every ${text}`
}

/** `in 1 h 18 min`, `started 12 min ago`; `today` or `in 3 d` for a day without a time; null without a date. */
export function countdown(start: Start, now: number): string | null {
  if (start.startsAt !== null)
    return start.startsAt >= now
      ? `in ${duration(start.startsAt - now)}`
      : `started ${duration(now - start.startsAt)} ago`
  if (start.startDay === null) return null
  const today = dayOf(now, zoneOf(start))
  const days = Math.round((Date.parse(start.startDay) - Date.parse(today)) / DAY)
  if (days === 0) return 'today'
  return days > 0 ? `in ${days} d` : `${-days} d ago`
}

/** `Sat, Nov 28, 07:00 EST`, in the event's zone; without a time of day `Sat, Nov 28`; `no date` without any. */
export function startText(start: Start, now: number): string {
  if (start.startDay !== null) return dayText(Date.parse(`${start.startDay}T12:00:00Z`), 'UTC', now)
  if (start.startsAt === null) return 'no date'
  const zone = zoneOf(start)
  return `${dayText(start.startsAt, zone, now)}, ${clock(start.startsAt, zone)}`
}

/** The time of day with its zone: `07:00 EST`, with seconds `06:41:20 EST`. */
export function clock(at: number, zone: string | null, seconds: 'seconds' | 'minutes' = 'minutes'): string {
  const parts = partsOf(at, zone ?? ASSUMED_ZONE, {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' },
    ...(seconds === 'seconds' ? { second: '2-digit' } : {}),
  })
  const tail = seconds === 'seconds' ? `:${parts.second}` : ''
  return `${parts.hour}:${parts.minute}${tail} ${parts.timeZoneName}`
}

/** An instant of any day: `06:41 EST` today, `Nov 27, 06:41 EST` on another day. */
export function moment(at: number, zone: string | null, now: number): string {
  const where = zone ?? ASSUMED_ZONE
  const time = clock(at, where)
  if (dayOf(at, where) === dayOf(now, where)) return time
  const parts = partsOf(at, where, { month: 'short', day: 'numeric', year: 'numeric' })
  const year = Math.abs(at - now) > OBVIOUS ? ` ${parts.year}` : ''
  return `${parts.month} ${parts.day}${year}, ${time}`
}

/** The calendar day in a zone: `2026-11-28`. */
function dayOf(at: number, zone: string): string {
  const { year, month, day } = partsOf(at, zone, { year: 'numeric', month: '2-digit', day: '2-digit' })
  return `${year}-${month}-${day}`
}

/** The zone of this device. */
export const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

const zoneOf = ({ timezone }: { timezone: string | null }): string => timezone ?? ASSUMED_ZONE

function dayText(at: number, zone: string, now: number): string {
  const parts = partsOf(at, zone, { weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' })
  const year = Math.abs(at - now) > OBVIOUS ? ` ${parts.year}` : ''
  return `${parts.weekday}, ${parts.month} ${parts.day}${year}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(at: number, timeZone: string, format: Intl.DateTimeFormatOptions): Record<string, string> {
  const key = `${timeZone} ${JSON.stringify(format)}`
  // Making one costs more than using it a thousand times, and ages tick every second.
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-US', { timeZone, ...format })
  formats.set(key, known)
  return Object.fromEntries(known.formatToParts(at).map((part) => [part.type, part.value]))
}
