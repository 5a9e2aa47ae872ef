import { z } from 'zod'
import { distanceMiles } from '../domain/distance.ts'
import type { EventTime } from '../domain/event.ts'
import { isZone, readEventTime } from '../domain/event-time.ts'
import { readMoney } from '../domain/money.ts'
import { readDateOfBirth } from '../domain/person.ts'
import { readStamp, stampToIso } from '../domain/stamp.ts'
import { clean } from '../domain/text.ts'

/**
 * One schema per kind of field. There is no schema of a whole record on purpose: a record with a registration number
 * is always stored, and only the fields that cannot be read are left out (D2). Each schema takes anything, gives null
 * where nothing is said, and its one issue is the reason for a person; no issue ever holds the value.
 * Which types Haku sends is known from one client only (Haku API notes 1.4), so the schemas take more than those.
 */
export type FieldSchema<T> = z.ZodType<T | null>

/** A schema around a reader that gives null for "nothing said" and undefined for "unreadable". */
export function field<T>(reason: string, read: (value: unknown) => T | null | undefined): FieldSchema<T> {
  return z.unknown().transform((value, ctx): T | null => {
    if (isBlank(value)) return null
    const result = read(value)
    if (result !== undefined) return result
    ctx.addIssue({ code: 'custom', message: reason })
    return z.NEVER
  })
}

/** Whether a value says nothing: absent, null, or a text of nothing but white space. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && clean(value) === null)
}

/** Words: a number there is a mistake. */
export const text = field('not a text', (value) => (typeof value === 'string' ? clean(value) : undefined))

/** Codes and numbers such as a bib, a phone or an id, that may come as a JSON number. */
export const label = field('not a text or number', labelOf)

function labelOf(value: unknown): string | null | undefined {
  if (typeof value === 'string') return clean(value)
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A text, or an object with a `name`: `team`, `event_category_info` (text or object: unknown). */
export const named = field('neither a text nor an object with a name', (value) => {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : value
  if (name === null) return null
  return typeof name === 'string' ? clean(name) : undefined
})

const TRUE = new Set(['true', 't', 'yes', 'y', '1'])
const FALSE = new Set(['false', 'f', 'no', 'n', '0'])

/** A truth value, also as a text or a number. */
export const flag = field('not a truth value', (value) => {
  const word = String(typeof value === 'object' ? '' : value)
    .trim()
    .toLowerCase()
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined
})

/** `1234.50` */
export const money = field('not an amount of money', readMoney)

/** An instant, ISO 8601 in UTC; without a zone it is UTC (T2). */
export const instant = field('not a date and time', (value) => {
  const stamp = readStamp(value)
  return stamp === null ? undefined : stampToIso(stamp)
})

/** `YYYY-MM-DD`, no later than `notAfter`. */
export function birthDate(notAfter: string | null): FieldSchema<string> {
  return field('not a date of birth', (value) => readDateOfBirth(value, notAfter))
}

/** Whole years. */
export const age = field('not an age in years', (value) => {
  const years = wholeNumber(value)
  return years !== undefined && years <= 130 ? years : undefined
})

/** A count that fits PostgreSQL's integer. */
export const count = field('not a count', (value) => {
  const number = wholeNumber(value)
  return number !== undefined && number <= 2_147_483_647 ? number : undefined
})

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined
  return typeof value === 'string' && /^\s*\d{1,10}(\.0+)?\s*$/.test(value) ? Number(value) : undefined
}

/** Start or end of an event. */
export const eventTime: FieldSchema<EventTime> = field('not a date or time', readEventTime)

/** Miles. */
export const distance = field('not one distance', (value) => distanceMiles(value) ?? undefined)

/** ISO 4217. */
export const currency = field('not a currency code', (value) =>
  typeof value === 'string' && /^\s*[A-Za-z]{3}\s*$/.test(value) ? value.trim().toUpperCase() : undefined,
)

/** An IANA zone. */
export const zone = field('not an IANA time zone', (value) =>
  typeof value === 'string' && isZone(value.trim()) ? value.trim() : undefined,
)
