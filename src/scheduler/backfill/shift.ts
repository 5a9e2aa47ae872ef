import { StartlistError } from '../../domain/errors.ts'
import { spareWait } from '../../quota/planner.ts'
import type { Limits, WindowFacts } from '../../quota/window.ts'
import { readAccount } from '../../store/accounts.ts'
import { readLeaves, readWindow } from '../../store/calls.ts'
import type { Credential } from '../../store/credentials.ts'
import { readDiscovery } from '../../store/discovery.ts'
import { readDiscoveryMarks } from '../../store/plans/account-plan.ts'
import { pollGroups } from '../../store/plans/heads.ts'
import { markStale } from '../../store/plans/marks.ts'
import { isOutage, stopsAccount } from '../../sync/account-sync.ts'
import { type AccountContext, eventContext } from '../../sync/context.ts'
import { discover } from '../../sync/discover.ts'
import { asError, syncDetails, syncList } from '../../sync/event-sync.ts'
import { limitsOf, type Services, withAccount } from '../../sync/open-account.ts'
import { level } from '../../sync/stored-rows.ts'
import { replan } from '../planning.ts'
import { type KnownList, readBacklog } from './backlog.ts'
import type { Job } from './job.ts'
import { type BackfillTask, type Choice, isDeferred, isLarge, nextTask, PAGES_IN_A_ROW } from './order.ts'

/** Why a shift ended. Instants in ms since the epoch, by our clock. */
export type ShiftEnd =
  | { why: 'done' | 'over' | 'wanted' | 'limit' | 'interrupted' | 'fenced' }
  | { why: 'wait'; until: number; reason: string }
  | { why: 'stopped'; error: StartlistError }

/** A shift lasts no longer than a turn: nobody waits longer for the lane (N1). */
const LENGTH_MS = 30_000
/** A wait this short is waited for with the lane in hand. */
const SHORT_WAIT_MS = 2_000
/** Events known for no longer than this are not looked for again. */
const DISCOVERED_MS = 60 * 60_000
/** Details of one list that are read before the choice is made again. */
const DETAILS_IN_A_ROW = 25
/** This many lists that fail in a row are the provider's trouble, and no reason to spend calls on the others. */
const MOST_FAILURES_IN_A_ROW = 3

/**
 * One shift of an account's backfill: takes its lane and reads what is next, page by page, until nothing is left, the
 * time is up, somebody else wants the lane, or the quota is needed for polls.
 * @throws StartlistError of the account or the database; what was read is stored
 */
export async function takeShift(services: Services, job: Job): Promise<ShiftEnd> {
  const use = {
    class: 'backfill' as const,
    shortWaitMs: SHORT_WAIT_MS,
    onCall: job.called,
    progress: job.progressed,
    ...(job.hooks.onBusy && { onBusy: job.hooks.onBusy }),
    signal: job.signal,
  }
  try {
    return await withAccount(services, job.accountId, use, (account, receivers) =>
      new Shift(services, job, account).run(receivers),
    )
  } finally {
    job.budget.release(job.accountId)
  }
}

class Shift {
  readonly #services: Services
  readonly #job: Job
  readonly #account: AccountContext
  readonly #until: number

  constructor(services: Services, job: Job, account: AccountContext) {
    this.#services = services
    this.#job = job
    this.#account = account
    this.#until = services.clock.now() + LENGTH_MS
  }

  async run(receivers: readonly Credential[]): Promise<ShiftEnd> {
    const stop = await this.#discover(receivers)
    if (stop !== null) return stop
    for (;;) {
      const ending = this.#ending()
      if (ending !== null) return ending
      const lists = await this.#backlog()
      const task = nextTask(lists, this.#choice())
      if (task === null) return { why: 'done' }
      const list = lists.find(({ eventId }) => eventId === task.list.eventId)!
      const end = await this.#take(task, list)
      if (end !== null) return end
    }
  }

  async #backlog(): Promise<KnownList[]> {
    const { shape, connection } = this.#account
    const { accountId, partnerId } = this.#job
    const { db, clock } = this.#services
    this.#job.readsDetails = connection.needsDetail
    const account = { accountId, shape, readsDetails: connection.needsDetail }
    this.#job.lists = await readBacklog(db, account, clock.now(), { partnerId })
    return this.#job.lists
  }

  #choice(): Choice {
    const { largeEvent, processLarge, except } = this.#job
    return { now: this.#services.clock.now(), largeEvent, processLarge, except }
  }

  /** Why nothing more begins; null when it may. */
  #ending(): ShiftEnd | null {
    if (this.#job.signal.aborted) return { why: 'interrupted' }
    if (this.#account.isWanted()) return { why: 'wanted' }
    return this.#services.clock.now() >= this.#until ? { why: 'over' } : null
  }

  /** New events first, unless they were looked for within the hour and for everybody. */
  async #discover(receivers: readonly Credential[]): Promise<ShiftEnd | null> {
    const { db, clock } = this.#services
    const { accountId, budget, problems } = this.#job
    if (this.#job.hasDiscovered) return null
    const { partnerIds } = await readDiscovery(db, accountId)
    const { at, askedAt } = await readDiscoveryMarks(db, accountId)
    const isRecent = at !== null && clock.now() - at < DISCOVERED_MS && (askedAt === null || askedAt < at)
    const isForAll = receivers.every((receiver) => partnerIds.includes(receiver.partnerId))
    if (!isRecent || (!isForAll && partnerIds.length > 0)) {
      if (!budget.claim(accountId)) return { why: 'limit' }
      this.#account.spendAs('upkeep')
      try {
        await discover(this.#account, receivers)
      } catch (error) {
        const failure = asError(error)
        if (!isOutage(failure) && failure.code !== 'FORBIDDEN') throw failure
        // What is known already can be read all the same.
        problems.set(null, failure)
      }
    }
    this.#job.hasDiscovered = true
    return null
  }

  /** @returns why the shift ends with it; null when it goes on */
  async #take(task: BackfillTask, list: KnownList): Promise<ShiftEnd | null> {
    if (task.do === 'level') return this.#level(list)
    const wait = await this.#mayGo(task)
    if (wait !== null) return wait
    const before = this.#account.calls()
    const end = task.do === 'list' ? await this.#list(task, list) : await this.#details(task, list)
    // A plan that disagrees with the work must not spin.
    if (this.#account.calls() === before && !this.#job.tally.finished.includes(list.eventId))
      this.#job.except.add(list.eventId)
    return end
  }

  /** A timing partner gets what a sibling has. It is tried once: why it failed stands in `status`. */
  async #level(list: KnownList): Promise<null> {
    await level(this.#account, eventContext(this.#account, list.event, 'level'))
    const after = (await this.#backlog()).find(({ eventId }) => eventId === list.eventId)
    if (after?.behind) this.#job.except.add(list.eventId)
    return null
  }

  async #list(task: BackfillTask, list: KnownList): Promise<ShiftEnd | null> {
    const { db } = this.#services
    const { tally, accountId, processLarge } = this.#job
    const { eventId } = list
    tally.begin(eventId, list.rows)
    // Counted from the list's first page: a pass that was cut off amid its turn has only the rest of it.
    let { pages } = list
    let end: ShiftEnd | null = null
    const between = async () => {
      pages++
      end = this.#ending()
      if (end !== null) return 'stop' as const
      const large = isLarge({ ...list, ...tally.shown(eventId) }, this.#job)
      if (large ? !processLarge : pages % PAGES_IN_A_ROW === 0) return 'stop' as const
      end = await this.#mayGo(task)
      return end === null ? ('go' as const) : ('stop' as const)
    }
    const request = {
      kind: 'sweep' as const,
      class: task.class,
      between,
      // A head that changed while nobody read on shows as rows that come twice; a pause alone costs no call.
      pollAfterResume: false,
      pollWhenMoved: true,
    }
    const result = await syncList(this.#account, list.event, request)
    tally.listed(result)
    if (result.paused) await markStale(db, accountId, eventId)
    if (result.held) {
      this.#job.held.add(eventId)
      this.#job.except.add(eventId)
    }
    return result.error === null ? this.#went(end) : this.#failed(eventId, result.error)
  }

  async #details(task: BackfillTask, list: KnownList): Promise<ShiftEnd | null> {
    let end: ShiftEnd | null = null
    const between = async () => {
      end = this.#ending() ?? (await this.#mayGo(task))
      return end === null ? ('go' as const) : ('stop' as const)
    }
    const result = await syncDetails(this.#account, list.event, {
      readBefore: null,
      most: DETAILS_IN_A_ROW,
      class: task.class,
      between,
    })
    this.#job.tally.detailed(list.eventId, result)
    if (result.read + result.putOff === 0) this.#job.except.add(list.eventId)
    return result.error === null ? this.#went(end) : this.#failed(list.eventId, result.error)
  }

  #went(end: ShiftEnd | null): ShiftEnd | null {
    this.#job.failuresInARow = 0
    return end
  }

  /** One list's failure puts it aside; what all lists would meet ends the shift. */
  #failed(eventId: string, error: StartlistError): ShiftEnd | null {
    if (error.code === 'INTERRUPTED' || error.code === 'FENCED' || error.class === 'config') throw error
    if (error.retryAt !== undefined && error.class === 'rate_limited') throw error
    if (error.code === 'DATABASE' || stopsAccount(error)) return { why: 'stopped', error }
    this.#job.except.add(eventId)
    this.#job.problems.set(eventId, error)
    if (!isOutage(error)) this.#job.failuresInARow = 0
    else if (++this.#job.failuresInARow >= MOST_FAILURES_IN_A_ROW) return { why: 'stopped', error }
    return null
  }

  /** May the next call be made? A backfill's only when the polls of the next hour still find room after it (P2). */
  async #mayGo(task: BackfillTask): Promise<ShiftEnd | null> {
    const { budget, accountId, hooks, lists } = this.#job
    if (!budget.claim(accountId)) return { why: 'limit' }
    for (;;) {
      const { window, limits, wait } = await this.#planned(task)
      const wanted = lists.filter((list) => !isDeferred(list, this.#choice()))
      hooks.onPlan?.({ lists: wanted, window, limits, readsDetails: this.#account.connection.needsDetail })
      if (wait === null) return null
      const ms = wait.until - window.now
      if (ms > SHORT_WAIT_MS)
        return { why: 'wait', until: this.#services.clock.now() + ms, reason: wait.reason }
      await this.#services.clock.sleep(Math.max(ms, 1), this.#job.signal)
    }
  }

  /** What the planner says of one more call of this kind. */
  async #planned({ class: callClass }: BackfillTask): Promise<{
    window: WindowFacts
    limits: Limits
    wait: { until: number; reason: string } | null
  }> {
    const { db, config } = this.#services
    const { account, connection, shape } = this.#account
    const { accountId } = account
    const state = await readAccount(db, accountId)
    if (state === null) throw new StartlistError('INTERNAL', 'an account vanished')
    const limits = limitsOf(config, state)
    const { needsDetail } = connection
    await replan(db, { accountId, shape, limits, needsDetail, sweeps: config.sweeps })
    const window = { ...(await readWindow(db, accountId)), leaves: await readLeaves(db, accountId) }
    // The first pass of a race within a day is its poll: the ledger alone decides (P1).
    if (callClass !== 'backfill') return { window, limits, wait: null }
    return { window, limits, wait: spareWait({ groups: await pollGroups(db, accountId), limits, window }) }
  }
}
