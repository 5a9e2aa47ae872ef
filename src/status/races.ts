import { storedCadence } from '../domain/cadence.ts'
import { scheduleOf, shortest } from '../domain/schedule.ts'
import type { Stretch } from '../quota/stretch.ts'
import type { EventCounts, EventOverview } from '../store/overview/events.ts'
import type { EventPasses } from '../store/overview/passes.ts'
import type { Race } from './model.ts'
import { paceOf } from './pace.ts'

/** An event of one timing partner with its registrations counted. */
export interface CountedEvent {
  event: EventOverview
  counts: EventCounts
}

/** A shared account's event is one race, whoever else receives it. */
export const raceKey = ({ accountId, eventId }: { accountId: number | null; eventId: string }) =>
  `${accountId} ${eventId}`

const UNSEEN = {
  beganAt: null,
  sweptAt: null,
  completeAt: null,
  headOwed: false,
  triedAt: null,
  retryAt: null,
  dueAt: null,
  sweepDueAt: null,
} as const

/**
 * The races behind the events, in their order.
 * @param about.passes by {@link raceKey}
 * @param about.stretches by account
 */
export function racesOf(
  events: readonly CountedEvent[],
  about: {
    passes: ReadonlyMap<string, EventPasses>
    stretches: ReadonlyMap<number, Stretch>
    now: number
  },
): Race[] {
  return [...Map.groupBy(events, ({ event }) => raceKey(event)).values()].map((members) =>
    raceOf(members, about),
  )
}

function raceOf(
  members: readonly CountedEvent[],
  { passes, stretches, now }: Parameters<typeof racesOf>[1],
): Race {
  const fullest = members.reduce((a, b) => (b.counts.participants > a.counts.participants ? b : a))
  const { event, counts } = fullest
  const schedule = shortest(members.map((m) => scheduleOf(m.event, storedCadence(m.event.cadence))))
  const stretch = (event.accountId === null ? null : stretches.get(event.accountId)) ?? { near: 1, far: 1 }
  const pace = paceOf(schedule, passes.get(raceKey(event)) ?? UNSEEN, event, stretch, now)
  return {
    event,
    partnerIds: members.map((member) => member.event.partnerId),
    counts,
    schedule,
    pace,
    areBibsLate: counts.bibsAsOf !== null && now - counts.bibsAsOf > pace.bibLimit,
    troubled: pace.isLate,
  }
}
