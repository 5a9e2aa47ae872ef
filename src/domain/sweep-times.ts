import type { Schedule } from './schedule.ts'

/** When an event's list is read whole, beside polls (A1). Durations in ms. */
export interface SweepTimes {
  /** Events this near are swept daily, so that who was removed is noticed before bibs are printed; 0 for none. */
  withinMs: number
  /** The sweep before the densest polls begins this early: time for a few hundred calls; null for no such sweep. */
  aheadMs: number | null
}

export const DEFAULT_SWEEPS: SweepTimes = { withinMs: 30 * 24 * 3_600_000, aheadMs: 30 * 60_000 }

/** When the shortest interval takes over; null where it is in force from the first. */
export function densestFrom({ phases }: Schedule): number | null {
  const shortest = Math.min(...phases.map((phase) => phase.every))
  const from = phases.find((phase) => phase.every === shortest)?.from ?? Number.NEGATIVE_INFINITY
  return Number.isFinite(from) ? from : null
}
