import { dueAt, phaseAt } from '../domain/schedule.ts'
import type { PlannedEvent } from './forecast.ts'
import { STEP_MS } from './forecast-demand.ts'
import { isFar } from './planner.ts'
import { LONGEST_FAR_INTERVAL_MS, type Stretch } from './stretch.ts'

/** When each poll of an event will be made under a stretch that changes, and how late that is (P3, P4). Pure. */

/** A poll to come. Instants are ms since the epoch. */
export interface Poll {
  at: number
  /** when its cadence asks for it */
  due: number
  /** the interval in force then, ms */
  every: number
  /** list calls */
  calls: number
}

/** Polls in a row that come later than their cadence asks for. Durations in ms. */
export interface LateSpan {
  from: number
  to: number
  /** the interval asked for */
  every: number
  /** the interval that comes of it */
  polledEvery: number
  polls: number
  meanMs: number
  maxMs: number
  /** Beyond what counts as on time: a tenth of the interval, and 5 s (P4). */
  late: boolean
}

const TOLERANCE_MS = 5_000
const TOLERANCE_SHARE = 0.1
/** Less than this is rounding. */
const NOTHING_MS = 1

/**
 * The polls of one event from `from` on, to the end of `stretches`: each at the earliest instant, not before it is due,
 * at which the event's age reaches the stretched interval in force at that instant.
 * @param stretches of each minute from `from` on
 */
export function pollsAhead(planned: PlannedEvent, stretches: readonly Stretch[], from: number): Poll[] {
  const { schedule, event, pollCalls } = planned
  const polls: Poll[] = []
  let last = event.beganAt ?? Number.NEGATIVE_INFINITY
  for (;;) {
    const due = Math.max(from, dueAt(schedule, last) ?? Number.POSITIVE_INFINITY)
    const every = phaseAt(schedule, due)?.every
    if (every === undefined) return polls
    const at = stretchedAt(planned, { last, due, from }, stretches)
    if (at === null) return polls
    polls.push({ at, due, every, calls: pollCalls(every, at) })
    last = at
  }
}

/** @returns null when the event, or the forecast, is over before */
function stretchedAt(
  { schedule }: PlannedEvent,
  { last, due, from }: { last: number; due: number; from: number },
  stretches: readonly Stretch[],
): number | null {
  const start = schedule.start ?? Number.POSITIVE_INFINITY
  const nearFrom = start - LONGEST_FAR_INTERVAL_MS
  for (let at = due; ; ) {
    const step = Math.floor((at - from) / STEP_MS)
    const stretch = stretches[step]
    const phase = phaseAt(schedule, at)
    if (stretch === undefined || phase === null) return null
    const far = isFar(start, at)
    const ripe = Math.max(at, last + ageAsked(phase.every, far, stretch))
    const changes = Math.min(from + (step + 1) * STEP_MS, phase.to, far ? nearFrom : Number.POSITIVE_INFINITY)
    if (ripe < changes) return ripe
    at = changes
  }
}

function ageAsked(every: number, far: boolean, stretch: Stretch): number {
  if (!far) return every * stretch.near
  return Math.min(every * stretch.far, Math.max(every, LONGEST_FAR_INTERVAL_MS))
}

/** The stretches of time in which an event is polled later than asked, in order. */
export function lateSpans(polls: readonly Poll[]): LateSpan[] {
  const spans: Poll[][] = []
  let open: Poll[] | null = null
  for (const poll of polls) {
    if (poll.at - poll.due < NOTHING_MS) open = null
    else if (open !== null && open[0]?.every === poll.every) open.push(poll)
    else {
      open = [poll]
      spans.push(open)
    }
  }
  return spans.map(spanOf)
}

function spanOf(polls: readonly Poll[]): LateSpan {
  const lateness = polls.map(({ at, due }) => at - due)
  const meanMs = lateness.reduce((sum, ms) => sum + ms, 0) / polls.length
  const maxMs = lateness.reduce((most, ms) => Math.max(most, ms), 0)
  const { due: from, every } = polls[0] as Poll
  return {
    ...{ from, to: (polls.at(-1) as Poll).at, every, polledEvery: every + meanMs, polls: polls.length },
    ...{ meanMs, maxMs, late: maxMs > Math.max(every * TOLERANCE_SHARE, TOLERANCE_MS) },
  }
}
