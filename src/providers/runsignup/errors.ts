import { type ErrorCode, StartlistError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { type HttpAnswer, retryAfter } from '../http.ts'
import { isObject } from './fields.ts'

/** A refusal in RunSignUp's own numbers. Its text is ours: theirs may quote the request, and with it the key. */
export class RunSignUpRefusal extends StartlistError {
  /** `error_code`; null where only the HTTP status refused */
  readonly apiCode: number | null

  constructor(
    code: ErrorCode,
    message: string,
    details: { apiCode: number | null; status: number; hint?: string; retryAt?: number },
  ) {
    super(code, message, details)
    this.apiCode = details.apiCode
  }
}

/** The code that says that a parameter's value is not accepted, such as too large a page. */
export const INVALID_PARAMETERS = 3

const CHECK_URL = 'Check RUNSIGNUP_API_URL in startlist config.'

interface Meaning {
  code: ErrorCode
  words: string
  hint?: string
}

/** General codes of the API (RunSignUp API notes 2.7). */
const GENERAL: Record<number, Meaning> = {
  1: { code: 'REQUEST_REFUSED', words: 'unknown method', hint: CHECK_URL },
  2: { code: 'REQUEST_REFUSED', words: 'verb not supported', hint: CHECK_URL },
  [INVALID_PARAMETERS]: { code: 'REQUEST_REFUSED', words: 'invalid parameters' },
  4: { code: 'PROVIDER_DOWN', words: 'unknown error' },
  5: { code: 'PROVIDER_DOWN', words: 'database error' },
  6: { code: 'CREDENTIAL_REFUSED', words: 'the key was refused' },
  7: { code: 'FORBIDDEN', words: 'permission denied' },
  8: { code: 'REQUEST_REFUSED', words: 'not implemented', hint: CHECK_URL },
  9: { code: 'REQUEST_REFUSED', words: 'invalid date' },
  10: { code: 'REQUEST_REFUSED', words: 'response format not supported' },
  11: { code: 'REQUEST_REFUSED', words: 'invalid submission' },
  12: { code: 'REQUEST_REFUSED', words: 'out of order' },
  // With a permanent key nobody can log in anew: the key was not recognised as one.
  13: { code: 'CREDENTIAL_REFUSED', words: 'a login is required, so the key was not recognised' },
  14: { code: 'THROTTLED', words: 'too many calls' },
  15: { code: 'NOT_FOUND', words: 'invalid id' },
  201: { code: 'NOT_FOUND', words: 'race not found' },
  301: { code: 'NOT_FOUND', words: 'event not found' },
}

/**
 * What an answer refuses, if it does: RunSignUp says so with `{"error": {"error_code", "error_msg"}}` and HTTP 200,
 * so that a client that looks at the status alone takes an expired key for a day without registrations.
 * @param label method and path of the call, for the message
 * @param now ms since the epoch, for `Retry-After`
 * @returns null for an answer that is none
 */
export function refusalOf(answer: HttpAnswer, label: string, now: number): StartlistError | null {
  const { status, json } = answer
  if (isObject(json) && json.error !== undefined && json.error !== null) {
    const apiCode = readCode(json.error)
    if (apiCode === null)
      return new StartlistError('BAD_SHAPE', `${label}: an error without a code`, { status })
    const { code, words, hint } = meaningOf(apiCode)
    const waitMs = code === 'THROTTLED' ? retryAfter(answer.headers, now) : null
    return new RunSignUpRefusal(code, `${label}: error ${apiCode}, ${words}`, {
      apiCode,
      status,
      ...(hint !== undefined && { hint }),
      ...(waitMs !== null && { retryAt: now + waitMs }),
    })
  }
  return status < 400 ? null : refusedByStatus(status, label)
}

function meaningOf(apiCode: number): Meaning {
  const known = GENERAL[apiCode]
  if (known) return known
  const subject = SUBJECTS.find(({ from, to }) => apiCode >= from && apiCode < to)
  return { code: 'REQUEST_REFUSED', words: subject?.words ?? 'which is not known' }
}

/** What the hundreds are about; none of them is of use to a reader, so none is more than refused. */
const SUBJECTS = [
  { from: 101, to: 200, words: 'about a user' },
  { from: 201, to: 300, words: 'about a race' },
  { from: 301, to: 400, words: 'about an event' },
  { from: 500, to: 600, words: 'about a participant' },
  { from: 900, to: 1000, words: 'about a team' },
]

function readCode(error: Json): number | null {
  const code = isObject(error) ? error.error_code : null
  if (typeof code === 'number' && Number.isInteger(code)) return code
  return typeof code === 'string' && /^\s*\d{1,6}\s*$/.test(code) ? Number(code) : null
}

/** A refusal by true HTTP codes, as mirrors and gateways give it. */
function refusedByStatus(status: number, label: string): StartlistError {
  const message = `${label}: ${status}`
  const details = { apiCode: null, status }
  switch (status) {
    case 401:
      return new RunSignUpRefusal('CREDENTIAL_REFUSED', message, details)
    case 403:
      return new RunSignUpRefusal('FORBIDDEN', message, details)
    case 404:
    case 405:
    case 410:
      return new RunSignUpRefusal('NOT_FOUND', message, { ...details, hint: CHECK_URL })
    default:
      return new RunSignUpRefusal('REQUEST_REFUSED', message, details)
  }
}
