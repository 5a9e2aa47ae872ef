import { dueAt, intervalAt, phaseAt, type Schedule } from '../domain/schedule.ts'
import { densestFrom, type SweepTimes } from '../domain/sweep-times.ts'
import { isFar } from '../quota/planner.ts'

/** When one event's next poll and its next sweep are due (P1, P5, A4). Pure; instants in ms since the epoch. */

/** What became of an event's passes. */
export interface PassHistory {
  /** our clock when the last finished pass began */
  beganAt: number | null
  /** end of the last finished sweep */
  sweptAt: number | null
  /** a sweep has finished: the event is complete */
  completeAt: number | null
  /** its list moved under the last sweep, and the head of it was not read since (W1) */
  headOwed: boolean
  /** the last try, finished or not */
  triedAt: number | null
  /** after a failure: not before this */
  retryAt: number | null
  /** present plan, so that a first pass that waits does not become younger by being planned again */
  dueAt: number | null
  sweepDueAt: number | null
}

export interface EventPlan {
  /** the next poll; null when none is to come */
  dueAt: number | null
  /** the interval in force then */
  every: number | null
  /** the interval that takes over at `replanAt`; null when polling stops then */
  nextEvery: number | null
  /** the plan changes by itself at this instant; null when it does not */
  replanAt: number | null
  sweepDueAt: number | null
  /** the start, Infinity without a date: how pressing what is not a poll is */
  urgentAt: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A missing event is looked for every 15 min in race week, else daily (A4). */
const RACE_WEEK = 7 * DAY
const PROBE_SOON = 15 * MINUTE
const PROBE_LATE = DAY
/** Nobody waits for the last sweep of a race that was over before this installation looked at it. */
const LAST_SWEEP_WITHIN = 7 * DAY

/** Plans an event: its next poll, sweep, and when to plan it again. */
export function planEvent(
  schedule: Schedule,
  passes: PassHistory,
  event: { missing: boolean },
  sweeps: SweepTimes,
  now: number,
): EventPlan {
  const urgentAt = schedule.start ?? Number.POSITIVE_INFINITY
  const none: EventPlan = {
    dueAt: null,
    every: null,
    nextEvery: null,
    replanAt: null,
    sweepDueAt: null,
    urgentAt,
  }
  if (event.missing) return { ...none, ...probes(schedule, passes, now) }
  if (schedule.overAt !== null && schedule.overAt <= now)
    return { ...none, sweepDueAt: lastSweep(schedule.overAt, passes, now) }
  if (passes.completeAt === null) return { ...none, ...firstPass(schedule, passes, now) }
  return { ...none, ...polls(schedule, passes, now), sweepDueAt: nextSweep(schedule, passes, sweeps) }
}

function probes({ start, overAt }: Schedule, { triedAt }: PassHistory, now: number): Partial<EventPlan> {
  if (overAt !== null && overAt + RACE_WEEK <= now) return {}
  const every = start !== null && Math.abs(start - now) <= RACE_WEEK ? PROBE_SOON : PROBE_LATE
  const due = triedAt === null ? now : triedAt + every
  const raceWeek = start === null ? null : start - RACE_WEEK
  return {
    dueAt: due,
    every,
    nextEvery: every,
    replanAt: raceWeek !== null && raceWeek > now ? raceWeek : null,
  }
}

/** The first pass: at once where the start is near (P1), else when there are calls to spare. */
function firstPass(schedule: Schedule, passes: PassHistory, now: number): Partial<EventPlan> {
  const { start } = schedule
  const waits = passes.retryAt ?? 0
  if (start !== null && !isFar(start, now)) {
    const dueAt = Math.max(passes.dueAt ?? now, waits)
    return { dueAt, every: intervalAt(schedule, now), ...change(schedule, now) }
  }
  return {
    sweepDueAt: Math.max(passes.sweepDueAt ?? now, waits),
    replanAt: start === null ? null : start - DAY,
  }
}

function polls(schedule: Schedule, passes: PassHistory, now: number): Partial<EventPlan> {
  const due = dueAt(schedule, passes.beganAt ?? passes.sweptAt ?? now)
  if (due === null) return {}
  const at = Math.max(due, passes.retryAt ?? due)
  return { dueAt: at, every: intervalAt(schedule, due), ...change(schedule, now) }
}

/** When the phase in force ends, and the interval of the next. */
function change(schedule: Schedule, now: number): Pick<EventPlan, 'replanAt' | 'nextEvery'> {
  const phase = phaseAt(schedule, now)
  if (phase === null || phase.to === Number.POSITIVE_INFINITY) return { replanAt: null, nextEvery: null }
  return { replanAt: phase.to, nextEvery: intervalAt(schedule, phase.to) }
}

/** Daily when the start is near, before the densest polls begin, and once after the last poll; whichever is next. */
function nextSweep(
  schedule: Schedule,
  { sweptAt, retryAt }: PassHistory,
  { withinMs, aheadMs }: SweepTimes,
): number | null {
  const { start, overAt } = schedule
  if (start === null || sweptAt === null) return null
  const dense = densestFrom(schedule)
  const daily = Math.max(sweptAt + DAY, start - withinMs)
  const ahead = dense === null || aheadMs === null ? null : dense - aheadMs
  const isDense = dense !== null && daily >= dense
  const candidates = [isDense || withinMs === 0 ? null : daily, ahead, overAt].filter(
    (at) => at !== null && at > sweptAt,
  )
  if (candidates.length === 0) return null
  return Math.max(Math.min(...(candidates as number[])), retryAt ?? 0)
}

/** Once after the last poll, and what that leaves to be looked at. */
function lastSweep(overAt: number, passes: PassHistory, now: number): number | null {
  const { sweptAt, completeAt, headOwed, triedAt, retryAt } = passes
  const isKnown = sweptAt !== null || triedAt !== null
  if (!isKnown || now - overAt > LAST_SWEEP_WITHIN) return null
  const owesLook = headOwed && completeAt !== null
  return sweptAt !== null && sweptAt >= overAt && !owesLook ? null : Math.max(overAt, retryAt ?? 0)
}
