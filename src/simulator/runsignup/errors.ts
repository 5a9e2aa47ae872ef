import { type Answer, plain } from '../answer.ts'
import type { Traits } from './traits.ts'

/** The codes that the simulator says by itself, with the provider's words (RunSignUp API notes 2.7, 2.9). */
const MESSAGES: Readonly<Record<number, string>> = {
  1: 'Unknown method',
  2: 'HTTP verb not supported',
  3: 'Invalid parameters',
  4: 'Unknown error',
  5: 'Database error',
  6: 'Key authentication failed',
  7: 'Permission denied',
  9: 'Invalid date',
  13: 'Login required',
  14: 'Request throttled',
  102: 'Login expired',
  201: 'Race not found',
  301: 'Event not found',
}

/** The status that fits a code, for a provider that has taken to them. */
const STATUSES: Readonly<Record<number, number>> = {
  1: 404,
  2: 405,
  4: 500,
  5: 500,
  6: 401,
  7: 403,
  13: 401,
  14: 429,
  102: 401,
  201: 404,
  301: 404,
}

/** An error in the provider's shape: 200, or the status of the traits or the caller. */
export function failure(
  code: number,
  traits: Pick<Traits, 'errorStatus'>,
  given: { status?: number; headers?: Record<string, string> } = {},
): Answer {
  const status = given.status ?? (traits.errorStatus === 'http' ? (STATUSES[code] ?? 400) : 200)
  const error = { error_code: code, error_msg: MESSAGES[code] ?? `Error ${code}` }
  return { ...plain(status, { error }, given.headers), refused: true }
}

/** A call over the provider's own limits. */
export function throttled(traits: Traits, headers: Record<string, string> = {}): Answer {
  return failure(14, traits, { headers, ...(traits.throttle === 'status' && { status: 429 }) })
}
