import type { CallClass } from '../domain/account.ts'
import { StartlistError } from '../domain/errors.ts'
import { tallyRuns } from '../store/changes.ts'
import { asDatabaseError, sqlState } from '../store/database-error.ts'
import { type AccountEvent, setMissing } from '../store/events.ts'
import { askDiscovery } from '../store/plans/account-plan.ts'
import { markTried } from '../store/plans/marks.ts'
import { failPass } from '../store/sync-state.ts'
import { type AccountContext, type Between, type EventContext, eventContext } from './context.ts'
import { type DetailsScope, readOwedDetails } from './details.ts'
import { failRuns } from './history.ts'
import { type PassResult, runPass } from './run-pass.ts'
import { level, recompute } from './stored-rows.ts'

/** One event brought up to date: its list, and the details that it owes. What a command and a turn both do. */

/** What a run did for one timing partner and event. */
export interface SyncLine {
  provider: string
  partnerId: number
  eventId: string
  kind: 'poll' | 'sweep'
  calls: number
  seen: number
  inserted: number
  updated: number
  unchanged: number
  removed: number
  rejected: number
  complete: boolean
}

/** One event's run, for all its timing partners. */
export interface EventOutcome {
  eventId: string
  lines: SyncLine[]
  /** Why the event is not up to date. */
  error: StartlistError | null
  /** Removals that wait for a person. */
  held: boolean
}

/** How an event's list is to be read. */
export interface ListRequest {
  /** A poll becomes a sweep where nothing is known yet, and where the list cannot be polled. */
  kind: 'poll' | 'sweep'
  /** What its calls are spent as (L3). */
  class: CallClass
  /** Asked between two pages; without it the pass goes on to its end. */
  between?: Between
  /** A sweep that goes on from a checkpoint is followed by a poll of what came to the head since (W3). */
  pollAfterResume: boolean
  /** So is one whose list moved while it was read; for events that nobody polls afterwards (W1). */
  pollWhenMoved?: boolean
}

/** What became of the list, and the history rows of its pass, per holder; null where a quiet poll left none. */
export interface ListOutcome extends EventOutcome {
  runIds: (number | null)[]
  /** `between` stopped the sweep; its checkpoint is kept. */
  paused: boolean
}

/** Reads an event's list by a poll or a sweep, and stores it for all its timing partners. Never throws for one event's trouble. */
export async function syncList(
  account: AccountContext,
  event: AccountEvent,
  request: ListRequest,
): Promise<ListOutcome> {
  const run = eventContext(account, event, request.kind, request)
  let kind = request.kind
  const outcome = (rest: Pick<ListOutcome, 'error' | 'held'> & { complete: boolean; paused?: boolean }) => ({
    eventId: event.eventId,
    lines: linesOf(run, kind, rest.complete),
    error: rest.error,
    held: rest.held,
    paused: rest.paused ?? false,
    runIds: run.holders.map((holder) => holder.runId),
  })
  try {
    run.startedAt = await markTried(account.db, account.account.accountId, event.eventId)
    await recompute(account, run)
    await level(account, run)
    account.spendAs(request.class)
    // An event that was missing comes back with a sweep: nobody looked for what was removed meanwhile (A4).
    const whole = request.kind === 'sweep' || !run.someCurrent || event.missing
    const result = await passOrMissing(account, run, whole ? 'sweep' : 'poll')
    kind = result.kind
    // Who came in the middle of a sweep lacks its first pages, which a sibling has by now (S2).
    await level(account, run)
    return outcome({ ...result, error: null })
  } catch (error) {
    const failure = asError(error)
    if (failure.code === 'FENCED' || failure.class === 'config')
      return outcome({ complete: false, error: failure, held: false })
    await failRuns(account.db, account, run, failure)
    await failPass(account.db, account.account.accountId, event.eventId, {
      code: failure.code,
      listMissing: failure.code === 'NOT_FOUND',
      isFailure: !isInterruption(failure),
    })
    return outcome({ complete: false, error: failure, held: failure.code === 'FOREIGN_LIST' })
  }
}

/** Cut short by the quota, a pause or a signal: nothing is wrong with the event. */
function isInterruption(error: StartlistError): boolean {
  return error.class === 'rate_limited' || error.code === 'INTERRUPTED'
}

/** A list that answers 404 twice makes its event missing; its rows stay. One that answers is not missing (A4). */
async function passOrMissing(
  account: AccountContext,
  run: EventContext,
  wanted: 'poll' | 'sweep',
): Promise<PassResult> {
  for (let answered404 = false; ; answered404 = true) {
    try {
      const result = await runPass(account, run, wanted)
      await setMissing(account.db, { ...run.at, events: run.events }, false)
      return result
    } catch (error) {
      if (!(error instanceof StartlistError) || error.code !== 'NOT_FOUND') throw error
      if (!answered404) continue
      // Of several events nobody knows which one is gone: discovery does.
      if (run.events.length > 1) await askDiscovery(account.db, run.at.accountId)
      else await setMissing(account.db, { ...run.at, events: run.events }, true)
      throw error
    }
  }
}

/** What became of an event's details. */
export interface DetailsOutcome {
  read: number
  putOff: number
  stopped: boolean
  error: StartlistError | null
  /** Per timing partner the history row that tells who changed, and how many records were rejected. */
  holders: { partnerId: number; runId: number | null; rejected: number }[]
}

/** Reads details that an event owes, and adds them to what its list brought. */
export async function syncDetails(
  account: AccountContext,
  event: AccountEvent,
  request: DetailsScope & { class: CallClass; between?: Between },
  list?: ListOutcome,
): Promise<DetailsOutcome> {
  const run = eventContext(account, event, 'details', request)
  account.spendAs(request.class)
  const result: DetailsOutcome = { read: 0, putOff: 0, stopped: false, error: null, holders: [] }
  try {
    const details = await readOwedDetails(account, run, request)
    const { read, putOff, stopped, failure } = details
    Object.assign(result, { read, putOff, stopped, error: failure })
  } catch (error) {
    result.error = asError(error)
  }
  if (list !== undefined) await addDetails(account, run, list)
  result.holders = run.holders.map(({ holder, runId, counts }) => ({
    partnerId: holder.partnerId,
    runId,
    rejected: counts.rejected,
  }))
  return result
}

/** The lines of an event count its details too. */
async function addDetails(account: AccountContext, run: EventContext, list: ListOutcome): Promise<void> {
  for (const [i, holder] of run.holders.entries()) {
    const line = list.lines[i]
    if (line === undefined) continue
    const ids = [list.runIds[i], holder.runId].filter((id) => id != null)
    if (holder.runId !== null) Object.assign(line, await tallyRuns(account.db, ids))
    line.rejected += holder.counts.rejected
    if (i === 0) line.calls += account.calls() - run.callsBefore
  }
}

function linesOf(run: EventContext, kind: 'poll' | 'sweep', complete: boolean): SyncLine[] {
  return run.holders.map(({ holder, counts }) => ({
    provider: run.at.provider,
    partnerId: holder.partnerId,
    eventId: run.eventId,
    kind,
    calls: counts.calls,
    seen: counts.seen,
    inserted: counts.inserted,
    updated: counts.updated,
    unchanged: counts.unchanged,
    removed: counts.removed,
    rejected: counts.rejected,
    complete: complete && holder.failed !== true,
  }))
}

/** Whatever was thrown, as an error that says who has to act. */
export function asError(error: unknown): StartlistError {
  if (error instanceof StartlistError) return error
  const ofDatabase = asDatabaseError(error)
  // A connection that broke bears no SQLSTATE; what is neither is a defect of ours.
  if (sqlState(error) !== null || ofDatabase.code === 'DATABASE_UNREACHABLE') return ofDatabase
  return new StartlistError('INTERNAL', error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
