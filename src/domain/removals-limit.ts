const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A removal that comes without an addition is seen within this, near a start and far from it. */
const NEAR_LIMIT = 15 * MINUTE
const FAR_LIMIT = 4 * HOUR

/**
 * How long a feed of removals may stay unread (docs/adr/0022), ms.
 * @param start of the event, ms since the epoch; null when nobody knows it
 */
export function removalsLimit(start: number | null, now: number): number {
  return start !== null && Math.abs(start - now) <= DAY ? NEAR_LIMIT : FAR_LIMIT
}
