import { WINDOW_MS } from './window.ts'

/** What the quota headers of an answer mean for us. Limit and pause only ever slow us down (L4). */
export interface RateHeaders {
  /** calls an hour that the provider claims to allow; null when it says nothing about an hour */
  limit: number | null
  /** ms from the answer for which nothing more is allowed; null when calls remain */
  pauseMs: number | null
  /** calls of the hour that the provider has counted; null where it says nothing about an hour */
  used: number | null
}

/** Pause after "0 remaining" where no reset is told: the first step of a throttle. */
const UNTOLD_RESET_MS = 5_000

/**
 * Reads `X-RateLimit-Limit/-Remaining/-Reset`, `RateLimit-Limit/-Remaining/-Reset/-Policy` and the combined
 * `RateLimit` header. Whatever cannot be read says nothing.
 * @param at the answer's instant, ms since the epoch: a reset may be told as an instant
 */
export function readRateHeaders(headers: Headers, at: number): RateHeaders {
  const combined = headers.get('ratelimit') ?? ''
  const policy = headers.get('ratelimit-policy') ?? headers.get('ratelimit-limit') ?? ''
  const value = (name: string, long: string, short: string): number | null =>
    leading(headers.get(`x-ratelimit-${name}`) ?? headers.get(`ratelimit-${name}`)) ??
    parameter(combined, long) ??
    parameter(combined, short)

  // A limit per second or minute is no hourly limit; running out of it shows in "remaining".
  const window = parameter(policy, 'w') ?? WINDOW_MS / 1000
  const limit = value('limit', 'limit', 'q') ?? parameter(policy, 'q')
  const remaining = value('remaining', 'remaining', 'r')
  const reset = value('reset', 'reset', 't')
  const hourly = limit !== null && limit > 0 && window >= WINDOW_MS / 1000 ? limit : null
  return {
    limit: hourly,
    pauseMs: remaining === 0 ? resetMs(reset, at) : null,
    used: hourly === null || remaining === null ? null : Math.max(0, hourly - remaining),
  }
}

/** A reset is told in seconds from now, or as an instant in seconds or milliseconds since the epoch. */
function resetMs(reset: number | null, at: number): number {
  if (reset === null) return UNTOLD_RESET_MS
  const ms = reset > 1e12 ? reset - at : reset > 1e9 ? reset * 1000 - at : reset * 1000
  return Math.min(Math.max(ms, 0), WINDOW_MS)
}

function leading(text: string | null): number | null {
  const digits = /^\s*(\d{1,15})(?![\d.])/.exec(text ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}

function parameter(text: string, name: string): number | null {
  const digits = new RegExp(`(?:^|[;,\\s])${name}=(\\d{1,15})`).exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}
