import type { StartlistError } from '../../domain/errors.ts'
import { readAccount } from '../../store/accounts.ts'
import { databaseNow } from '../../store/overview/health.ts'
import { participantTable } from '../../store/participants/table.ts'
import { asError } from '../../sync/event-sync.ts'
import type { Services } from '../../sync/open-account.ts'
import { type KnownList, readBacklog } from './backlog.ts'
import { type BackfillRequest, type Job, openJob } from './job.ts'
import { isDeferred } from './order.ts'
import { type ShiftEnd, takeShift } from './shift.ts'
import type { Tally } from './tally.ts'

/** What a backfill left of one account. */
export interface AccountBackfill {
  tally: Tally
  lists: readonly KnownList[]
  /** not read to the end, or owing details that could be read now */
  left: readonly KnownList[]
  /** large, and left to `--process-large` */
  deferred: readonly KnownList[]
  held: ReadonlySet<string>
  /** why a list, or with null the discovery, failed */
  problems: ReadonlyMap<string | null, StartlistError>
  /** what ended it before all was done; null when nothing did */
  stopped: StartlistError | null
  /** it ended at its limit of calls */
  atLimit: boolean
  /** when it can go on, ms since the epoch; null where that is now, or in a person's hands */
  resumeAt: number | null
}

/** Whoever wanted the lane comes back for it within this, ms: a turn that found it busy looks again after two seconds. */
const YIELD_MS = 5_000
/** A database that went away is asked so often whether it is back, ms. */
const LOOK_MS = 2_000

/**
 * Reads all that an account has not read yet, shift by shift, so that turns and other commands get its lane between two
 * of them. Never throws: what stopped it is in the result.
 */
export async function backfillAccount(
  services: Services,
  request: BackfillRequest,
): Promise<AccountBackfill> {
  const job = openJob(request)
  const outcome = await shifts(services, job)
  await readAgain(services, job).catch(() => {})
  const choice = { ...job, now: services.clock.now() }
  const left = job.lists.filter((list) => !list.missing && (!list.done || list.ready > 0 || list.behind))
  return {
    tally: job.tally,
    lists: job.lists,
    left,
    deferred: left.filter((list) => isDeferred(list, choice)),
    held: job.held,
    problems: job.problems,
    ...outcome,
  }
}

type Outcome = Pick<AccountBackfill, 'stopped' | 'atLimit' | 'resumeAt'>

async function shifts(services: Services, job: Job): Promise<Outcome> {
  const { clock } = services
  const ended = (rest: Partial<Outcome> = {}): Outcome => ({
    stopped: null,
    atLimit: false,
    resumeAt: null,
    ...rest,
  })
  for (;;) {
    const end = await oneShift(services, job)
    if (end.why === 'done') return ended()
    if (end.why === 'limit') return ended({ atLimit: true })
    if (end.why === 'stopped') return ended({ stopped: end.error })
    if (end.why === 'interrupted') return ended({ stopped: asError(job.signal.reason) })
    if (end.why === 'wait') {
      if (!job.wait) return ended({ resumeAt: end.until })
      job.hooks.onWait?.(end)
    }
    const pause = end.why === 'wait' ? end.until - clock.now() : end.why === 'wanted' ? YIELD_MS : 0
    // A signal ends the sleep; the next shift sees it.
    if (pause > 0) await clock.sleep(pause, job.signal).catch(() => {})
    if (job.signal.aborted) return ended({ stopped: asError(job.signal.reason) })
  }
}

/** A shift whose trouble is an end like others, where waiting helps. */
async function oneShift(services: Services, job: Job): Promise<ShiftEnd> {
  try {
    return await takeShift(services, job)
  } catch (thrown) {
    const error = asError(thrown)
    const { clock } = services
    if (job.signal.aborted) return { why: 'interrupted' }
    if (error.code === 'DATABASE_UNREACHABLE') {
      job.hooks.onWait?.({ until: clock.now() + job.databaseWaitMs, reason: 'database' })
      return (await isBack(services, job)) ? { why: 'over' } : { why: 'stopped', error }
    }
    if (error.code === 'FENCED') return { why: 'wanted' }
    if (error.code === 'LANE_BUSY' && job.wait) return { why: 'over' }
    if (error.class === 'rate_limited' && error.retryAt !== undefined) {
      const ahead = clock.now() - (await databaseNow(services.db).catch(() => clock.now()))
      return {
        why: 'wait',
        until: error.retryAt + ahead,
        reason: error.code === 'THROTTLED' ? 'paused' : 'limit',
      }
    }
    return { why: 'stopped', error }
  }
}

/** Waits for a database that went away; calls stopped with it, for none is made that the ledger has not written down. */
async function isBack({ db, clock }: Services, job: Job): Promise<boolean> {
  for (const until = clock.now() + job.databaseWaitMs; clock.now() < until && !job.signal.aborted; ) {
    try {
      await databaseNow(db)
      return true
    } catch {
      await clock.sleep(LOOK_MS, job.signal).catch(() => {})
    }
  }
  return false
}

/** What is left is what the database says in the end, with what others did meanwhile. */
async function readAgain({ db, clock }: Services, job: Job): Promise<void> {
  const { accountId, partnerId, readsDetails } = job
  const account = await readAccount(db, accountId)
  if (account === null) return
  const shape = participantTable(account.provider)
  job.lists = await readBacklog(db, { accountId, shape, readsDetails }, clock.now(), { partnerId })
}
