/**
 * A date or time as somebody wrote it: the digits, checked against the calendar, and the offset if there was one.
 * What it means (an instant, a wall clock, a day) is decided by the reader: `event-time`, `stamp`, `person`.
 */
export interface WrittenTime {
  year: number
  /** 1 to 12 */
  month: number
  day: number
  hour: number
  minute: number
  second: number
  /** Microseconds within the second; further digits are cut off. */
  micros: number
  hasTime: boolean
  /** Seconds east of UTC; null when neither `Z` nor an offset was written. */
  offset: number | null
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:(?:[Tt]| +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)? ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/i

/** Month first, as RunSignUp writes: `5/2/2026 08:30`, `05/02/2026 8:30 AM`. */
const US =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: +(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?: ?([AP])\.?M\.?)?)?$/i

/** No zone lies further from UTC than 14 h today or 15:59 in PostgreSQL; more is a misprint. */
const MAX_OFFSET = 16 * 3600

/**
 * Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS[.f...]]`, the same with `T`, with `Z`, `UTC` or an offset (`+05:30`,
 * `+0530`, `+05`), and `M/D/YYYY[ HH:MM[:SS]][ AM]`. A leap second is read as the second before it.
 * @returns null when the text is none of these, or no date of the calendar in the years 1900 to 9999
 */
export function readWrittenTime(text: string): WrittenTime | null {
  const trimmed = text.trim()
  if (trimmed.length > 64) return null
  const iso = ISO.exec(trimmed)
  if (iso) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso
    return checked({ year, month, day, hour, minute, second, fraction, offset: offsetOf(zone) })
  }
  const us = US.exec(trimmed)
  if (us) {
    const [, month, day, year, hour, minute, second, fraction, half] = us
    const hour24 = half === undefined ? hour : fromHalfDay(Number(hour), half.toUpperCase() === 'P')
    return checked({ year, month, day, hour: hour24, minute, second, fraction, offset: null })
  }
  return null
}

/** The day as written, `YYYY-MM-DD`. */
export function dayOf(time: WrittenTime): string {
  return `${pad(time.year, 4)}-${pad(time.month, 2)}-${pad(time.day, 2)}`
}

/** Whether no time of day is meant: none was written, or midnight in any spelling (T2). */
export function isMidnight(time: WrittenTime): boolean {
  return time.hour === 0 && time.minute === 0 && time.second === 0 && time.micros === 0
}

/** Milliseconds since the epoch, without the microseconds, of what was written; without a zone it is read as UTC. */
export function utcMillis(time: WrittenTime): number {
  const wall = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
  return wall - (time.offset ?? 0) * 1000
}

/** Digits padded with zeros. */
export function pad(value: number, length: number): string {
  return String(value).padStart(length, '0')
}

type Digits = string | number | undefined

function checked(parts: {
  year: Digits
  month: Digits
  day: Digits
  hour: Digits
  minute: Digits
  second: Digits
  fraction: string | undefined
  offset: number | null | undefined
}): WrittenTime | null {
  const year = Number(parts.year)
  const month = Number(parts.month)
  const day = Number(parts.day)
  const hour = Number(parts.hour ?? 0)
  const minute = Number(parts.minute ?? 0)
  const second = Number(parts.second ?? 0)
  if (year < 1900 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  // NaN, from an hour that no half day has, fails here too.
  if (!(hour <= 23) || minute > 59 || second > 60 || parts.offset === undefined) return null
  return {
    year,
    month,
    day,
    hour,
    minute,
    second: Math.min(second, 59),
    micros: Number((parts.fraction ?? '').slice(0, 6).padEnd(6, '0')),
    hasTime: parts.hour !== undefined,
    offset: parts.offset,
  }
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function fromHalfDay(hour: number, afternoon: boolean): number {
  if (hour < 1 || hour > 12) return Number.NaN
  return (hour % 12) + (afternoon ? 12 : 0)
}

/** Seconds east of UTC; null when no zone is written, undefined when it is no offset. */
function offsetOf(zone: string | undefined): number | null | undefined {
  if (zone === undefined) return null
  if (!/^[+-]/.test(zone)) return 0
  const digits = zone.slice(1).replaceAll(':', '').padEnd(6, '0')
  const [hours, minutes, seconds] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)].map(Number)
  if (minutes! > 59 || seconds! > 59) return undefined
  const offset = hours! * 3600 + minutes! * 60 + seconds!
  if (offset >= MAX_OFFSET) return undefined
  return zone.startsWith('-') ? -offset : offset
}
