import type { HourDemand, Stretch } from './stretch.ts'
import { LONGEST_FAR_INTERVAL_MS } from './stretch.ts'
import { WINDOW_MS } from './window.ts'

/** Polls that lie ahead in the next 60 minutes, as the planner needs to know them (P2, P3). Pure. */

/** Events of one account that are polled alike. Durations are ms from now. */
export interface PollGroup {
  /** events in the group */
  count: number
  /** time to their next poll; 0 or less when it is due */
  dueIn: number
  /** their interval, until `changesIn` */
  every: number
  /** when another interval takes over; null when none does within the hour */
  changesIn: number | null
  /** the interval that takes over; null when polling stops */
  nextEvery: number | null
  /** more than 24 h before their start (P3) */
  isFar: boolean
}

/** How finely the polls ahead are told apart, ms. */
export const SLOT_MS = 15_000
/** Slots of the next hour. */
const SLOTS = WINDOW_MS / SLOT_MS

/** Polls that the groups ask for in the next 60 minutes, unstretched. */
export function hourDemand(groups: readonly PollGroup[]): HourDemand {
  const demand: HourDemand = { near: 0, far: 0, farFloor: 0 }
  for (const group of groups) {
    let polls = 0
    for (const _ of pollsAhead(group, 1)) polls++
    demand[group.isFar ? 'far' : 'near'] += polls * group.count
    if (group.isFar) demand.farFloor += (group.count * WINDOW_MS) / LONGEST_FAR_INTERVAL_MS
  }
  return demand
}

/**
 * Polls that will have begun by the end of each slot of the next hour, if intervals are stretched so: entry `i` counts
 * those of the first `i + 1` slots.
 */
export function pollsBySlot(groups: readonly PollGroup[], stretch: Stretch): number[] {
  const slots = new Array<number>(SLOTS).fill(0)
  for (const group of groups) {
    for (const at of pollsAhead(group, group.isFar ? stretch.far : stretch.near)) {
      const slot = Math.floor(at / SLOT_MS)
      slots[slot] = (slots[slot] ?? 0) + group.count
    }
  }
  let sum = 0
  return slots.map((polls) => {
    sum += polls
    return sum
  })
}

/** When the group is polled within the hour, ms from now. */
function* pollsAhead(group: PollGroup, factor: number): Generator<number> {
  const { dueIn, every, changesIn, nextEvery } = group
  const changes = changesIn ?? Number.POSITIVE_INFINITY
  let at = Math.max(0, dueIn + (factor - 1) * every)
  while (at < WINDOW_MS) {
    if (at >= changes && nextEvery === null) return
    yield at
    const next = at + every * factor
    if (next < changes) at = next
    else if (nextEvery === null) return
    else at = Math.max(changes, at + nextEvery * factor)
  }
}
