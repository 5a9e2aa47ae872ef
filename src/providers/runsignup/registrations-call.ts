import type { CallPurpose } from '../../domain/account.ts'
import { StartlistError } from '../../domain/errors.ts'
import { type Include, includeQuery } from './includes.ts'
import type { ApiCall } from './request.ts'

/** A page of the registrations, or of the removals, of some events of one race. */
export interface RegistrationsRequest {
  page: number
  perPage: number
  /** Only what changed at or after this stamp, in microseconds since the epoch, less the overlap; null for all. */
  changedSince?: bigint | null
  /** Only registrations with a higher number. */
  afterRegistrationId?: string | null
}

/** As many events as one call asks for: the address stays short, and one refused event spoils no long list. */
export const MAX_EVENTS = 50

/** RunSignUp's own advice against clocks that differ (RunSignUp API notes 2.4), microseconds. */
const OVERLAP = 10_000_000n

/** The call for registrations (RunSignUp API notes 2.4). @throws StartlistError `INTERNAL` for ids that are none */
export function participantsCall(
  raceId: string,
  eventIds: readonly string[],
  request: RegistrationsRequest,
  includes: readonly Include[],
): ApiCall {
  const call = registrationsCall('participants', raceId, eventIds, request)
  return { ...call, query: { ...call.query, ...includeQuery(includes) } }
}

/** The call for one registration: between the numbers beside its own. */
export function singleCall(
  raceId: string,
  eventIds: readonly string[],
  key: string,
  purpose: CallPurpose,
  includes: readonly Include[],
): ApiCall {
  const number = BigInt(numbers([key]))
  const call = participantsCall(raceId, eventIds, { page: 1, perPage: 1 }, includes)
  const between = {
    after_registration_id: String(number - 1n),
    before_registration_id: String(number + 1n),
  }
  return { ...call, purpose, query: { ...call.query, ...between, page: '1', results_per_page: '50' } }
}

/** The call for removals (RunSignUp API notes 2.5): whole records, as somebody may have come and gone unseen. */
export function removedCall(
  raceId: string,
  eventIds: readonly string[],
  request: RegistrationsRequest,
): ApiCall {
  return registrationsCall('removed-participants', raceId, eventIds, request)
}

function registrationsCall(
  list: 'participants' | 'removed-participants',
  raceId: string,
  eventIds: readonly string[],
  request: RegistrationsRequest,
): ApiCall {
  return {
    path: `/race/${numbers([raceId])}/${list}`,
    query: {
      event_id: numbers(eventIds),
      sort: 'registration_id ASC',
      // Without it, runners of gender X come as something else (RunSignUp API notes 2.4).
      supports_nb: 'T',
      ...since(request),
    },
    purpose: list === 'participants' ? 'list' : 'removed',
    eventId: raceId,
  }
}

/** What bounds a list to news: in Unix seconds, rounded down, and inclusive (RunSignUp API notes 2.4). */
function since({ changedSince, afterRegistrationId }: RegistrationsRequest): Record<string, string> {
  const from = changedSince == null || changedSince > OVERLAP ? changedSince : OVERLAP
  const seconds = from == null ? null : (from - OVERLAP) / 1_000_000n
  return {
    ...(seconds !== null && { modified_after_timestamp: String(seconds) }),
    ...(afterRegistrationId != null && { after_registration_id: afterRegistrationId }),
  }
}

/** Ids as an address takes them. What is no number would ask for something else. */
function numbers(ids: readonly string[]): string {
  if (ids.length === 0 || ids.length > MAX_EVENTS || ids.some((id) => !/^\d+$/.test(id))) {
    throw new StartlistError('INTERNAL', `${ids.length} ids cannot stand in one address of RunSignUp`)
  }
  return ids.join(',')
}
