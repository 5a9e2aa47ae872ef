import { Temporal } from 'temporal-polyfill'

/** An instant: milliseconds since the epoch, an ISO instant, or wall-clock text read in the zone at hand. */
export type InstantLike = number | string

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Milliseconds since the epoch of an instant, or of a wall-clock time in `zone` (an IANA name). */
export function toMillis(value: InstantLike, zone: string): number {
  if (typeof value === 'number') return value
  const text = value.trim().replace(' ', 'T')
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(text) && text.includes('T'))
    return Temporal.Instant.from(text).epochMilliseconds
  return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds
}

/** `2026-05-02T11:00:00.000Z` */
export function isoMillis(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toString({ fractionalSecondDigits: 3 })
}

/** The form of the `Date` header: `Sat, 02 May 2026 11:00:00 GMT`. */
export function httpDate(ms: number): string {
  const t = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO('UTC')
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${WEEKDAYS[t.dayOfWeek - 1]}, ${two(t.day)} ${MONTHS[t.month - 1]} ${t.year}`
  return `${day} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} GMT`
}

/** How finely a stamp is written; a coarse one is cut, not rounded. */
export type StampPrecision = 'seconds' | 'millis'
/** `Z`, the organization's offset, or no zone at all (then it is UTC). */
export type StampZone = 'Z' | 'offset' | 'none'

/** A provider's stamp such as `updated_at` in the given spelling. */
export function stampText(ms: number, precision: StampPrecision, form: StampZone, zone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(ms)
  const options = { fractionalSecondDigits: precision === 'millis' ? 3 : 0 } as const
  if (form === 'Z') return instant.toString(options)
  if (form === 'none') return instant.toString(options).slice(0, -1)
  return instant.toZonedDateTimeISO(zone).toString({ ...options, timeZoneName: 'never' })
}

/** Every spelling of an event's date that has been imagined (Haku API notes 1.4; the truth is unknown, 1.7). */
export type EventDateForm =
  | 'local' // 2026-05-02 07:00:00
  | 'localIso' // 2026-05-02T07:00:00
  | 'localFraction' // 2026-05-02 07:00:00.000
  | 'utc' // 2026-05-02T11:00:00Z
  | 'utcFraction' // 2026-05-02T11:00:00.000Z
  | 'offset' // 2026-05-02T07:00:00-04:00
  | 'date' // 2026-05-02
  | 'midnight' // 2026-05-02 00:00:00
  | 'midnightIso' // 2026-05-02T00:00:00
  | 'midnightUtc' // 2026-05-02T00:00:00Z
  | 'null'

/** An event's start as the provider writes it, `zone` being where the race is. */
export function eventDateText(ms: number | null, form: EventDateForm, zone: string): string | null {
  if (ms === null || form === 'null') return null
  const instant = Temporal.Instant.fromEpochMilliseconds(ms)
  const local = instant.toZonedDateTimeISO(zone)
  const wall = local.toPlainDateTime().toString({ fractionalSecondDigits: 0 })
  const date = wall.slice(0, 10)
  switch (form) {
    case 'local':
      return wall.replace('T', ' ')
    case 'localIso':
      return wall
    case 'localFraction':
      return `${wall.replace('T', ' ')}.000`
    case 'utc':
      return instant.toString({ fractionalSecondDigits: 0 })
    case 'utcFraction':
      return instant.toString({ fractionalSecondDigits: 3 })
    case 'offset':
      return local.toString({ fractionalSecondDigits: 0, timeZoneName: 'never' })
    case 'date':
      return date
    case 'midnight':
      return `${date} 00:00:00`
    case 'midnightIso':
      return `${date}T00:00:00`
    case 'midnightUtc':
      return `${date}T00:00:00Z`
  }
}

/** Whole years from a birth date (`YYYY-MM-DD`) to an instant's UTC day. */
export function ageAt(dob: string, ms: number): number {
  const day = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO('UTC').toPlainDate()
  return Temporal.PlainDate.from(dob).until(day, { largestUnit: 'years' }).years
}
