import type { StartlistError } from '../domain/errors.ts'
import { type NextStep, nextStep, type Task } from '../quota/planner.ts'
import { readAccount } from '../store/accounts.ts'
import type { Credential } from '../store/credentials.ts'
import { databaseNow } from '../store/overview/health.ts'
import { markTurn, readDiscoveryMarks } from '../store/plans/account-plan.ts'
import { auditLedger } from '../sync/audit/audit-account.ts'
import type { AccountContext, EventContext } from '../sync/context.ts'
import { asError } from '../sync/event-sync.ts'
import { limitsOf, type Services, withAccount } from '../sync/open-account.ts'
import { FAILED_MS, LANE_BUSY_MS, nextAfter } from './next-after.ts'
import { type PlannedAccount, readFacts, replan } from './planning.ts'
import { PollWatch } from './poll-watch.ts'
import { type StepResult, takeStep } from './step.ts'

/** What a turn did, for the log and for who plans the next. */
export interface TurnOutcome {
  accountId: number
  /** when the account wants its next turn, ms since the epoch; null when nothing is to be done until something changes */
  next: number | null
  calls: number
  polls: number
  details: number
  sweeps: number
  discoveries: number
  audits: number
  /** rows written */
  rows: number
  /** intervals, in ms, of polls whose list call began late (P4) */
  late: readonly number[]
  /** events that were worked on */
  events: number
  /** its length */
  ms: number
  /** why it ended */
  why: string
  /** what stopped it; one event's failure does not */
  error: StartlistError | null
}

export interface TurnOptions {
  signal?: AbortSignal
}

/** A turn begins nothing new after this (N2). */
const LENGTH_MS = 30_000
/** A wait this short is waited for; for a longer one the lane is given back. */
const SHORT_WAIT_MS = 2_000
/** A pass under way waits so long for quota rather than begin again later. */
const QUOTA_WAIT_MS = 60_000

/**
 * One turn of one account (N2): takes its lane, asks the planner for the best next call, makes it, and asks again, for
 * at most 30 s. Never throws for a provider's, a credential's or a database's trouble: the outcome says it.
 */
export async function takeTurn(
  services: Services,
  accountId: number,
  options: TurnOptions = {},
): Promise<TurnOutcome> {
  const { db, clock } = services
  const began = clock.now()
  const watch = new PollWatch()
  const outcome: TurnOutcome = {
    accountId,
    next: null,
    calls: 0,
    polls: 0,
    details: 0,
    sweeps: 0,
    discoveries: 0,
    audits: 0,
    rows: 0,
    late: watch.late,
    events: 0,
    ms: 0,
    why: '',
    error: null,
  }
  try {
    const use = {
      class: 'poll' as const,
      laneMs: 0,
      shortWaitMs: QUOTA_WAIT_MS,
      onCall: watch.called,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
    await withAccount(services, accountId, use, async (account, receivers) => {
      const ahead = clock.now() - (await databaseNow(db))
      const turn = new Turn(
        services,
        account,
        receivers,
        { outcome, watch },
        { until: began + LENGTH_MS, ahead },
      )
      await turn.run()
    })
    await markTurn(db, accountId, outcome.next)
  } catch (error) {
    const failure = asError(error)
    outcome.error = failure
    outcome.why = failure.code
    outcome.next = await nextAfter(services, failure)
    if (failure.class !== 'config') await markTurn(db, accountId, outcome.next).catch(() => {})
  }
  outcome.ms = clock.now() - began
  return outcome
}

/** So many steps in a row that make no call are a plan that disagrees with the work; it must not spin. */
const MOST_IDLE_STEPS = 5

const keyOf = ({ do: what, eventId }: { do: string; eventId: string | null }) => `${what} ${eventId}`

/** The state of one turn under way. */
class Turn {
  readonly #services: Services
  readonly #account: AccountContext
  readonly #receivers: readonly Credential[]
  readonly #outcome: TurnOutcome
  readonly #watch: PollWatch
  readonly #until: number
  readonly #worked = new Set<string>()
  /** Events whose pass is under way, the outermost first. */
  readonly #active = new Set<string>()
  /** Work that made no call: it is not thought of again in this turn. */
  readonly #fruitless = new Set<string>()
  /** How far our clock is ahead of the database's, on which all that is due is said; it may be minutes. */
  #ahead: number
  /** What stopped the account in a poll that was made between two calls of other work. */
  #stopped: StartlistError | null = null

  constructor(
    services: Services,
    account: AccountContext,
    receivers: readonly Credential[],
    { outcome, watch }: { outcome: TurnOutcome; watch: PollWatch },
    { until, ahead }: { until: number; ahead: number },
  ) {
    this.#services = services
    this.#account = account
    this.#receivers = receivers
    this.#outcome = outcome
    this.#watch = watch
    this.#until = until
    this.#ahead = ahead
  }

  async run(): Promise<void> {
    const { clock } = this.#services
    let idle = 0
    for (;;) {
      const ending = this.#ending()
      if (ending !== null) return this.#end(this.#now(), ending)
      const step = await this.#next()
      if (step.do === 'wait') {
        const wait = step.until === null ? Number.POSITIVE_INFINITY : step.until - this.#now()
        if (wait > SHORT_WAIT_MS) return this.#end(step.until, step.reason)
        await clock.sleep(Math.max(wait, 1), this.#account.signal)
        continue
      }
      const callsBefore = this.#account.calls()
      const stop = await this.#take(step)
      if (stop !== null) return this.#fail(stop)
      idle = this.#account.calls() > callsBefore ? 0 : idle + 1
      if (idle > 0) this.#fruitless.add(keyOf(step))
      if (idle >= MOST_IDLE_STEPS) return this.#end(this.#now() + FAILED_MS, 'nothing came of what is due')
    }
  }

  /** The database's present. */
  #now(): number {
    return this.#services.clock.now() - this.#ahead
  }

  /** Why no new work begins; null when it may. */
  #ending(): string | null {
    if (this.#account.signal.aborted) return 'stopping'
    if (this.#yields()) return 'somebody waits for the lane'
    return this.#isOver() ? 'the turn is over' : null
  }

  #isOver(): boolean {
    return this.#services.clock.now() >= this.#until
  }

  /** Somebody else is to have the lane: nothing is begun beside the work under way. */
  #yields(): boolean {
    return this.#account.signal.aborted || this.#account.isWanted()
  }

  async #next(): Promise<NextStep> {
    const planned = await this.#planned()
    await replan(this.#services.db, planned)
    const marks = await readDiscoveryMarks(this.#services.db, planned.accountId)
    const facts = await readFacts(this.#services.db, planned, marks)
    this.#ahead = this.#services.clock.now() - facts.window.now
    const isFruitful = (task: Task) => !this.#fruitless.has(keyOf(task))
    const { details, upkeep, spare } = facts
    return nextStep(
      {
        ...facts,
        details: details !== null && isFruitful(details) ? details : null,
        upkeep: upkeep.filter(isFruitful),
        spare: spare.filter(isFruitful),
      },
      this.#active,
    )
  }

  async #planned(): Promise<PlannedAccount> {
    const { account, connection, shape } = this.#account
    const state = await readAccount(this.#services.db, account.accountId)
    if (state === null) throw new Error('an account vanished')
    return {
      accountId: account.accountId,
      shape,
      limits: limitsOf(this.#services.config, state),
      needsDetail: connection.needsDetail,
      sweeps: this.#services.config.sweeps,
    }
  }

  /** @returns what stops the account */
  async #take(step: Exclude<NextStep, { do: 'wait' }>): Promise<StartlistError | null> {
    const isPoll = step.do === 'poll'
    if (step.do === 'poll') {
      const { provider } = this.#account.account
      this.#watch.chosen(step, this.#services.config[provider].minSpacingMs)
    }
    // While an event's details are read, its list is polled like any other's.
    const isPass = isPoll || step.do === 'sweep' || step.do === 'backfill'
    if (step.eventId !== null) this.#worked.add(step.eventId)
    if (isPass && step.eventId !== null) this.#active.add(step.eventId)
    try {
      const result = await takeStep(this.#account, this.#receivers, step, async (run) =>
        this.#between(run, step, isPoll),
      )
      this.#count(result)
      if (result.audits) await this.#auditLedger()
      return result.stop ?? this.#stopped
    } finally {
      if (isPass && step.eventId !== null) this.#active.delete(step.eventId)
    }
  }

  /** Between two calls of one piece of work: polls that have fallen due go first, then the planner decides whether it goes on. */
  async #between(
    run: EventContext,
    work: Exclude<NextStep, { do: 'wait' }>,
    isPoll: boolean,
  ): Promise<'go' | 'stop'> {
    for (;;) {
      if (this.#stopped !== null || this.#yields() || (!isPoll && this.#isOver())) return 'stop'
      const step = await this.#next()
      if (step.do === 'poll') {
        const before = this.#account.calls()
        this.#stopped ??= await this.#take(step)
        run.callsBefore += this.#account.calls() - before
        this.#account.spendAs(work.class)
        continue
      }
      if (isPoll) return 'go'
      const isSame = step.do === work.do && step.eventId === work.eventId
      return isSame ? 'go' : 'stop'
    }
  }

  async #auditLedger(): Promise<void> {
    const { accountId, limits } = await this.#planned()
    await auditLedger(this.#services.db, accountId, limits)
  }

  #count({ polls = 0, details = 0, sweeps = 0, discoveries = 0, audits = 0, rows = 0 }: StepResult): void {
    const outcome = this.#outcome
    outcome.polls += polls
    outcome.details += details
    outcome.sweeps += sweeps
    outcome.discoveries += discoveries
    outcome.audits += audits
    outcome.rows += rows
  }

  #end(next: number | null, why: string): void {
    Object.assign(this.#outcome, { next, why, events: this.#worked.size, calls: this.#account.calls() })
  }

  #fail(error: StartlistError): void {
    this.#end(error.retryAt ?? this.#now() + LANE_BUSY_MS, error.code)
    this.#outcome.error = error
  }
}
