import { fingerprint } from '../../domain/fingerprint.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { readStamp } from '../../domain/stamp.ts'
import { jsonbSafe } from '../../domain/text.ts'
import { readWrittenTime } from '../../domain/written-time.ts'
import type { KeylessRow, ListRow } from '../provider.ts'
import { isObject, keylessRow, readKey } from '../records.ts'
import { FINGERPRINT_FORM } from './mapping-version.ts'

/** The records of a page, told apart by whether they have a registration number; both in the provider's order. */
export interface ListRows {
  rows: ListRow[]
  keyless: KeylessRow[]
  /** A stamp came without `Z` or an offset: it is taken for UTC, and may be somebody's wall clock (T2). */
  localStamps: boolean
}

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
