import { fingerprint } from '../domain/fingerprint.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import { jsonbSafe } from '../domain/text.ts'
import type { KeylessRow } from './provider.ts'

/** Records as any provider sends them: whether they are objects, by what they are known, and what is kept of broken ones. */

/** Longer keys do not fit an index of PostgreSQL, and are none. */
const MAX_KEY = 255

/** Whether a JSON value is an object, neither null nor an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A record that cannot be stored as what it should be, kept whole (D2). */
export function keylessRow(record: Json, reason: string): KeylessRow {
  const safe = jsonbSafe(record)
  return { fingerprint: fingerprint(safe), reason, raw: JSON.stringify(safe) }
}

/**
 * A key of the provider's, as text: numbers and texts are taken as they are, without the space around them
 * (`00123` is not `123`).
 * @returns the key, or why there is none
 */
export function readKey(value: Json | undefined, what = 'registration number'): string | { reason: string } {
  if (typeof value === 'number') {
    // Beyond 2^53 two numbers look like one, and a runner would overwrite another.
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return { reason: `${what} too large to be exact` }
    return String(value)
  }
  if (value === undefined || value === null) return { reason: `no ${what}` }
  if (typeof value !== 'string') return { reason: `${what} is not a text or number` }
  const key = value.trim()
  if (key === '') return { reason: `no ${what}` }
  return key.length > MAX_KEY ? { reason: `${what} longer than ${MAX_KEY} characters` } : key
}
