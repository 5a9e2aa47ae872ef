import { fingerprint } from '../../domain/fingerprint.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { readStamp } from '../../domain/stamp.ts'
import { jsonbSafe } from '../../domain/text.ts'
import { readWrittenTime } from '../../domain/written-time.ts'
import type { KeylessRow, ListRow } from '../provider.ts'
import { isObject } from './envelope.ts'
import { FINGERPRINT_FORM } from './mapping-version.ts'

/** The records of a page, told apart by whether they have a registration number; both in the provider's order. */
export interface ListRows {
  rows: ListRow[]
  keyless: KeylessRow[]
  /** A stamp came without `Z` or an offset: it is taken for UTC, and may be somebody's wall clock (T2). */
  localStamps: boolean
}

/** Longer keys do not fit an index of PostgreSQL, and are none. */
const MAX_KEY = 255

/**
 * Keys, stamps and fingerprints of a page of participants, or of whole registrations: both have the number and
 * `updated_at` at their root (Haku API notes 1.4). Nothing else of a record is looked at, so that no broken field
 * can lose it (D2).
 */
export function toListRows(records: readonly Json[]): ListRows {
  const rows: ListRow[] = []
  const keyless: KeylessRow[] = []
  for (const sent of records) {
    const record = jsonbSafe(sent)
    if (!isObject(record)) {
      keyless.push(keylessRow(record, 'not an object'))
      continue
    }
    const key = readKey(record.registration_number)
    if (typeof key === 'string') rows.push(listRow(key, record))
    else keyless.push(keylessRow(record, key.reason))
  }
  return { rows, keyless, localStamps: rows.some((row) => hasLocalStamp(row.record)) }
}

function hasLocalStamp({ updated_at: stamp }: JsonObject): boolean {
  const time = typeof stamp === 'string' ? readWrittenTime(stamp) : null
  return time !== null && time.offset === null
}

/** The fingerprint of a list record (F2), the same after a round trip through the database. */
export function listFingerprint(record: JsonObject): Buffer {
  return fingerprint(jsonbSafe(record), FINGERPRINT_FORM)
}

/** A record that cannot be stored as what it should be, kept whole (D2). */
export function keylessRow(record: Json, reason: string): KeylessRow {
  const safe = jsonbSafe(record)
  return { fingerprint: fingerprint(safe, FINGERPRINT_FORM), reason, raw: JSON.stringify(safe) }
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

function listRow(key: string, record: JsonObject): ListRow {
  return {
    key,
    stamp: readStamp(record.updated_at),
    fingerprint: fingerprint(record, FINGERPRINT_FORM),
    record,
  }
}

/** The row of a record that was kept as text; null while it has no key, and where the text is no JSON. */
export function rereadRecord(raw: string): ListRow | null {
  try {
    return toListRows([JSON.parse(raw) as Json]).rows[0] ?? null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
