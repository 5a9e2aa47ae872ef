import type { CallClass } from '../domain/account.ts'

/**
 * The rolling hour of one account: may a call be made now, and if not, when. Pure. Instants are milliseconds since
 * the epoch, all of the database's clock. Rule numbers are those of docs/engine.md.
 */

/** Length of the provider's window, ms. */
export const WINDOW_MS = 3_600_000

/** Calls kept for a person unless configured otherwise (L3). */
const DEFAULT_RESERVE = 30

/** Share of the limit that polls and backfill leave to upkeep (L3). */
export const UPKEEP_SHARE = 0.05

/** What an account may spend. */
export interface Limits {
  /** calls in any rolling 60 minutes */
  perHour: number
  /** least time from one call to the next, ms */
  minSpacingMs: number
  /** calls kept for a person's `sync` and `verify`; {@link DEFAULT_RESERVE} when left out */
  reserve?: number
  /** share of the limit (0 to 1) set aside for programs on the same client id that we cannot see (L5) */
  externalUse?: number
}

/** The facts of an account's window, read under its lock. */
export interface WindowFacts {
  now: number
  /** calls still in the window */
  count: number
  /** of these, calls of class upkeep */
  upkeep: number
  /**
   * When calls leave the window (L2), ascending. May be left empty while `count` is below every class's limit:
   * only a refusal needs it.
   */
  leaves: readonly number[]
  /** when the last call was acquired */
  lastAcquired: number | null
  /** a throttle, an outage, or a restored database (L4, L5, N4) */
  pause: { until: number; reason: string } | null
  /** limit that response headers have shown; it only lowers (L4) */
  observedLimit: number | null
}

/** Why a call has to wait: the longest of the reasons that hold. */
export type WaitReason = 'limit' | 'reserve' | 'spacing' | 'paused'

export type Decision = { go: true } | { go: false; notBefore: number; reason: WaitReason; pause?: string }

/** The limit in force: the configured one less what others use, or a lower one that the provider has shown. */
export function effectiveLimit(limits: Limits, observedLimit: number | null): number {
  const own = Math.floor(limits.perHour * (1 - (limits.externalUse ?? 0)))
  return Math.max(0, observedLimit === null ? own : Math.min(own, observedLimit))
}

/**
 * Calls that `class` leaves unspent for others (L3). A person may use all. Everybody else keeps the reserve, at most
 * half of a small limit; polls and backfill also keep what upkeep has not yet used of its 5 %.
 */
export function keptFor(callClass: CallClass, limits: Limits, limit: number, upkeep: number): number {
  if (callClass === 'person') return 0
  const reserve = Math.min(limits.reserve ?? DEFAULT_RESERVE, Math.floor(limit / 2))
  if (callClass === 'upkeep') return reserve
  return reserve + Math.max(0, Math.floor(limit * UPKEEP_SHARE) - upkeep)
}

/** Says whether a call of `callClass` may go now, or not before which instant and why. */
export function decide(callClass: CallClass, limits: Limits, facts: WindowFacts): Decision {
  const waits = [quotaWait(callClass, limits, facts), pauseWait(callClass, facts), spacingWait(limits, facts)]
  let longest: Decision = { go: true }
  for (const wait of waits) {
    if (wait === null || wait.notBefore <= facts.now) continue
    if (longest.go || wait.notBefore > longest.notBefore) longest = wait
  }
  return longest
}

type Wait = Exclude<Decision, { go: true }>

function quotaWait(callClass: CallClass, limits: Limits, facts: WindowFacts): Wait | null {
  const limit = effectiveLimit(limits, facts.observedLimit)
  const allowed = limit - keptFor(callClass, limits, limit, facts.upkeep)
  if (facts.count < allowed) return null
  // Room for one more once this many calls have left. With no room ever, look again in an hour.
  const leaving = facts.count - allowed + 1
  const at = allowed > 0 ? facts.leaves[leaving - 1] : undefined
  // A call is still inside at the very instant at which it leaves: a provider may count that way.
  const notBefore = at === undefined ? facts.now + WINDOW_MS : Math.max(at, facts.now) + 1
  return { go: false, notBefore, reason: facts.count < limit ? 'reserve' : 'limit' }
}

function pauseWait(callClass: CallClass, { pause }: WindowFacts): Wait | null {
  // A person's call is itself a probe of an outage (N4); a throttle and a restored window bind everybody.
  if (pause === null || (callClass === 'person' && pause.reason === 'outage')) return null
  return { go: false, notBefore: pause.until, reason: 'paused', pause: pause.reason }
}

function spacingWait({ minSpacingMs }: Limits, { now, lastAcquired }: WindowFacts): Wait | null {
  if (lastAcquired === null || minSpacingMs <= 0) return null
  // A last call "in the future" is a clock that was set back: wait one spacing, not the whole step.
  return { go: false, notBefore: Math.min(lastAcquired, now) + minSpacingMs, reason: 'spacing' }
}

const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 120_000
/** A Retry-After beyond a window is not believed to the letter: an hour later the answer is asked for again. */
const LONGEST_RETRY_AFTER_MS = WINDOW_MS

/**
 * How long a throttle pauses the account, ms (L4): until the provider's Retry-After, else 5 s doubling to 2 min.
 * @param earlier throttles in a row before this one
 * @param retryAfterMs what the answer asked for; null without a readable Retry-After
 */
export function throttlePause(earlier: number, retryAfterMs: number | null): number {
  if (retryAfterMs === null) return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(earlier, 10), LONGEST_PAUSE_MS)
  // "Retry after 0" would be a busy loop: the shortest pause is a second.
  return Math.min(Math.max(retryAfterMs, 1_000), LONGEST_RETRY_AFTER_MS)
}
