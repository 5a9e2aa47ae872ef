import type { StartlistError } from '../domain/errors.ts'
import { databaseNow } from '../store/overview/health.ts'
import { markTurn } from '../store/plans/account-plan.ts'
import { asError } from '../sync/event-sync.ts'
import { type Services, withAccount } from '../sync/open-account.ts'
import { nextAfter } from './next-after.ts'
import { PollWatch } from './poll-watch.ts'
import { Turn } from './turn-work.ts'

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
