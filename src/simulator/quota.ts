import { type Answer, refuse } from './answer.ts'
import { httpDate } from './instants.ts'
import type { Quota } from './traits.ts'

/** How long a refused client is told to wait, seconds. */
const WAIT_S = 60

/**
 * What the provider's own limit says to a call that is number `used` of its client's last 60 minutes.
 * `now`: epoch ms.
 */
export function throttled(
  quota: Quota | null,
  used: number,
  now: number,
): { refusal: Answer | null; headers: Record<string, string> } {
  if (!quota) return { refusal: null, headers: {} }
  const headers: Record<string, string> = quota.headers
    ? {
        'X-RateLimit-Limit': String(quota.limit),
        'X-RateLimit-Remaining': String(Math.max(0, quota.limit - used)),
      }
    : {}
  if (used <= quota.limit) return { refusal: null, headers }
  return {
    refusal: refuse(429, 'Too Many Requests', { ...headers, ...retryAfter(quota.retryAfter, WAIT_S, now) }),
    headers,
  }
}

/** The `Retry-After` header in one of its two spellings, or none. `seconds` from `now` (epoch ms). */
export function retryAfter(form: Quota['retryAfter'], seconds: number, now: number): Record<string, string> {
  if (form === 'none') return {}
  return { 'Retry-After': form === 'seconds' ? String(seconds) : httpDate(now + seconds * 1000) }
}
