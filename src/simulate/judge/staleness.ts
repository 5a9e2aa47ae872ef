import { intervalAt, type Schedule } from '../../domain/schedule.ts'
import type { Change } from '../changes.ts'

/** How long changes at the provider took to be ours. Pure; durations in ms. */

/** A change and when it was committed; null when it never was. */
export interface SeenChange {
  change: Change
  seenAt: number | null
}

/** Changes that were made while their events had one interval. */
export interface StalenessTier {
  every: number
  changes: number
  p50: number
  p95: number
  p99: number
  max: number
  /** changes that should have been seen by the end, and were not */
  missed: number
}

/** Within so many intervals of the end a change may rightly still be to come. */
const STILL_TO_COME = 2

/** Staleness by interval, shortest first; changes of a batch have a measure of their own and are left out. */
export function stalenessOf(
  seen: readonly SeenChange[],
  schedules: ReadonlyMap<string, Schedule>,
  until: number,
): StalenessTier[] {
  const everyOf = ({ change }: SeenChange) => {
    const schedule = schedules.get(change.eventId)
    return schedule === undefined ? null : intervalAt(schedule, change.at)
  }
  const tiers = Map.groupBy(
    seen.filter(({ change }) => !change.batch && change.at < until),
    everyOf,
  )
  return [...tiers]
    .flatMap(([every, mine]) => (every === null ? [] : [tierOf(every, mine, until)]))
    .sort((a, b) => a.every - b.every)
}

function tierOf(every: number, seen: readonly SeenChange[], until: number): StalenessTier {
  const ms = seen
    .flatMap(({ change, seenAt }) => (seenAt === null ? [] : [seenAt - change.at]))
    .sort((a, b) => a - b)
  const missed = seen.filter(
    ({ change, seenAt }) => seenAt === null && change.at + STILL_TO_COME * every < until,
  )
  return {
    ...{ every, changes: ms.length, missed: missed.length, max: ms.at(-1) ?? 0 },
    ...{ p50: quantile(ms, 0.5), p95: quantile(ms, 0.95), p99: quantile(ms, 0.99) },
  }
}

/** The value that this share of the values does not exceed; 0 of none. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? 0
}
