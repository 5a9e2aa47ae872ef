import type { Cadence } from '../domain/cadence.ts'
import { removalsLimit } from '../domain/removals-limit.ts'
import { type EventTimes, type Schedule, scheduleOf, shortest } from '../domain/schedule.ts'
import type { SweepTimes } from '../domain/sweep-times.ts'
import { type Peak, type PollDemand, peakOf, pollDemand, stretchByStep } from './forecast-demand.ts'
import { type ForecastHour, hoursOf } from './forecast-hours.ts'
import { type LateSpan, lateSpans, type Poll, pollsAhead } from './forecast-lateness.ts'
import { type RoundForecast, roundsOf } from './forecast-rounds.ts'
import { pollCapacity } from './stretch.ts'
import { effectiveLimit, type Limits, WINDOW_MS } from './window.ts'

/**
 * What the coming hours ask of an account's quota, and what becomes of it (P1 to P5, F4, W9). Pure; instants are ms
 * since the epoch, durations ms. The same cadence, capacity and stretch as the planner's decide, laid out in advance.
 */

/** An event of an account, as far as a forecast needs to know it. */
export interface ForecastEvent {
  eventId: string
  name: string
  /** Everyone who receives it: the shortest interval that any of them asks for counts (S2). */
  holders: readonly { times: EventTimes; cadence: Cadence }[]
  /** registrations known */
  size: number
  /** a sweep has finished; without one nobody knows how large the event is (W8) */
  complete: boolean
  /** our clock when the last finished pass began; null before the first */
  beganAt: number | null
  /** end of the last finished sweep */
  sweptAt: number | null
  /** details owed now (F2) */
  owed: number
  /** details that are over their limit now (F4) */
  overLimit: number
  /** registrations that change in an hour, by the feed of the last days */
  changesPerHour: number
}

/** An account, as far as a forecast needs to know it. */
export interface ForecastAccount {
  accountId: number
  limits: Limits
  /** a lower limit that the provider has shown (L4) */
  observedLimit: number | null
  /** rows on a page of a participants list */
  pageSize: number
  /** list rows are thin: each registration that changed costs a detail call (F1) */
  needsDetail: boolean
  /** who is gone stands in a second list, read beside a poll that brings news, and otherwise once in a while */
  removedFeed: boolean
  /** lists are not sorted: until this instant each poll reads the whole list (W9); null when they are */
  unorderedUntil: number | null
  sweeps: SweepTimes
  /** where discovery's hours are read, IANA */
  timezone: string
  events: readonly ForecastEvent[]
}

/** An event that is polled later than its cadence asks for. */
export interface LateEvent extends LateSpan {
  eventId: string
  name: string
}

export interface AccountForecast {
  accountId: number
  /** calls in any 60 minutes */
  limit: number
  /** of these, what polls may count on (P3) */
  capacity: number
  /** No interval is stretched: at every instant the polls of the next 60 minutes fit the capacity. */
  fits: boolean
  /** the 60 minutes that ask for the most polls */
  peak: Peak
  hours: ForecastHour[]
  late: LateEvent[]
  rounds: RoundForecast[]
  /** Events that no sweep has finished: their first one, and its details, are calls that nobody can count yet. */
  unknown: { eventId: string; name: string }[]
}

/** An event with its schedule and the calls of its poll and its sweep. */
export interface PlannedEvent {
  event: ForecastEvent
  schedule: Schedule
  /** list calls of one poll at this interval, begun at this instant */
  pollCalls: (every: number, at: number) => number
  sweepCalls: number
}

/** Calls an hour that polls may count on: the planner's capacity, or less where the spacing allows no more. */
export function capacityOf({ limits, observedLimit }: ForecastAccount): number {
  const capacity = pollCapacity(limits, observedLimit)
  return limits.minSpacingMs <= 0 ? capacity : Math.min(capacity, Math.floor(WINDOW_MS / limits.minSpacingMs))
}

/** The events that are not over at `from`, with what they cost. */
export function plannedEvents(account: ForecastAccount, from: number): PlannedEvent[] {
  return account.events.flatMap((event) => {
    const schedule = shortest(event.holders.map(({ times, cadence }) => scheduleOf(times, cadence)))
    if (schedule.overAt !== null && schedule.overAt <= from) return []
    const sweepCalls = Math.ceil(event.size / account.pageSize) + 1 + (account.removedFeed ? 1 : 0)
    const pollCalls = pollCallsOf(account, event, schedule.start, sweepCalls)
    return [{ event, schedule, sweepCalls, pollCalls }]
  })
}

/**
 * One call, and one more for each full page of changes (W5); the whole list where it is not sorted (W9). Where who is
 * gone stands in a second list, the share of polls that read it too.
 */
function pollCallsOf(
  account: ForecastAccount,
  event: ForecastEvent,
  start: number | null,
  sweepCalls: number,
): PlannedEvent['pollCalls'] {
  const { unorderedUntil, pageSize, removedFeed } = account
  return (every, at) => {
    if (unorderedUntil !== null && at < unorderedUntil) return sweepCalls
    const changes = (event.changesPerHour * every) / WINDOW_MS
    const isDue = every / removalsLimit(start, at)
    return Math.floor(changes / pageSize) + 1 + (removedFeed ? Math.min(1, isDue + changes) : 0)
  }
}

/** The polls that an account's events ask for in `hours` from `from` on, and in the hour behind them. */
export function demandOf(account: ForecastAccount, from: number, hours: number): PollDemand {
  return pollDemand(plannedEvents(account, from), from, hours)
}

/** Foresees `hours` of an account, from `from` on. */
export function forecast(account: ForecastAccount, from: number, hours: number): AccountForecast {
  const events = plannedEvents(account, from)
  const capacity = capacityOf(account)
  const demand = pollDemand(events, from, hours)
  const peak = peakOf(demand)
  const stretches = stretchByStep(demand, capacity)
  const polls = events.map((planned) => pollsAhead(planned, stretches, from))
  const table = hoursOf(account, { events, polls, demand, stretches, from })
  return {
    accountId: account.accountId,
    limit: effectiveLimit(account.limits, account.observedLimit),
    capacity,
    fits: peak.polls <= capacity,
    peak,
    hours: table,
    late: events.flatMap((planned, i) => lateOf(planned.event, polls[i] ?? [])),
    rounds: account.needsDetail ? roundsOf(events, table) : [],
    unknown: events.flatMap(({ event }) =>
      event.complete ? [] : [{ eventId: event.eventId, name: event.name }],
    ),
  }
}

function lateOf({ eventId, name }: ForecastEvent, polls: readonly Poll[]): LateEvent[] {
  return lateSpans(polls).map((span) => ({ eventId, name, ...span }))
}
