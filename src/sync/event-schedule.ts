import { storedCadence } from '../domain/cadence.ts'
import { type EventTimes, type Schedule, scheduleOf, shortest } from '../domain/schedule.ts'
import type { AccountEvent } from '../store/events.ts'

/**
 * When an account polls a list: as often as any of its holders asks for any of its events, each by its own times and
 * cadence (S2, P1). Without holders it is over.
 */
export function eventSchedule({ holders }: Pick<AccountEvent, 'holders'>): Schedule {
  return shortest(
    holders.flatMap(({ days, cadence }) => days.map((times) => scheduleOf(times, storedCadence(cadence)))),
  )
}

/** Is the event over for one timing partner, so that only a person asks for it? Undated events never are. */
export function isOver(event: EventTimes & { cadence?: string | null }, now: number): boolean {
  return hasEnded(scheduleOf(event, storedCadence(event.cadence ?? null)), now)
}

/** Has polling stopped at an instant? */
export function hasEnded({ overAt }: Schedule, now: number): boolean {
  return overAt !== null && overAt <= now
}
