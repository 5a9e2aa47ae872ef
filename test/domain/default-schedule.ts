import { DEFAULT_CADENCE } from '../../src/domain/cadence.ts'
import { type EventTimes, type Schedule, scheduleOf } from '../../src/domain/schedule.ts'

const MINUTE = 60_000

/** An event in New York of which nothing else is known. */
export const NEW_YORK: EventTimes = {
  ...{ startsAt: null, startDay: null, endsAt: null, endDay: null },
  ...{ timezone: 'America/New_York', assumed: false },
}

/** The schedule of such an event with these times, at the default cadence. */
export const byDefault = (times: Partial<EventTimes>) =>
  scheduleOf({ ...NEW_YORK, ...times }, DEFAULT_CADENCE)

/** Phases as a person reads them: from when, and how often; UTC. */
export const told = ({ phases, overAt }: Schedule): string[] => [
  ...phases.map(({ from, every }) => `${instant(from)} every ${every / MINUTE}m`),
  overAt === null ? 'never over' : `${instant(overAt)} over`,
]

const instant = (ms: number) =>
  Number.isFinite(ms) ? new Date(ms).toISOString().replace(':00.000Z', 'Z') : 'ever'
