import type { Context } from 'hono'
import { ERROR_CODES, type ErrorClass, type ErrorCode, StartlistError } from '../domain/errors.ts'

/** What an answer says that is none (RFC 9457), with the stable code and the hint of the error behind it. */
export interface Problem {
  type: 'about:blank'
  title: string
  status: number
  code: ErrorCode
  hint?: string
}

/** By code where HTTP has a word for it, else by who has to act. */
const BY_CODE: Partial<Record<ErrorCode, Status>> = {
  NO_SUCH_PARTNER: 404,
  NO_SUCH_EVENT: 404,
  NO_SUCH_PARTICIPANT: 404,
  NO_SUCH_ACCOUNT: 404,
  NO_SUCH_CREDENTIAL: 404,
  NO_SUCH_TOKEN: 404,
  NO_SUCH_HOLD: 404,
  NO_SUCH_REJECT: 404,
  NO_SUCH_RUN: 404,
  NO_SUCH_MARK: 404,
  NO_SUCH_WEBHOOK: 404,
  NO_SUCH_FREEZE: 404,
  NO_SUCH_ROUTE: 404,
  METHOD_REFUSED: 405,
  CHANGED_SINCE: 409,
  BIB_CONFLICT: 409,
  LANE_BUSY: 409,
  MARK_EXISTS: 409,
  CHANGES_GONE: 410,
  SIGN_IN_NEEDED: 401,
  FOREIGN_ORIGIN: 403,
  BODY_TOO_LARGE: 413,
  // Not 503: another try finds it no better.
  FREEZE_BROKEN: 500,
  INTERNAL: 500,
}
const BY_CLASS: Record<ErrorClass, Status> = {
  usage: 400,
  config: 503,
  auth: 502,
  transient: 502,
  rate_limited: 429,
  provider_bug: 502,
  ours: 503,
}
type Status = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 429 | 500 | 502 | 503

/** These name a machine, or what failed inside: the log has them. */
const SILENT: ReadonlySet<ErrorClass> = new Set(['config', 'ours'])
/** But these say only what whoever asks has to know. */
const TOLD: ReadonlySet<ErrorCode> = new Set(['STARTING', 'FREEZE_BROKEN'])
const SILENT_TITLE = 'startlist cannot answer this now; its log says more'

/** Any thrown thing as an answer: what is not a {@link StartlistError} is told to nobody. */
function problemOf(error: unknown): Problem & { status: Status } {
  const known = error instanceof StartlistError ? error : new StartlistError('INTERNAL', SILENT_TITLE)
  return {
    type: 'about:blank',
    title: SILENT.has(known.class) && !TOLD.has(known.code) ? SILENT_TITLE : known.message,
    status: BY_CODE[known.code] ?? BY_CLASS[ERROR_CODES[known.code].class],
    code: known.code,
    hint: known.hint,
  }
}

/**
 * Answers with a problem.
 * @param now ms, for `Retry-After`, where the error says when another try makes sense
 */
export function answerProblem(c: Context, error: unknown, now: number): Response {
  const problem = problemOf(error)
  if (error instanceof StartlistError && error.retryAt !== undefined)
    c.header('Retry-After', String(Math.max(1, Math.ceil((error.retryAt - now) / 1000))))
  if (problem.status === 401) c.header('WWW-Authenticate', 'Bearer realm="startlist"')
  return c.body(JSON.stringify(problem), problem.status, { 'Content-Type': 'application/problem+json' })
}
