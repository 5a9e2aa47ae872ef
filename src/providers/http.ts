import type { CallPurpose } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import { codeOf, ERROR_CODES, StartlistError } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'
import { parseJson, readBody } from './body.ts'

/** What an attempt says of itself before it is made. */
export interface MeteredCall {
  purpose: CallPurpose
  eventId?: string | null
  timeoutMs: number
}

/** The right to one attempt, as the ledger gives it (L1). */
export interface Ticket {
  /** Latest instant at which the attempt may be under way, ms of our clock (L2). */
  readonly deadline: number
  end(outcome: {
    status: number | null
    errorCode: string | null
    retryAfterMs?: number | null
    headers?: Headers
  }): Promise<void>
}

/** Where every attempt is asked for and accounted; the ledger is one. */
export interface Meter {
  acquire(call: MeteredCall): Promise<Ticket>
}

export interface HttpOptions {
  clock: Clock
  meter: Meter
  fetch?: typeof fetch
  /** longest an attempt may take, body included, ms; default 30 000 */
  timeoutMs?: number
  /** longest body taken, bytes after decompression; default 64 MiB */
  maxBodyBytes?: number
  /** stops waits and further attempts; a call under way is answered, since it is paid for */
  signal?: AbortSignal
}

export interface HttpRequest {
  method: 'GET' | 'POST'
  url: URL
  headers: Record<string, string>
  body?: string
  purpose: CallPurpose
  eventId?: string | null
  /** tries at most when the failure may pass; default 3 */
  attempts?: number
  /**
   * Says whether an answer that arrived whole is a refusal after all, for providers that refuse with status 200.
   * The error is the attempt's own: the ledger learns of it, and its class decides about another attempt.
   */
  judge?: (answer: HttpAnswer) => StartlistError | null
}

/** An answer of the API itself: 2xx with JSON, or a 4xx that the caller understands. */
export interface HttpAnswer {
  status: number
  /** null where a 4xx has no JSON */
  json: Json
  /** the `Date` header in ms since the epoch; null when absent or unreadable */
  date: number | null
  headers: Headers
}

export type Http = (request: HttpRequest) => Promise<HttpAnswer>

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024
const DEFAULT_ATTEMPTS = 3
/** Before the second and the third attempt, ms. */
const BACKOFF_MS = [1_000, 2_000]
/** A 503 that asks for more patience than this is not waited for here: the error says when. */
const LONGEST_WAIT_MS = 30_000

/**
 * Makes HTTP calls that never say a secret and are all accounted: each attempt has its ledger row, failed and
 * aborted ones too. Failures come as StartlistError; the class decides about another attempt, the text never:
 *
 * - `NETWORK`, `TIMEOUT`, `PROVIDER_DOWN` (5xx), `BAD_BODY` (not JSON): tried again after 1 s and 2 s
 * - `THROTTLED` (429) and `REDIRECT_REFUSED` (3xx): not tried again
 * - every other 4xx is an answer
 *
 * What a request's own `judge` raises is treated by the same classes; `NOT_FOUND` is never tried again.
 */
export function createHttp(options: HttpOptions): Http {
  return async (request) => {
    const attempts = request.attempts ?? DEFAULT_ATTEMPTS
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(options, request)
      } catch (error) {
        if (attempt >= attempts || !mayPass(error)) throw error
        const backoff = BACKOFF_MS[attempt - 1] ?? (BACKOFF_MS.at(-1) as number)
        const asked = error.retryAt === undefined ? 0 : error.retryAt - options.clock.now()
        if (asked > LONGEST_WAIT_MS) throw error
        await options.clock.sleep(Math.max(backoff, asked), options.signal)
      }
    }
  }
}

/** Only what happened to an attempt of ours: a ledger that refuses the next one is final. */
function mayPass(error: unknown): error is StartlistError {
  if (!(error instanceof StartlistError) || !attempted.has(error)) return false
  // The provider has spoken: asking again would not bring the address back.
  if (error.code === 'NOT_FOUND') return false
  return ERROR_CODES[error.code].class === 'transient' || error.code === 'BAD_BODY'
}

/** Errors of attempts that were made, apart from those that the meter raised. */
const attempted = new WeakSet<StartlistError>()

async function attemptOnce(options: HttpOptions, request: HttpRequest): Promise<HttpAnswer> {
  const { clock, meter, timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const { purpose, eventId = null } = request
  const headers = headersOf(request)
  options.signal?.throwIfAborted()
  const ticket = await meter.acquire({ purpose, eventId, timeoutMs })
  let seen: Response | null = null
  let answer: HttpAnswer
  try {
    answer = await exchange(options, request, headers, ticket.deadline - clock.now(), (response) => {
      seen = response
    })
    const refusal = request.judge?.(answer) ?? null
    if (refusal !== null) throw refusal
  } catch (error) {
    const response = seen as Response | null
    const outcome = {
      status: response?.status ?? null,
      errorCode: codeOf(error),
    }
    const retryAfterMs = response ? retryAfter(response.headers, clock.now()) : null
    // A row without its end counts for longer, which is safe; the first error is the one worth telling.
    await ticket
      .end({ ...outcome, retryAfterMs, ...(response && { headers: response.headers }) })
      .catch(() => {})
    if (error instanceof StartlistError) attempted.add(error)
    throw error
  }
  await ticket.end({ status: answer.status, errorCode: null, headers: answer.headers })
  return answer
}

/** One request and its body within `leftMs`. `onResponse` learns of the status before the body is read. */
async function exchange(
  options: HttpOptions,
  request: HttpRequest,
  headers: Headers,
  leftMs: number,
  onResponse: (response: Response) => void,
): Promise<HttpAnswer> {
  const { clock, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options
  // The process slept between the ledger and here: by now the row may have left the window (L2).
  if (leftMs <= 0) throw new StartlistError('TIMEOUT', `${labelOf(request)}: not sent, its time was over`)
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), leftMs)
  try {
    const response = await (options.fetch ?? fetch)(request.url, {
      method: request.method,
      headers,
      ...(request.body !== undefined && { body: request.body }),
      redirect: 'manual',
      signal: timeout.signal,
    })
    onResponse(response)
    return await read(response, request, clock, maxBodyBytes)
  } catch (error) {
    if (error instanceof StartlistError) throw error
    if (timeout.signal.aborted)
      throw new StartlistError('TIMEOUT', `${labelOf(request)}: no answer within ${leftMs} ms`)
    throw new StartlistError('NETWORK', `${labelOf(request)}: connection failed (${causeCode(error)})`)
  } finally {
    clearTimeout(timer)
  }
}

async function read(
  response: Response,
  request: HttpRequest,
  clock: Clock,
  maxBytes: number,
): Promise<HttpAnswer> {
  const { status, headers } = response
  const label = `${labelOf(request)}: ${status}`
  const refuse = async (
    code: 'REDIRECT_REFUSED' | 'PROVIDER_DOWN' | 'THROTTLED' | 'TIMEOUT',
    text: string,
  ) => {
    await response.body?.cancel().catch(() => {})
    const waitMs = retryAfter(headers, clock.now())
    return new StartlistError(code, text, {
      status,
      ...(waitMs !== null && { retryAt: clock.now() + waitMs }),
    })
  }
  if (status >= 300 && status < 400)
    throw await refuse('REDIRECT_REFUSED', `${label}, a redirect; not followed`)
  if (status === 429) throw await refuse('THROTTLED', `${label}, too many calls`)
  if (status === 408) throw await refuse('TIMEOUT', `${label}, the provider gave up waiting`)
  if (status >= 500) throw await refuse('PROVIDER_DOWN', label)

  const body = await readBody(response, maxBytes)
  const date = Date.parse(headers.get('date') ?? '')
  const json = body === null ? undefined : parseJson(body)
  if (json === undefined && status < 400) {
    const what = body === null ? `longer than ${maxBytes} bytes` : describe(body)
    throw new StartlistError('BAD_BODY', `${label}, but the body is ${what}`, { status })
  }
  return { status, json: json ?? null, date: Number.isNaN(date) ? null : date, headers }
}

/** What a body is instead of JSON, without a word of it. */
function describe(body: string): string {
  if (body.trim() === '') return 'empty'
  return /^\s*</.test(body) ? 'HTML' : 'not JSON, or cut off'
}

/** Method and path: enough to find the call, and free of query, token and body. */
function labelOf({ method, url }: HttpRequest): string {
  return `${method} ${url.pathname}`
}

/** Builds the headers before a call is spent; the platform's own error would quote a value. */
function headersOf(request: HttpRequest): Headers {
  try {
    return new Headers(request.headers)
  } catch {
    throw new StartlistError('INTERNAL', `${labelOf(request)}: a header value cannot be sent`)
  }
}

/** `Retry-After` in ms from `now`, told in seconds or as an HTTP-date; null when absent or unreadable. */
export function retryAfter(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  // Only a date in words: Date.parse takes almost any digits for a year.
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return null
  // Measured against the server's own clock where it shows one, as ours may differ.
  const serverNow = Date.parse(headers.get('date') ?? '')
  return Math.max(0, at - (Number.isNaN(serverNow) ? now : serverNow))
}

/** The system's code for a failed connection, from however deep in the causes. Messages may quote URLs: never those. */
function causeCode(error: unknown): string {
  let found = 'unknown'
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) found = code
    const inner = at instanceof AggregateError ? at.errors[0]?.code : undefined
    if (typeof inner === 'string') found = inner
  }
  return found
}
