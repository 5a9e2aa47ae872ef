import { keptFor, type Limits } from '../../quota/window.ts'
import type { Played } from '../played.ts'
import { callsOf, limitsOf } from './log.ts'
import type { SeenChange } from './staleness.ts'

/** What is done with the calls that polls leave: a backfill beside a race, many bibs at once. Durations in ms. */

export interface BackfillFigures {
  /** calls about events of which nothing was stored before */
  used: number
  /** calls that polls, reserve and upkeep left in the same time */
  left: number
}

/** Many bibs of one event in the same second. */
export interface BatchFigures {
  event: string
  count: number
  stored: number
  /** until the last was stored */
  tookMs: number
  /** the least possible: beside all other calls but details, within the quota less the reserve */
  leastMs: number
}

const HOUR = 3_600_000
const STEP_MS = 15_000
const WINDOW_STEPS = HOUR / STEP_MS

/** How much of what was left a backfill used, over all accounts that have one; null without a backfill. */
export function backfillOf(played: Played): BackfillFigures | null {
  const { events, scenario } = played
  const unknown = new Set(events.filter(({ known }) => !known).map(({ id }) => id))
  const accounts = new Set(events.filter(({ known }) => !known).map(({ clientId }) => clientId))
  if (unknown.size === 0) return null
  const sum: BackfillFigures = { used: 0, left: 0 }
  for (const clientId of accounts) {
    const calls = callsOf(played, clientId)
    const mine = calls.filter(({ eventId }) => eventId !== null && unknown.has(eventId))
    const hours = scenario.duration / HOUR
    const limits = limitsOf(played)
    const capacity = limits.perHour - keptFor('backfill', limits, limits.perHour, 0)
    sum.used += mine.length
    sum.left += capacity * hours - (calls.length - mine.length)
  }
  return sum
}

/** What became of each `bibs` happening. */
export function batchesOf(played: Played, seen: readonly SeenChange[]): BatchFigures[] {
  const batches = Map.groupBy(
    seen.filter(({ change }) => change.batch),
    ({ change }) => `${change.eventId} ${change.at}`,
  )
  return [...batches.values()].map((batch) => batchFigures(played, batch))
}

function batchFigures(played: Played, batch: readonly SeenChange[]): BatchFigures {
  const { scenario, events } = played
  const { at, eventId } = batch[0]?.change ?? { at: 0, eventId: '' }
  const event = events.find(({ id }) => id === eventId)
  const stored = batch.flatMap(({ seenAt }) => (seenAt === null ? [] : [seenAt]))
  const last = stored.length < batch.length ? scenario.start + scenario.duration : Math.max(...stored)
  const calls = callsOf(played, event?.clientId ?? '')
  // What was spent before cannot be undone; from then on only details might have waited.
  const others = calls.filter((call) => call.at < at || call.endpoint !== 'detail').map((call) => call.at)
  const leastMs = leastTime(
    { count: batch.length, at, until: scenario.start + scenario.duration, others },
    limitsOf(played),
  )
  return {
    event: event?.name ?? eventId,
    count: batch.length,
    stored: stored.length,
    tookMs: last - at,
    leastMs,
  }
}

/**
 * How soon `count` calls can be made from `at` on, beside others at given instants, if no 60 minutes may hold more than
 * reserve and limit allow; a person who knew all others beforehand would need so long. In steps of {@link STEP_MS}.
 */
function leastTime(
  { count, at, until, others }: { count: number; at: number; until: number; others: readonly number[] },
  limits: Limits,
): number {
  const room = limits.perHour - keptFor('upkeep', limits, limits.perHour, 0)
  const perStep = Math.max(1, Math.floor(STEP_MS / Math.max(1, limits.minSpacingMs)))
  const steps = Math.ceil((until - at) / STEP_MS)
  /** Calls of the 60 minutes that end with each step, from the first that the steps touch to the last. */
  const windows = new Float64Array(steps + WINDOW_STEPS)
  for (const other of others) add(windows, Math.floor((other - at) / STEP_MS), 1)
  let left = count
  for (let step = 0; step < steps; step++) {
    const fullest = windows
      .subarray(step, step + WINDOW_STEPS)
      .reduce((most, calls) => Math.max(most, calls), 0)
    const made = Math.min(left, perStep, Math.max(0, room - fullest))
    add(windows, step, made)
    left -= made
    if (left === 0) return (step + 1) * STEP_MS
  }
  return until - at
}

/** Counts calls of a step into each of the 60 minutes that it is part of. */
function add(windows: Float64Array, step: number, calls: number): void {
  for (let end = Math.max(0, step); end < Math.min(windows.length, step + WINDOW_STEPS); end++)
    windows[end] = (windows[end] ?? 0) + calls
}
