import { effectiveLimit, keptFor, type Limits } from './window.ts'

/**
 * What happens to the intervals when an account's events ask for more polls than its quota holds (P3): they are
 * stretched, so that nobody starves and calls are paced instead of burst. Pure.
 */

/** Factors, at least 1, on poll intervals. */
export interface Stretch {
  /** of events within 24 h of their start */
  near: number
  /** of events further away; they give way first */
  far: number
}

/** Polls that an account's events ask for in 60 minutes, at the intervals of their cadence. */
export interface HourDemand {
  /** by events within 24 h of their start */
  near: number
  /** by events further away */
  far: number
  /** what those further away would still ask for at one poll in 24 h: they are stretched no further */
  farFloor: number
}

/** No stretching. */
const UNSTRETCHED: Stretch = { near: 1, far: 1 }

/** The longest time between two polls to which a far event may be stretched, ms (P3). */
export const LONGEST_FAR_INTERVAL_MS = 24 * 3_600_000

/**
 * Calls an hour that polls may count on: the limit in force less the reserve and the share of upkeep (P3).
 * @param observedLimit a lower limit that the provider has shown; null for none
 */
export function pollCapacity(limits: Limits, observedLimit: number | null): number {
  const limit = effectiveLimit(limits, observedLimit)
  return Math.max(1, limit - keptFor('poll', limits, limit, 0))
}

/**
 * By how much intervals are stretched so that the polls of an hour fit `capacity` calls (P3): first those of events
 * beyond 24 h, to at most {@link LONGEST_FAR_INTERVAL_MS}, then all others by one factor.
 */
export function stretchOf({ near, far, farFloor }: HourDemand, capacity: number): Stretch {
  if (near + far <= capacity) return UNSTRETCHED
  const farLeft = Math.min(far, Math.max(farFloor, capacity - near))
  const forNear = Math.max(1, capacity - farLeft)
  return {
    near: Math.max(1, near / forNear),
    far: farLeft > 0 ? Math.max(1, far / farLeft) : 1,
  }
}

/** When a poll is due under a stretch (P3): `last + s x interval`, where `due` is `last + interval`. */
export function stretchedDue(due: number, every: number, isFar: boolean, stretch: Stretch): number {
  if (!isFar) return due + (stretch.near - 1) * every
  const longest = Math.max(every, LONGEST_FAR_INTERVAL_MS)
  return due + Math.min(stretch.far * every, longest) - every
}
