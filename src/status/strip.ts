import { intervalAt, type Schedule } from '../domain/schedule.ts'

/** How a list was kept over the last hours, against its target, slot by slot. Pure; instants and lengths in ms. */

/** `none`: no poll was wanted, or nobody knows of one yet. */
export type Slot = 'kept' | 'late' | 'none'

const SLOT_MS = 5 * 60_000
/** Six hours. */
export const SLOTS = 72
/** The longest interval that somebody may ask for in the hours of a strip is looked back for, ms. */
export const STRIP_LOOK_BACK_MS = SLOTS * SLOT_MS + 4 * 3_600_000
/** A poll under way is not late yet (P4). */
const TOLERATED_SHARE = 0.1
const TOLERATED_MS = 5_000

/**
 * Slots of five minutes, oldest first. A slot is late when the list was at some instant of it older than its target.
 * @param polls when the list was asked for, ascending, those before the first slot included
 */
export function stripOf(polls: readonly number[], schedule: Schedule, now: number): Slot[] {
  return Array.from({ length: SLOTS }, (_, i) => {
    const to = now - (SLOTS - 1 - i) * SLOT_MS
    return slotOf(polls, schedule, to - SLOT_MS, to)
  })
}

function slotOf(polls: readonly number[], schedule: Schedule, from: number, to: number): Slot {
  const every = intervalAt(schedule, from)
  const before = polls.findLast((at) => at <= from)
  const within = polls.filter((at) => at > from && at <= to)
  const since = before ?? within[0]
  if (every === null || since === undefined) return 'none'
  // The list is oldest just before each poll, and at the slot's end.
  const ages = [...within, to].map((at, i) => at - (within[i - 1] ?? since))
  return Math.max(...ages) > every + Math.max(every * TOLERATED_SHARE, TOLERATED_MS) ? 'late' : 'kept'
}
