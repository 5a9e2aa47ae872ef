import type { VirtualClock } from '../../domain/clock.ts'
import { DEFAULT_SWEEPS } from '../../domain/sweep-times.ts'
import type { PollGroup } from '../../quota/demand.ts'
import { type LedgerMeter, openMeter } from '../../quota/ledger.ts'
import { isFar, nextStep, type PlannerFacts, type PollFact } from '../../quota/planner.ts'
import { type Limits, WINDOW_MS } from '../../quota/window.ts'
import { type EventPlan, planEvent } from '../../scheduler/event-plan.ts'
import type { Change } from '../changes.ts'
import type { LoggedCall } from '../played.ts'
import type { SimulatedEvent } from '../world.ts'
import type { MemoryBook } from './book.ts'

/** One account in memory: its events, what happens to them, and its means. */
export interface PlannerAccount {
  clock: VirtualClock
  book: MemoryBook
  limits: Limits
  /** from a request to its answer, ms */
  latencyMs: number
  events: readonly SimulatedEvent[]
  /** when all lists were read last, ms since the epoch */
  preparedAt: number
  /** by event, ascending */
  changes: ReadonlyMap<string, readonly Change[]>
}

/** What came of it. */
export interface PlannerRun {
  calls: LoggedCall[]
  /** when each change was ours */
  seen: Map<Change, number>
}

/** The planner and the ledger of one account, with a provider that only takes its time to answer. */
export async function runPlanner(account: PlannerAccount, until: number): Promise<PlannerRun> {
  const run = new Run(account)
  while (account.clock.now() < until) await run.step(until)
  return run
}

class Run implements PlannerRun {
  readonly calls: LoggedCall[] = []
  readonly seen = new Map<Change, number>()
  readonly #account: PlannerAccount
  readonly #began: Map<string, number>
  /** Changes of each event that no poll has met yet, and those whose detail is owed. */
  readonly #ahead: Map<string, Change[]>
  readonly #owed = new Map<string, Change[]>()
  readonly #meters = new Map<string, LedgerMeter>()

  constructor(account: PlannerAccount) {
    this.#account = account
    this.#began = new Map(account.events.map(({ id }) => [id, account.preparedAt]))
    this.#ahead = new Map(account.events.map(({ id }) => [id, [...(account.changes.get(id) ?? [])]]))
  }

  /** Makes the next call, or waits for it. */
  async step(until: number): Promise<void> {
    const { clock } = this.#account
    const step = nextStep(this.#facts())
    if (step.do === 'wait') {
      clock.set(Math.min(until, Math.max(clock.now() + 1, step.until ?? until)))
      return
    }
    const { eventId } = step
    if (eventId === null) throw new Error('only polls and details are offered')
    const began = await this.#call(step.class, step.do === 'poll' ? 'list' : 'detail', eventId)
    if (step.do === 'poll') this.#polled(eventId, began)
    else this.#detailed(eventId)
  }

  #polled(eventId: string, began: number): void {
    const { clock, latencyMs } = this.#account
    this.#began.set(eventId, began)
    const ahead = this.#ahead.get(eventId) ?? []
    while (ahead[0] !== undefined && ahead[0].at <= began + latencyMs / 2) {
      const [change] = ahead.splice(0, 1)
      if (change === undefined) return
      if (change.kind === 'bib') this.#owed.set(eventId, [...(this.#owed.get(eventId) ?? []), change])
      else this.seen.set(change, clock.now())
    }
  }

  #detailed(eventId: string): void {
    const [change, ...owed] = this.#owed.get(eventId) ?? []
    if (change !== undefined) this.seen.set(change, this.#account.clock.now())
    if (owed.length === 0) this.#owed.delete(eventId)
    else this.#owed.set(eventId, owed)
  }

  /** @returns when it began */
  async #call(
    callClass: 'person' | 'poll' | 'upkeep' | 'backfill',
    purpose: 'list' | 'detail',
    eventId: string,
  ) {
    const { clock, latencyMs } = this.#account
    const ticket = await this.#meterOf(callClass).acquire({ purpose, eventId, timeoutMs: latencyMs })
    const began = clock.now()
    const endpoint = purpose === 'list' ? 'participants' : 'detail'
    this.calls.push({ at: began + latencyMs / 2, endpoint, eventId, page: purpose === 'list' ? 1 : null })
    clock.advance(latencyMs)
    await ticket.end({ status: 200, errorCode: null })
    return began
  }

  #meterOf(callClass: 'person' | 'poll' | 'upkeep' | 'backfill'): LedgerMeter {
    const { book, clock, limits } = this.#account
    const known = this.#meters.get(callClass)
    const meter = known ?? openMeter(book, clock, { accountId: 1, class: callClass, limits, wait: true })
    this.#meters.set(callClass, meter)
    return meter
  }

  #facts(): PlannerFacts {
    const { clock, book, limits, events } = this.#account
    const now = clock.now()
    const plans = events.map((event) => ({ eventId: event.id, ...this.#planOf(event, now) }))
    const owing = this.#owed.keys().next().value
    const changesAt = plans.flatMap(({ replanAt }) => (replanAt !== null && replanAt > now ? [replanAt] : []))
    return {
      ...{ window: book.facts(), limits, discovery: null, upkeep: [], spare: [] },
      polls: plans.flatMap(pollOf),
      groups: plans.flatMap((plan) => groupOf(plan, now)),
      details: owing === undefined ? null : { do: 'details', eventId: owing, reason: 'details owed' },
      nextAt: changesAt.length === 0 ? null : Math.min(...changesAt),
    }
  }

  #planOf({ id, schedule }: SimulatedEvent, now: number): EventPlan {
    const beganAt = this.#began.get(id) ?? now
    // A sweep is not played: it is always fresh.
    const passes = {
      beganAt,
      triedAt: beganAt,
      sweptAt: now,
      completeAt: now,
      headOwed: false,
      retryAt: null,
    }
    const found = { ...passes, dueAt: null, sweepDueAt: null }
    return planEvent(schedule, found, { missing: false }, DEFAULT_SWEEPS, now)
  }
}

function pollOf({ eventId, dueAt, every, urgentAt }: EventPlan & { eventId: string }): PollFact[] {
  if (dueAt === null || every === null) return []
  return [{ eventId, due: dueAt, every, start: urgentAt, asked: false }]
}

function groupOf({ dueAt, every, nextEvery, replanAt, urgentAt }: EventPlan, now: number): PollGroup[] {
  if (dueAt === null || every === null || dueAt >= now + WINDOW_MS) return []
  const changesIn = replanAt === null || replanAt >= now + WINDOW_MS ? null : replanAt - now
  return [{ count: 1, dueIn: dueAt - now, every, changesIn, nextEvery, isFar: isFar(urgentAt, now) }]
}
