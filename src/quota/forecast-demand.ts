import type { PlannedEvent } from './forecast.ts'
import { isFar } from './planner.ts'
import { LONGEST_FAR_INTERVAL_MS, type Stretch, stretchOf } from './stretch.ts'
import { WINDOW_MS } from './window.ts'

/**
 * The polls that lie ahead, minute by minute, and how far the intervals are stretched in each minute (P3). Pure. Polls
 * are counted in list calls, and spread evenly: an event polled every 15 min asks for a fifteenth of a call a minute.
 */

/** Length of a step, ms. */
export const STEP_MS = 60_000
/** Steps of the rolling 60 minutes. */
const WINDOW_STEPS = WINDOW_MS / STEP_MS

/** List calls that polls ask for in each step. The last hour is there to look ahead to. */
export interface PollDemand {
  from: number
  /** steps of the forecast itself */
  steps: number
  near: Float64Array
  far: Float64Array
  /** what far events would still ask for at one poll in 24 h */
  farFloor: Float64Array
}

/** The 60 minutes that ask for the most polls. */
export interface Peak {
  from: number
  to: number
  /** list calls that polls ask for, unstretched */
  polls: number
}

/** Lays the schedules of all events on the minutes ahead. */
export function pollDemand(events: readonly PlannedEvent[], from: number, hours: number): PollDemand {
  const steps = hours * WINDOW_STEPS
  const all = steps + WINDOW_STEPS
  const demand: PollDemand = {
    ...{ from, steps },
    near: new Float64Array(all),
    far: new Float64Array(all),
    farFloor: new Float64Array(all),
  }
  for (const event of events) addEvent(demand, event)
  return demand
}

function addEvent({ from, near, far, farFloor }: PollDemand, { schedule, pollCalls }: PlannedEvent): void {
  const start = schedule.start ?? Number.POSITIVE_INFINITY
  for (const phase of schedule.phases) {
    const first = Math.max(0, Math.floor((phase.from - from) / STEP_MS))
    const last = Math.min(near.length, Math.ceil((phase.to - from) / STEP_MS))
    for (let step = first; step < last; step++) {
      const at = from + step * STEP_MS
      const length = Math.min(phase.to, at + STEP_MS) - Math.max(phase.from, at)
      const calls = pollCalls(phase.every, at) * length
      if (isFar(start, at)) {
        far[step] = (far[step] ?? 0) + calls / phase.every
        farFloor[step] = (farFloor[step] ?? 0) + calls / Math.max(phase.every, LONGEST_FAR_INTERVAL_MS)
      } else near[step] = (near[step] ?? 0) + calls / phase.every
    }
  }
}

/** The 60 minutes of a forecast in which polls ask for the most; the first of several. */
export function peakOf(demand: PollDemand): Peak {
  const sums = rolling(demand)
  let most = 0
  for (let step = 0; step < demand.steps; step++) if (total(sums, step) > total(sums, most)) most = step
  const from = demand.from + most * STEP_MS
  // Sums of fractions: what asks for the capacity exactly must not seem to ask for more.
  return { from, to: from + WINDOW_MS, polls: rounded(total(sums, most)) }
}

const total = ({ near, far }: Rolling, step: number): number => (near[step] ?? 0) + (far[step] ?? 0)

/** Demand of the 60 minutes that begin with each step. */
interface Rolling {
  near: Float64Array
  far: Float64Array
  farFloor: Float64Array
}

function rolling({ steps, near, far, farFloor }: PollDemand): Rolling {
  const sums = (values: Float64Array): Float64Array => {
    const until = new Float64Array(values.length + 1)
    for (const [i, value] of values.entries()) until[i + 1] = (until[i] ?? 0) + value
    return Float64Array.from({ length: steps }, (_, i) => (until[i + WINDOW_STEPS] ?? 0) - (until[i] ?? 0))
  }
  return { near: sums(near), far: sums(far), farFloor: sums(farFloor) }
}

/**
 * The stretch in each step. The planner looks 60 minutes ahead; behind it the ledger looks 60 minutes back, so that a
 * crowd that thins out is served no faster than its calls leave the window. What is left then has room again.
 */
export function stretchByStep(demand: PollDemand, capacity: number): Stretch[] {
  const sums = rolling(demand)
  const ahead = Array.from({ length: demand.steps }, (_, i) =>
    stretchOf(
      { near: rounded(sums.near[i] ?? 0), far: rounded(sums.far[i] ?? 0), farFloor: sums.farFloor[i] ?? 0 },
      capacity,
    ),
  )
  return ahead.map((stretch, step) => {
    const past = ahead.slice(Math.max(0, step - WINDOW_STEPS + 1), step + 1)
    if (past.every(({ near, far }) => near === 1 && far === 1)) return stretch
    const now = atOnce(demand, step, capacity)
    const longest = (of: (stretch: Stretch) => number) =>
      Math.max(
        of(stretch),
        Math.min(
          of(now),
          past.reduce((most, each) => Math.max(most, of(each)), 1),
        ),
      )
    return { near: longest(({ near }) => near), far: longest(({ far }) => far) }
  })
}

/** What the stretch would be if the demand of this step lasted. */
function atOnce({ near, far, farFloor }: PollDemand, step: number, capacity: number): Stretch {
  const lasting = (values: Float64Array) => (values[step] ?? 0) * WINDOW_STEPS
  return stretchOf({ near: lasting(near), far: lasting(far), farFloor: lasting(farFloor) }, capacity)
}

const rounded = (calls: number): number => Math.round(calls * 1e6) / 1e6
