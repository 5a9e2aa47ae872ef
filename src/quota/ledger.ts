import type { CallClass, CallPurpose } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { readRateHeaders } from './headers.ts'
import {
  type Decision,
  decide,
  type Limits,
  throttlePause,
  type WaitReason,
  type WindowFacts,
} from './window.ts'

/** One HTTP attempt as the ledger records it (L1). */
export interface LedgerCall {
  accountId: number
  class: CallClass
  purpose: CallPurpose
  eventId: string | null
  runId: string | null
  timeoutMs: number
}

/** How an attempt ended. */
export interface LedgerEnd {
  /** HTTP status; null when none came */
  status: number | null
  /** stable code of the failure; null for an answer that was passed on */
  errorCode: string | null
  /** The pause in ms that this answer asks for, given the throttles in a row before it; null for none. */
  pauseMs: ((earlierThrottles: number) => number) | null
  /** a 429, or a throttle told in the body: counts towards the doubling */
  throttled: boolean
  /** an answer that shows that the throttle is over */
  succeeded: boolean
  /** an hourly limit that the answer claims */
  limit: number | null
  /** calls of the hour that the provider has counted, by the answer; null where it does not say */
  used: number | null
}

/** The book of calls, kept by the store. Its instants are the database's. */
export interface CallBook {
  /**
   * Locks the account, reads the facts of its window in a fresh snapshot, asks `decide`, and on "go" writes the
   * call's row; one short transaction.
   */
  acquire<D extends { go: boolean }>(
    call: LedgerCall,
    decide: (facts: WindowFacts) => D,
  ): Promise<{ decision: D; callId: string | null; now: number }>
  end(callId: string, end: LedgerEnd): Promise<void>
}

/** Tells a person until when (ms since the epoch) a call waits. */
export type OnWait = (wait: { until: number; reason: WaitReason }) => void

/** Tells who watches that a call begins now, at `at` of the ledger's clock, ms since the epoch. */
export type OnCall = (call: { purpose: CallPurpose; eventId: string | null; at: number }) => void

/** On whose behalf calls are made, and how patiently. */
export interface Spender {
  accountId: number
  class: CallClass
  limits: Limits
  runId?: string | null
  /** Wait for quota and pauses too; without it they are errors. Spacing is always waited for. */
  wait?: boolean
  /** Without `wait`: what is over within so many ms is waited for, so that a pass under way is not broken off. */
  shortWaitMs?: number
  onWait?: OnWait
  onCall?: OnCall
  signal?: AbortSignal
}

/** What an attempt says of itself beforehand. */
export interface CallIntent {
  purpose: CallPurpose
  eventId?: string | null
  timeoutMs: number
}

/** What an attempt says of itself when it is over. */
export interface CallReport {
  status: number | null
  errorCode: string | null
  retryAfterMs?: number | null
  headers?: Headers
}

/** The right to one HTTP attempt. */
export interface LedgerTicket {
  /** Latest instant (ms, our clock) at which the attempt may be under way: L2 counts a lost call until then. */
  readonly deadline: number
  /** Must be called once, whatever became of the attempt. */
  end(report: CallReport): Promise<void>
}

/** Spends calls of one account for one spender; what `providers/http.ts` asks before each attempt. */
export interface LedgerMeter {
  /** Attempts acquired so far: the `calls` of a run. */
  readonly spent: number
  /**
   * @throws StartlistError `QUOTA_SPENT`, `THROTTLED` or `PROVIDER_DOWN` with `retryAt`, where the spender does not
   *   wait; the signal's reason when it is aborted
   */
  acquire(intent: CallIntent): Promise<LedgerTicket>
}

/** Opens the ledger for one spender (L1 to L5). */
export function openMeter(book: CallBook, clock: Clock, spender: Spender): LedgerMeter {
  let spent = 0
  return {
    get spent() {
      return spent
    },
    async acquire(intent) {
      const { callId, deadline } = await acquired(book, clock, spender, intent)
      spent++
      return {
        deadline,
        end: (report) => book.end(callId, endOf(intent.purpose, report, clock.now())),
      }
    },
  }
}

async function acquired(book: CallBook, clock: Clock, spender: Spender, intent: CallIntent) {
  const { accountId, limits, signal, runId = null } = spender
  const { purpose, eventId = null, timeoutMs } = intent
  // A token serves the whole account: it is upkeep, unless a person is waiting for it (L3).
  const callClass = purpose === 'token' && spender.class !== 'person' ? 'upkeep' : spender.class
  const call: LedgerCall = { accountId, class: callClass, purpose, eventId, runId, timeoutMs }
  for (;;) {
    signal?.throwIfAborted()
    // Taken before the database's instant, so that our deadline never lies behind the ledger's.
    const deadline = clock.now() + timeoutMs
    const { decision, callId, now } = await book.acquire(call, (facts) => decide(callClass, limits, facts))
    if (decision.go && callId !== null) {
      spender.onCall?.({ purpose, eventId, at: now })
      return { callId, deadline }
    }
    if (decision.go) throw new StartlistError('INTERNAL', 'the ledger said go and wrote no row')
    await wait(decision, now, clock, spender)
  }
}

async function wait(
  decision: Exclude<Decision, { go: true }>,
  now: number,
  clock: Clock,
  { wait: patient = false, shortWaitMs = 0, onWait, signal }: Spender,
): Promise<void> {
  if (decision.reason !== 'spacing') {
    if (!patient && decision.notBefore - now > shortWaitMs) throw refusal(decision)
    onWait?.({ until: decision.notBefore, reason: decision.reason })
  }
  await clock.sleep(decision.notBefore - now, signal)
}

function refusal({ reason, pause, notBefore }: Exclude<Decision, { go: true }>): StartlistError {
  const until = `until ${new Date(notBefore).toISOString()}`
  const retryAt = notBefore
  if (reason === 'limit')
    return new StartlistError('QUOTA_SPENT', `the hourly quota is spent ${until}`, { retryAt })
  if (reason === 'reserve') {
    return new StartlistError('QUOTA_SPENT', `what is left of the quota is kept for others ${until}`, {
      retryAt,
    })
  }
  if (pause === 'outage')
    return new StartlistError('PROVIDER_DOWN', `the provider is down; no call ${until}`, { retryAt })
  if (pause === 'restored') {
    return new StartlistError('QUOTA_SPENT', `after a restore the quota counts as spent ${until}`, {
      retryAt,
    })
  }
  return new StartlistError('THROTTLED', `the account is paused ${until}`, { retryAt })
}

function endOf(purpose: CallPurpose, report: CallReport, now: number): LedgerEnd {
  const { status, errorCode, retryAfterMs = null, headers } = report
  // Some providers throttle with status 200 and an error in the body.
  const throttled = status === 429 || errorCode === 'THROTTLED'
  const date = Date.parse(headers?.get('date') ?? '')
  // The token endpoint is another service: its quota headers do not speak of the API.
  const rate =
    headers && purpose !== 'token'
      ? readRateHeaders(headers, Number.isNaN(date) ? now : date)
      : { limit: null, pauseMs: null, used: null }
  const headerPause = rate.pauseMs
  return {
    status,
    errorCode,
    throttled,
    succeeded: !throttled && status !== null && status >= 200 && status < 300,
    limit: rate.limit,
    used: rate.used,
    pauseMs: throttled
      ? (earlier) => Math.max(throttlePause(earlier, retryAfterMs), headerPause ?? 0)
      : headerPause === null
        ? null
        : () => headerPause,
  }
}
