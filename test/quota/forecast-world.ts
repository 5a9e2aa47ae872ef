import { type Cadence, DEFAULT_CADENCE } from '../../src/domain/cadence.ts'
import { scheduleOf, shortest } from '../../src/domain/schedule.ts'
import { DEFAULT_SWEEPS } from '../../src/domain/sweep-times.ts'
import type { ForecastAccount, ForecastEvent } from '../../src/quota/forecast.ts'
import { isFar, nextStep } from '../../src/quota/planner.ts'
import { WINDOW_MS } from '../../src/quota/window.ts'
import { planEvent } from '../../src/scheduler/event-plan.ts'

/** A Friday evening in New York, in ms since the epoch. */
export const NOW = Date.parse('2026-11-28T03:00:00Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

export function event(
  eventId: string,
  startsAt: number | null,
  part: Partial<ForecastEvent> = {},
): ForecastEvent {
  return {
    ...{
      eventId,
      name: `Race ${eventId}`,
      size: 400,
      complete: true,
      owed: 0,
      overLimit: 0,
      changesPerHour: 0,
    },
    ...{ beganAt: NOW - MINUTE, sweptAt: NOW - HOUR, holders: [holder(startsAt)] },
    ...part,
  }
}

function holder(startsAt: number | null, cadence: Cadence = DEFAULT_CADENCE) {
  const times = {
    startsAt,
    startDay: null,
    endsAt: null,
    endDay: null,
    timezone: 'America/New_York',
    assumed: false,
  }
  return { times, cadence }
}

export function account(
  events: readonly ForecastEvent[],
  part: Partial<ForecastAccount> = {},
): ForecastAccount {
  return {
    ...{ accountId: 1, limits: { perHour: 500, minSpacingMs: 1500 }, observedLimit: null, pageSize: 25 },
    ...{
      needsDetail: true,
      removedFeed: false,
      unorderedUntil: null,
      sweeps: DEFAULT_SWEEPS,
      timezone: 'America/New_York',
      events,
    },
    ...part,
  }
}

/** Races that start at the same instant, with their last polls spread over a minute. */
export function raceMorning(count: number, startsAt = NOW + 4 * HOUR, part: Partial<ForecastEvent> = {}) {
  return Array.from({ length: count }, (_, i) =>
    event(`e${i}`, startsAt, { beganAt: NOW - MINUTE + (i * MINUTE) / count, changesPerHour: 2, ...part }),
  )
}

/** A poll that the planner made. */
export interface MadePoll {
  at: number
  due: number
  every: number
}

/**
 * What the planner really does: it is asked for the next step at every instant, with the ledger's window, one call at a
 * time with the spacing between them. The polls of each event, in order.
 */
export function played(account: ForecastAccount, until: number): Map<string, MadePoll[]> {
  const { limits, observedLimit } = account
  const events = account.events.map((event) => {
    const schedule = shortest(event.holders.map(({ times, cadence }) => scheduleOf(times, cadence)))
    return { event, schedule, beganAt: event.beganAt, polls: [] as MadePoll[] }
  })
  const leaves: number[] = []
  for (let now = NOW; now < until; ) {
    while ((leaves[0] ?? now) < now) leaves.shift()
    const plans = events.map(({ schedule, beganAt }) => {
      const passes = {
        beganAt,
        sweptAt: NOW,
        completeAt: NOW,
        headOwed: false,
        triedAt: beganAt,
        retryAt: null,
      }
      return planEvent(
        schedule,
        { ...passes, dueAt: null, sweepDueAt: null },
        { missing: false },
        DEFAULT_SWEEPS,
        now,
      )
    })
    const polls = plans.flatMap(({ dueAt, every, urgentAt }, i) => {
      const eventId = events[i]?.event.eventId ?? ''
      return dueAt === null || every === null
        ? []
        : [{ eventId, due: dueAt, every, start: urgentAt, asked: false }]
    })
    const groups = plans.flatMap(({ dueAt, every, nextEvery, replanAt, urgentAt }) => {
      if (dueAt === null || every === null || dueAt >= now + WINDOW_MS) return []
      const changesIn = replanAt === null || replanAt >= now + WINDOW_MS ? null : replanAt - now
      return [{ count: 1, dueIn: dueAt - now, every, changesIn, nextEvery, isFar: isFar(urgentAt, now) }]
    })
    const window = {
      now,
      count: leaves.length,
      upkeep: 0,
      leaves,
      lastAcquired: null,
      pause: null,
      observedLimit,
    }
    const step = nextStep({
      ...{ window, limits, polls, groups, discovery: null, details: null, upkeep: [], spare: [] },
      nextAt: Math.min(...plans.map(({ replanAt }) => replanAt ?? Infinity).filter((at) => at > now), until),
    })
    if (step.do === 'poll') {
      const polled = events.find(({ event }) => event.eventId === step.eventId)
      const fact = polls.find(({ eventId }) => eventId === step.eventId)
      if (!polled || !fact) throw new Error('the planner polls an event that it was not told of')
      polled.polls.push({ at: now, due: fact.due, every: fact.every })
      polled.beganAt = now
      leaves.push(now + WINDOW_MS)
      now += limits.minSpacingMs
    } else {
      if (step.do !== 'wait') throw new Error(`nothing but polls was offered, and it does ${step.do}`)
      now = Math.max(now + 1, Math.min(step.until ?? until, now + MINUTE / 4))
    }
  }
  return new Map(events.map(({ event, polls }) => [event.eventId, polls]))
}
