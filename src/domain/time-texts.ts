import { eventWindow } from './event-time.ts'

/** Instants and lengths of time as a person reads them. Pure but for this machine's zone. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The start of an event as it is stored. */
export interface Start {
  /** ms since the epoch */
  startsAt: number | null
  /** `YYYY-MM-DD`, for a day without a time of day. */
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

const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
  small === 0 || big >= 10 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`

/** How long ago, in one unit, as short as a column wants it: `8s`, `3m`, `2h`, `4d`; `never` for null. */
export function age(at: number | null, now: number): string {
  if (at === null) return 'never'
  const ms = Math.max(0, now - at)
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`
  return `${Math.floor(ms / DAY)}d`
}

/** A time between two polls as a column wants it: `60s`, `84s`, `15m`, `4h`, `4h 48m`. */
export function interval(ms: number): string {
  if (ms < 2 * MINUTE && ms !== MINUTE) return `${Math.round(ms / SECOND)}s`
  if (ms < 2 * HOUR && ms !== HOUR) return `${Math.round(ms / MINUTE)}m`
  return ms < 2 * DAY ? short(ms).replace(' 0m', '') : `${Math.round(ms / DAY)}d`
}

/** Time to the start: `2d 22h`, `-12m` once it has begun, `today` for a day without a time, empty without a date. */
export function countdown(start: Start, now: number): string {
  const window = windowOf(start)
  if (window === null) return ''
  const { earliest, latest } = window
  if (start.startsAt === null) {
    if (now < earliest) return short(earliest - now)
    return now < latest + DAY ? 'today' : `-${short(now - latest - DAY)}`
  }
  return start.startsAt >= now ? short(start.startsAt - now) : `-${short(now - start.startsAt)}`
}

/** A duration as short as a column wants it. */
const short = (ms: number) => duration(ms).replace(/ (d|h|min|s)\b/g, (_, unit: string) => unit.charAt(0))

/**
 * A start in the event's own zone, with the zone's name: `Nov 28 07:00 EST`; without a time of day
 * `Nov 28`; `?` behind it where the zone is only assumed; `no date` without any.
 */
export function startText(start: Start, now: number): string {
  const doubt = start.timezone === null ? '?' : ''
  if (start.startDay !== null) {
    const at = Date.parse(`${start.startDay}T12:00:00Z`)
    return `${dayText(at, 'UTC', now)}${doubt}`
  }
  if (start.startsAt === null) return 'no date'
  return `${instantText(start.startsAt, start.timezone, now)}${doubt}`
}

/** An instant in a zone, named: `Nov 28 07:00 EST`; the year is told where it is not obvious. */
export function instantText(at: number, timezone: string | null, now: number): string {
  const zone = timezone ?? ASSUMED_ZONE
  const parts = partsOf(at, zone, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  return `${dayText(at, zone, now)} ${parts.hour}:${parts.minute} ${parts.timeZoneName}`
}

/** An instant of today in this machine's zone: `14:05 (in 23 min)`. */
export function untilText(at: number, now: number): string {
  const parts = partsOf(at, undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  return `${parts.hour}:${parts.minute} ${parts.timeZoneName} (in ${duration(at - now)})`
}

/** The time of day in this machine's zone: `14:05:31`. */
export function clockText(at: number): string {
  const { hour, minute, second } = partsOf(at, undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  return `${hour}:${minute}:${second}`
}

/** Where a start without a zone is read (T3): the earlier end of the assumed window. */
const ASSUMED_ZONE = 'America/New_York'
/** Beyond this, a day and a month leave doubt which year is meant. */
const OBVIOUS = 200 * DAY

function dayText(at: number, zone: string, now: number): string {
  const parts = partsOf(at, zone, { month: 'short', day: 'numeric', year: 'numeric' })
  const day = `${parts.month} ${parts.day}`
  return Math.abs(at - now) > OBVIOUS ? `${day} ${parts.year}` : day
}

function partsOf(
  at: number,
  timeZone: string | undefined,
  format: Intl.DateTimeFormatOptions,
): Record<string, string> {
  const zone = timeZone === undefined ? {} : { timeZone }
  const parts = new Intl.DateTimeFormat('en-US', { ...zone, ...format }).formatToParts(at)
  return Object.fromEntries(parts.map((part) => [part.type, part.value]))
}

function windowOf({ startsAt, startDay, timezone }: Start) {
  if (startsAt !== null) return eventWindow({ kind: 'instant', at: startsAt }, timezone)
  return startDay === null ? null : eventWindow({ kind: 'date', date: startDay }, timezone)
}
