import { detailLimit } from '../domain/detail-limit.ts'
import { dueAt, intervalAt, type Schedule } from '../domain/schedule.ts'
import { DEFAULT_SWEEPS } from '../domain/sweep-times.ts'
import { isFar } from '../quota/planner.ts'
import { type Stretch, stretchedDue } from '../quota/stretch.ts'
import { type PassHistory, planEvent } from '../scheduler/event-plan.ts'

/** How fresh one race's list and bibs are meant to be, and whether they are. Pure; instants in ms since the epoch, lengths in ms. */
export interface Pace {
  /** between two polls, as the cadence has it now; null when none is to come, or the first sweep comes first */
  every: number | null
  /** the same under too much demand (P3); null where it is not stretched */
  stretched: number | null
  /** the next poll, in the past when it is overdue; null for none */
  nextAt: number | null
  /** the poll is overdue by more than is allowed (P4) */
  isLate: boolean
  /** how old a bib may grow before it is read again (F4) */
  bibLimit: number
}

/** A poll under way is not late yet: what P4 allows, spacing apart. */
const TOLERATED_SHARE = 0.1
const LEAST_TOLERATED_MS = 5_000

/** @param stretch in force on the race's account */
export function paceOf(
  schedule: Schedule,
  passes: PassHistory,
  event: { missing: boolean },
  stretch: Stretch,
  now: number,
): Pace {
  const bibLimit = detailLimit(schedule.start, now, { spare: false })
  // Polls alone are told, so that no setting of sweeps matters.
  const plan = planEvent(schedule, passes, event, DEFAULT_SWEEPS, now)
  if (plan.dueAt === null || plan.every === null)
    return { every: null, stretched: null, nextAt: null, isLate: false, bibLimit }
  const far = isFar(plan.urgentAt, now)
  const every = event.missing ? plan.every : (intervalAt(schedule, now) ?? plan.every)
  const stretched = stretchedDue(every, every, far, stretch)
  const nextAt = Math.max(stretchedDue(plan.dueAt, plan.every, far, stretch), passes.retryAt ?? 0)
  // A failure puts the next try off; the list grows old all the same.
  const wanted = passes.beganAt === null ? plan.dueAt : (dueAt(schedule, passes.beganAt) ?? plan.dueAt)
  const overdue = now - stretchedDue(wanted, every, far, stretch)
  const isLate = !event.missing && overdue > Math.max(stretched * TOLERATED_SHARE, LEAST_TOLERATED_MS)
  return { every, stretched: stretched > every ? stretched : null, nextAt, isLate, bibLimit }
}
