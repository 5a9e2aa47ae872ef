import type { Json, JsonObject } from '../../domain/json.ts'
import type { RegistrationStatus } from '../../domain/participant.ts'
import type { KeylessRow, RemovedRow } from '../provider.ts'
import { readId } from './fields.ts'
import { toRegistrationRows } from './participants.ts'

/** The records of a page of removals, told apart by whether they name a registration. */
export interface RemovedRows {
  rows: RemovedRow[]
  keyless: KeylessRow[]
  /** Count of records as sent: a page this long was full. */
  length: number
}

/**
 * Reads a page of removals. What is removed is the registration, never its person, who may be in another event of the
 * same race by then: removals and registrations of a pass belong into one transaction (RunSignUp API notes 2.5).
 * @throws StartlistError `BAD_SHAPE`
 */
export function toRemovedRows(body: Json): RemovedRows {
  const { rows, keyless, length } = toRegistrationRows(body)
  return {
    rows: rows.map((row) => ({ ...row, successor: successorOf(row.record) })),
    keyless,
    length,
  }
}

/** `cleared` and `removed` differ in who did it; a reason that is not known says no less that somebody is gone. */
type Gone = Exclude<RegistrationStatus, 'active'>

const STATUSES = new Map<string, Gone>([
  ['transferred', 'transferred'],
  ['deferred', 'deferred'],
])

/** Why a record is no longer listed; null for one that is. */
export function removalStatus({ removed_reason: reason }: JsonObject): Gone | null {
  if (typeof reason !== 'string' || reason.trim() === '') return null
  return STATUSES.get(reason.trim().toLowerCase()) ?? 'removed'
}

/** The registration that took the place of a removed one; null for a listed one, and where none is named. */
export function successorOf({ new_registration_id: id }: JsonObject): string | null {
  const key = readId(id, 'registration id')
  return typeof key === 'string' && key !== '0' ? key : null
}
