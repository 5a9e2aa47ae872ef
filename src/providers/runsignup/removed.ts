import type { Json, JsonObject } from '../../domain/json.ts'
import type { RegistrationStatus } from '../../domain/participant.ts'
import type { KeylessRow } from '../provider.ts'
import { readId } from './fields.ts'
import { type RegistrationRow, toRegistrationRows } from './participants.ts'

/** A registration that is no longer in its event's list. */
export interface RemovedRow extends RegistrationRow {
  status: Exclude<RegistrationStatus, 'active'>
  /** The registration that took its place, when it was transferred; null when none is named. */
  successor: string | null
}

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
    rows: rows.map((row) => ({
      ...row,
      status: removalStatus(row.record) ?? 'removed',
      successor: successorOf(row.record),
    })),
    keyless,
    length,
  }
}

/** `cleared` and `removed` differ in who did it; a reason that is not known says no less that somebody is gone. */
const STATUSES = new Map<string, RemovedRow['status']>([
  ['transferred', 'transferred'],
  ['deferred', 'deferred'],
])

/** Why a record is no longer listed; null for one that is. */
export function removalStatus({ removed_reason: reason }: JsonObject): RemovedRow['status'] | null {
  if (typeof reason !== 'string' || reason.trim() === '') return null
  return STATUSES.get(reason.trim().toLowerCase()) ?? 'removed'
}

/** The registration that took the place of a removed one; null for a listed one, and where none is named. */
export function successorOf({ new_registration_id: id }: JsonObject): string | null {
  const key = readId(id, 'registration id')
  return typeof key === 'string' && key !== '0' ? key : null
}
