import type { ForecastAccount, PlannedEvent } from './forecast.ts'
import { type PollDemand, STEP_MS } from './forecast-demand.ts'
import type { Poll } from './forecast-lateness.ts'
import { detailsDue } from './forecast-rounds.ts'
import { discoveries, sweepsOf, tokensFor } from './forecast-upkeep.ts'
import type { Stretch } from './stretch.ts'
import { effectiveLimit, keptFor, WINDOW_MS } from './window.ts'

/**
 * What an account's calls go to, hour by hour (P2): polls, owed details and upkeep, then from spare calls sweeps and
 * detail rounds; what finds no room waits for the next hour. Pure. All counts are calls, and may be fractions.
 */

/** One hour. Instants are ms since the epoch. */
export interface ForecastHour {
  from: number
  to: number
  /** calls in any 60 minutes */
  limit: number
  /** list calls that polls ask for */
  asked: number
  /** list calls that polls get */
  polls: number
  /** details owed (F2) */
  details: number
  /** tokens and discovery */
  upkeep: number
  sweeps: number
  /** details over their limit (F4) */
  rounds: number
  /** what is left for backfill, or for nobody */
  spare: number
  /** owed details and sweeps that wait for a later hour */
  waiting: number
  /** no interval is stretched in this hour */
  fits: boolean
  /** the largest factor on an interval */
  stretch: number
}

interface Plan {
  events: readonly PlannedEvent[]
  /** of each event */
  polls: readonly (readonly Poll[])[]
  demand: PollDemand
  stretches: readonly Stretch[]
  from: number
}

const STEPS = WINDOW_MS / STEP_MS

/** The hours of a forecast, in order. */
export function hoursOf(account: ForecastAccount, plan: Plan): ForecastHour[] {
  const { demand, from } = plan
  const end = from + demand.steps * STEP_MS
  const made = callsByHour(
    plan.polls.flat().map(({ at, calls }) => ({ at, calls })),
    from,
    end,
  )
  const discovered = callsByHour(discoveries(account, from, end), from, end)
  const swept = callsByHour(
    plan.events.flatMap((event) => sweepsOf(account, event, from, end)),
    from,
    end,
  )
  const owing = new Backlog(account, plan.events)
  return made.map((polls, hour) => {
    const at = from + hour * WINDOW_MS
    const asked = askedIn(demand, hour)
    const spent = spend(account, owing, {
      at,
      polls,
      discovery: discovered[hour] ?? 0,
      sweeps: swept[hour] ?? 0,
    })
    const stretch = stretchIn(plan.stretches, hour)
    return {
      ...{ from: at, to: at + WINDOW_MS, limit: limitOf(account), asked, polls, ...spent },
      ...{ fits: stretch === 1, stretch },
    }
  })
}

const limitOf = ({ limits, observedLimit }: ForecastAccount) => effectiveLimit(limits, observedLimit)

function callsByHour(calls: readonly { at: number; calls: number }[], from: number, end: number): number[] {
  const hours = new Array<number>((end - from) / WINDOW_MS).fill(0)
  for (const { at, calls: count } of calls) {
    const hour = Math.floor((at - from) / WINDOW_MS)
    hours[hour] = (hours[hour] ?? 0) + count
  }
  return hours
}

function askedIn({ near, far }: PollDemand, hour: number): number {
  let calls = 0
  for (let step = hour * STEPS; step < (hour + 1) * STEPS; step++)
    calls += (near[step] ?? 0) + (far[step] ?? 0)
  return calls
}

function stretchIn(stretches: readonly Stretch[], hour: number): number {
  const steps = stretches.slice(hour * STEPS, (hour + 1) * STEPS)
  return steps.reduce((most, { near, far }) => Math.max(most, near, far), 1)
}

/** What waits for calls, from hour to hour. */
class Backlog {
  readonly #account: ForecastAccount
  readonly #events: readonly PlannedEvent[]
  details: number
  sweeps = 0
  readonly #rounds: number[]

  constructor(account: ForecastAccount, events: readonly PlannedEvent[]) {
    this.#account = account
    this.#events = events
    const ofAll = (count: (event: PlannedEvent) => number) =>
      account.needsDetail ? this.#events.map(count) : this.#events.map(() => 0)
    this.details = ofAll(({ event }) => event.owed).reduce((sum, owed) => sum + owed, 0)
    this.#rounds = ofAll(({ event }) => event.overLimit)
  }

  /** What the hour that begins at `at` adds. */
  grow(at: number, sweeps: number): void {
    this.sweeps += sweeps
    if (!this.#account.needsDetail) return
    for (const [i, { event, schedule }] of this.#events.entries()) {
      if (schedule.overAt !== null && schedule.overAt <= at) {
        this.#rounds[i] = 0
        continue
      }
      this.details += event.changesPerHour
      this.#rounds[i] = Math.min(
        event.size,
        (this.#rounds[i] ?? 0) + detailsDue(event.size, schedule.start, at),
      )
    }
  }

  get rounds(): number {
    return this.#rounds.reduce((sum, due) => sum + due, 0)
  }

  /** Reads so many details over their limit, of each event its share. */
  readRounds(calls: number): void {
    const all = this.rounds
    if (all === 0) return
    for (const [i, due] of this.#rounds.entries()) this.#rounds[i] = due - (due * calls) / all
  }
}

type Spent = Pick<ForecastHour, 'details' | 'upkeep' | 'sweeps' | 'rounds' | 'spare' | 'waiting'>

function spend(
  { limits, ...account }: ForecastAccount,
  backlog: Backlog,
  hour: { at: number; polls: number; discovery: number; sweeps: number },
): Spent {
  backlog.grow(hour.at, hour.sweeps)
  const limit = effectiveLimit(limits, account.observedLimit)
  const upkeep = hour.discovery + tokensFor(hour.polls + hour.discovery + backlog.details)
  const details = clamp(backlog.details, limit - keptFor('upkeep', limits, limit, 0) - hour.polls - upkeep)
  const kept = keptFor('backfill', limits, limit, upkeep + details)
  let spare = Math.max(0, limit - kept - hour.polls - upkeep - details)
  const sweeps = clamp(backlog.sweeps, spare)
  spare -= sweeps
  const rounds = clamp(backlog.rounds, spare)
  spare -= rounds
  backlog.details -= details
  backlog.sweeps -= sweeps
  backlog.readRounds(rounds)
  return {
    details,
    upkeep,
    sweeps,
    rounds,
    spare,
    waiting: backlog.details + backlog.sweeps,
  }
}

const clamp = (wanted: number, room: number): number => Math.max(0, Math.min(wanted, room))
