import { Temporal } from 'temporal-polyfill'

/** The zone of every time that is not an event's start or end (RunSignUp API notes 2.3). */
export const EASTERN = 'America/New_York'

const two = (n: number) => String(n).padStart(2, '0')

const zoned = (ms: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(zone)

/** `3/20/2019 09:00`: an event's start, a registration's date. `ms`: epoch. */
export function slashTime(ms: number, zone: string): string {
  const t = zoned(ms, zone)
  return `${t.month}/${t.day}/${t.year} ${two(t.hour)}:${two(t.minute)}`
}

/** `4/14/2018 9:05`: a race's own stamps, whose hour has no leading zero. */
export function slashStamp(ms: number, zone: string): string {
  const t = zoned(ms, zone)
  return `${t.month}/${t.day}/${t.year} ${t.hour}:${two(t.minute)}`
}

/** `04/06/2019`: a race's dates. `day`: `YYYY-MM-DD`. */
export function slashDate(day: string): string {
  const [year, month, date] = day.split('-')
  return `${month}/${date}/${year}`
}

/** `2019-03-20 09:00:00`: the stamps of removed registrations. */
export function dashTime(ms: number, zone: string): string {
  return zoned(ms, zone).toPlainDateTime().toString({ fractionalSecondDigits: 0 }).replace('T', ' ')
}

/** The calendar day at an instant (epoch ms) in a zone, `YYYY-MM-DD`. */
export function dayAt(ms: number, zone: string): string {
  return zoned(ms, zone).toPlainDate().toString()
}

/** Whole years from a birth date to a day, both `YYYY-MM-DD`. */
export function ageOn(dob: string, day: string): number {
  return Temporal.PlainDate.from(dob).until(day, { largestUnit: 'years' }).years
}

/** A query's date as `YYYY-MM-DD`: that form, `today` or `tomorrow` (notes 2.8); null for any other text. */
export function queryDay(text: string, now: number): string | null {
  if (text === 'today') return dayAt(now, EASTERN)
  if (text === 'tomorrow') return Temporal.PlainDate.from(dayAt(now, EASTERN)).add({ days: 1 }).toString()
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString()
  } catch {
    return null
  }
}
