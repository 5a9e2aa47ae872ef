import type { StartlistError } from '../domain/errors.ts'
import { type NextStep, nextStep, type PollStep, type Task } from '../quota/planner.ts'
import { readAccount } from '../store/accounts.ts'
import type { Credential } from '../store/credentials.ts'
import { readDiscoveryMarks } from '../store/plans/account-plan.ts'
import { auditLedger } from '../sync/audit/audit-account.ts'
import type { AccountContext, EventContext } from '../sync/context.ts'
import { asError } from '../sync/event-sync.ts'
import { limitsOf, type Services } from '../sync/open-account.ts'
import { FAILED_MS, LANE_BUSY_MS } from './next-after.ts'
import { type PlannedAccount, readFacts, replan } from './planning.ts'
import type { PollWatch } from './poll-watch.ts'
import { type StepResult, takeStep } from './step.ts'
import type { TurnOutcome } from './turn.ts'

/** A wait this short is waited for; for a longer one the lane is given back. */
const SHORT_WAIT_MS = 2_000
/** So many steps in a row that make no call are a plan that disagrees with the work; it must not spin. */
const MOST_IDLE_STEPS = 5

const keyOf = ({ do: what, eventId }: { do: string; eventId: string | null }) => `${what} ${eventId}`

/** Reads an event's list. While an event's details are read, its list is polled like any other's. */
function isPass(step: NextStep): step is Exclude<NextStep, { do: 'wait' }> & { eventId: string } {
  return step.do === 'poll' || step.do === 'sweep' || step.do === 'backfill'
}

/** The state of one turn under way. */
export class Turn {
  readonly #services: Services
  readonly #account: AccountContext
  readonly #receivers: readonly Credential[]
  readonly #outcome: TurnOutcome
  readonly #watch: PollWatch
  readonly #until: number
  readonly #worked = new Set<string>()
  /** Events whose pass is under way, and on which line. */
  readonly #active = new Map<string, AccountContext>()
  /** Lines on which a poll may be made while other work waits for its answer, where the provider allows it. */
  readonly #free: AccountContext[] = []
  readonly #lines: AccountContext[]
  /** Polls on lines of their own. */
  readonly #beside = new Set<Promise<void>>()
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
    this.#lines = [account]
    this.#receivers = receivers
    this.#outcome = outcome
    this.#watch = watch
    this.#until = until
    this.#ahead = ahead
  }

  async run(): Promise<void> {
    const { concurrency } = this.#services.config[this.#account.account.provider]
    for (let line = 1; line < concurrency; line++) this.#free.push(this.#account.anotherLine())
    this.#lines.push(...this.#free)
    try {
      await this.#work()
    } finally {
      await Promise.all(this.#beside)
      Object.assign(this.#outcome, { events: this.#worked.size, calls: this.#calls() })
    }
    if (this.#stopped !== null) this.#fail(this.#stopped)
  }

  async #work(): Promise<void> {
    let idle = 0
    while (this.#stopped === null) {
      const ending = this.#ending()
      if (ending !== null) return this.#end(this.#now(), ending)
      const isBusy = this.#beside.size > 0
      const step = await this.#next(this.#account, () => true)
      if (step.do === 'wait') {
        const wait = step.until === null ? Number.POSITIVE_INFINITY : step.until - this.#now()
        // While polls are under way nobody knows when theirs are due again.
        if (!isBusy && wait > SHORT_WAIT_MS) return this.#end(step.until, step.reason)
        if (!isBusy || this.#beside.size > 0) await this.#nap(wait)
        continue
      }
      const line = step.do === 'poll' ? this.#free.pop() : undefined
      if (step.do === 'poll' && line !== undefined) {
        this.#begin(step, line)
        continue
      }
      const callsBefore = this.#account.calls()
      this.#stopped ??= await this.#take(step, this.#account)
      idle = this.#account.calls() > callsBefore ? 0 : idle + 1
      if (idle > 0) this.#fruitless.add(keyOf(step))
      if (idle >= MOST_IDLE_STEPS) return this.#end(this.#now() + FAILED_MS, 'nothing came of what is due')
    }
  }

  /** Makes a poll on a line of its own: a slow answer keeps no other race waiting. */
  #begin(step: PollStep, line: AccountContext): void {
    const poll = this.#take(step, line)
      .then((stop) => {
        this.#stopped ??= stop
      })
      .catch((error: unknown) => {
        this.#stopped ??= asError(error)
      })
      .finally(() => {
        this.#free.push(line)
        this.#beside.delete(poll)
      })
    this.#beside.add(poll)
  }

  /** Sleeps shortly, and no longer than until a poll that is under way ends. */
  async #nap(ms: number): Promise<void> {
    const over = new AbortController()
    const signal = AbortSignal.any([this.#account.signal, over.signal])
    const nap = this.#services.clock.sleep(Math.max(Math.min(ms, SHORT_WAIT_MS), 1), signal)
    await Promise.race([nap, ...this.#beside]).finally(() => over.abort())
    await nap.catch(() => {})
  }

  #calls(): number {
    return this.#lines.reduce((sum, line) => sum + line.calls(), 0)
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

  /**
   * What is best now on this line.
   * @param takes whether the caller takes it; a pass is under way from then on, and no other line chooses it too
   */
  async #next(line: AccountContext, takes: (step: NextStep) => boolean): Promise<NextStep> {
    // What ended while the facts were read may stand in them as due.
    const active = new Map(this.#active)
    const planned = await this.#planned()
    await replan(this.#services.db, planned)
    const marks = await readDiscoveryMarks(this.#services.db, planned.accountId)
    const facts = await readFacts(this.#services.db, planned, marks)
    this.#ahead = this.#services.clock.now() - facts.window.now
    for (const [eventId, on] of this.#active) active.set(eventId, on)
    const isElsewhere = (task: Task) => (active.get(task.eventId ?? '') ?? line) !== line
    const isFruitful = (task: Task) => !this.#fruitless.has(keyOf(task)) && !isElsewhere(task)
    const { details, upkeep, spare } = facts
    const step = nextStep(
      {
        ...facts,
        details: details !== null && isFruitful(details) ? details : null,
        upkeep: upkeep.filter(isFruitful),
        spare: spare.filter(isFruitful),
      },
      new Set(active.keys()),
    )
    if (isPass(step) && takes(step)) this.#active.set(step.eventId, line)
    return step
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
  async #take(step: Exclude<NextStep, { do: 'wait' }>, line: AccountContext): Promise<StartlistError | null> {
    if (step.do === 'poll') {
      const { provider } = this.#account.account
      this.#watch.chosen(step, this.#services.config[provider].minSpacingMs)
    }
    if (step.eventId !== null) this.#worked.add(step.eventId)
    try {
      const result = await takeStep(line, this.#receivers, step, async (run) =>
        this.#between(run, step, line),
      )
      this.#count(result)
      if (result.audits) await this.#auditLedger()
      return result.stop ?? this.#stopped
    } finally {
      if (isPass(step)) this.#active.delete(step.eventId)
    }
  }

  /** Between two calls of one piece of work: polls that have fallen due go first, then the planner decides whether it goes on. */
  async #between(
    run: EventContext,
    work: Exclude<NextStep, { do: 'wait' }>,
    line: AccountContext,
  ): Promise<'go' | 'stop'> {
    const isPoll = work.do === 'poll'
    for (;;) {
      if (this.#stopped !== null || this.#yields() || (!isPoll && this.#isOver())) return 'stop'
      const step = await this.#next(line, ({ do: what }) => what === 'poll')
      if (step.do === 'poll') {
        const before = line.calls()
        this.#stopped ??= await this.#take(step, line)
        run.callsBefore += line.calls() - before
        line.spendAs(work.class)
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
    Object.assign(this.#outcome, { next, why })
  }

  #fail(error: StartlistError): void {
    this.#end(error.retryAt ?? this.#now() + LANE_BUSY_MS, error.code)
    this.#outcome.error = error
  }
}
