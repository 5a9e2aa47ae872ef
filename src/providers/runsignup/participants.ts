import { FINGERPRINT_FORM, fingerprint } from '../../domain/fingerprint.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { jsonbSafe } from '../../domain/text.ts'
import type { KeylessRow, ListRow } from '../provider.ts'
import { readEventArray } from './event-array.ts'
import { isObject, keylessRow, readId, readModified } from './fields.ts'

/** A registration of one of the events that a page is about. */
export interface RegistrationRow extends ListRow {
  eventId: string
}

/** The records of a page, told apart by whether they can be kept under a number; both in the provider's order. */
export interface RegistrationRows {
  rows: RegistrationRow[]
  keyless: KeylessRow[]
  /** Count of records as sent, the template's included: a page this long was full. */
  length: number
}

/** What a record is given where it names another event than the one under which it is listed. */
export const LISTED_UNDER = 'listed_under_event_id'

/** The made-up registration that shows which fields there are (RunSignUp API notes 2.4). */
const TEMPLATE_ID = '-1'

/**
 * Keys, stamps and fingerprints of a page of registrations, whatever number of events it is about. Nothing else of a
 * record is looked at, so that no broken field can lose it (D2). A registration belongs to the event under which it is
 * listed: one that came by a bundle may name the bundle instead.
 * @throws StartlistError `BAD_SHAPE`
 */
export function toRegistrationRows(body: Json): RegistrationRows {
  const found: RegistrationRows = { rows: [], keyless: [], length: 0 }
  for (const { eventId, records } of readEventArray(body)) {
    found.length += records.length
    for (const sent of records) {
      if (isTemplate(sent)) continue
      const row = registrationRow(jsonbSafe(sent), eventId)
      if ('reason' in row) found.keyless.push(row)
      else found.rows.push(row)
    }
  }
  return found
}

function registrationRow(sent: Json, listedUnder: string | null): RegistrationRow | KeylessRow {
  if (!isObject(sent)) return keylessRow(sent, 'not an object')
  const key = readId(sent.registration_id, 'registration id')
  if (typeof key !== 'string') return keylessRow(sent, key.reason)
  const named = readId(sent.event_id, 'event id')
  const eventId = listedUnder ?? named
  if (typeof eventId !== 'string') return keylessRow(sent, eventId.reason)
  const record = eventId === named ? sent : { ...sent, [LISTED_UNDER]: eventId }
  return {
    key,
    eventId,
    stamp: readModified(record),
    fingerprint: registrationFingerprint(record),
    record,
  }
}

/** The fingerprint of a record (F2), the same after a round trip through the database. */
export function registrationFingerprint(record: JsonObject): Buffer {
  return fingerprint(jsonbSafe(record), FINGERPRINT_FORM)
}

function isTemplate(record: Json): boolean {
  return isObject(record) && String(record.registration_id).trim() === TEMPLATE_ID
}
