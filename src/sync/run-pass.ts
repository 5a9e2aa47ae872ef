import { StartlistError } from '../domain/errors.ts'
import type { ListRequest } from '../providers/provider.ts'
import { checkFence } from '../store/lanes.ts'
import { markTried } from '../store/plans/marks.ts'
import { countSeen, forgetSeen } from '../store/sweep-seen.ts'
import { readState, type SyncState, saveCheckpoint } from '../store/sync-state.ts'
import { judgeAbsences } from './absence.ts'
import { commitPage } from './commit-page.ts'
import type { AccountContext, EventContext } from './context.ts'
import { verifyForeign } from './foreign.ts'
import {
  freshLook,
  freshPass,
  hasMoved,
  hasShifted,
  headIsDue,
  headPass,
  noteUnordered,
  owesLook,
  type Pass,
  resumedLook,
  resumedPass,
  showsNewsFirst,
  takeOver,
} from './pass.ts'
import { readRemovals, removalsBeside, storeRemovals } from './removals.ts'
import { nextPage, type Step, withBeside } from './walk.ts'

export interface PassResult {
  kind: 'poll' | 'sweep'
  /** A finished sweep, or a finished poll of a complete event, with nothing held back. */
  complete: boolean
  held: boolean
  /** Ended before its time; a checkpoint says where it goes on. */
  paused: boolean
  /** Rows came twice: the list moved while it was read, and may have passed over some. */
  moved: boolean
}

/** An event, its account, and what the last finished pass left behind. */
interface PassRun {
  account: AccountContext
  event: EventContext
  state: SyncState<Pass>
}

/**
 * One pass over an event's list. A poll reads down to the line; a sweep reads all, goes on from its checkpoint, and
 * judges what is absent. Every page commits with its rows, feed, rejects, marks and history, or not at all (D1).
 * @throws StartlistError by class; what was read until then is stored, and no mark has moved (W7)
 */
export async function runPass(
  account: AccountContext,
  event: EventContext,
  wanted: 'poll' | 'sweep',
): Promise<PassResult> {
  const state = await readState<Pass>(account.db, account.account.accountId, event.eventId)
  const run = { account, event, state }
  const hasMark = state.watermark !== null || !account.provider.capabilities.modifiedSince
  const canPoll = state.completeAt !== null && hasMark && showsNewsFirst(account)
  // The sweep before was cut off between its end and that look. One that goes on reads everything anyway.
  if (event.pollWhenMoved && state.headOwed && state.pass === null && event.someCurrent && canPoll)
    return look(run)
  if (wanted === 'poll' && canPoll) return (await poll(run)) ?? sweep(run)
  const resumes = resumedPass(account, event, state) !== null
  const result = await sweep(run)
  const hasNewHead = (resumes && event.pollAfterResume) || (result.moved && event.pollWhenMoved)
  if (!hasNewHead || !result.complete) return result
  return { ...((await event.between(event)) === 'stop' ? PUT_OFF : await look(run)), kind: result.kind }
}

/**
 * What came to the head of the list while a sweep read on, or was broken off, it has not seen; a poll does, and another
 * one while the list moves under it (W1, W3).
 */
async function look({ account, event }: Omit<PassRun, 'state'>): Promise<PassResult> {
  for (let isAgain = false; ; isAgain = true) {
    const state = await readState<Pass>(account.db, account.account.accountId, event.eventId)
    const run = { account, event, state }
    const pass = resumedLook(account, event, state) ?? freshLook(account, event, state, isAgain)
    const result = await poll(run, pass)
    if (result === null) return sweep(run)
    if (!result.moved) return result
    if ((await event.between(event)) === 'stop') return PUT_OFF
  }
}

/** A look that is still owed, and goes on from its checkpoint. */
const PUT_OFF: PassResult = { kind: 'poll', complete: false, held: false, paused: true, moved: false }
/** A sweep that goes on from its checkpoint. */
const PAUSED: PassResult = { ...PUT_OFF, kind: 'sweep' }

/** @returns null when the list proved to be unsorted or doubtful: a sweep does the poll's work at once (W9, A2) */
async function poll(
  run: PassRun,
  pass = freshPass(run.account, run.event, 'poll', run.state.watermark),
): Promise<PassResult | null> {
  const { account, event } = run
  for (;;) {
    const next = await readPage(run, pass)
    if (next.do === 'finish')
      return { kind: 'poll', complete: true, held: false, paused: false, moved: owesLook(pass, run.state) }
    if (next.do === 'abandon') {
      if (next.because === 'out_of_order') await noteUnordered(account)
      return null
    }
    mustGoOn(run, next)
    // Others have no checkpoint, and would begin again; of one within a sweep that is little.
    if ((await event.between(event)) === 'stop' && (pass.isLook || pass.withinSweep)) return PUT_OFF
  }
}

async function sweep(run: PassRun): Promise<PassResult> {
  const { account, event, state } = run
  let pass = resumedPass(account, event, state) ?? freshPass(account, event, 'sweep')
  const hadPolls = state.pass !== null && state.lastPass > state.pass.number
  if (pass.seenAs > 0 && hadPolls) await countSeenBeside(run, pass)
  for (;;) {
    while (!pass.listed) {
      mustGoOn(run, await readPage(run, pass))
      if (pass.listed) break
      pass.ownPages--
      if ((await event.between(event)) === 'stop') return PAUSED
      if (!headIsDue(account, event, state, pass)) continue
      if ((await pollWithin(run, pass)) === 'stop' || (await event.between(event)) === 'stop') return PAUSED
    }
    // Rows that came twice: the list moved while it was read, and what changed behind page 1 was not there before.
    if (pass.hidden && !pass.drifted) await noteUnordered(account)
    await removeByFeed(run, pass)
    if (hasShifted(pass, account) && !pass.walk.recounted) {
      pass = await anew(run, pass, { recounted: true })
      continue
    }
    const verdict = await judgeAbsences(account, event, pass, state)
    if (verdict.do === 'finish')
      return {
        kind: 'sweep',
        complete: !verdict.held,
        held: verdict.held,
        paused: false,
        moved: hasMoved(pass, account),
      }
    pass = await anew(run, { ...pass, repeated: true })
  }
}

/** Begins a sweep again: what it saw is of no use to the next reading, now or after a restart. */
async function anew(run: PassRun, { repeated }: Pass, walk: Partial<Pass['walk']> = {}): Promise<Pass> {
  const { account, event } = run
  await forgetSweep(run)
  const fresh = freshPass(account, event, 'sweep')
  return { ...fresh, repeated, walk: { ...fresh.walk, ...walk } }
}

/**
 * A large list is read for long: who registers meanwhile does not wait for its end (W8). What the sweep has stored is
 * known to this poll, for the sweep reads on below it; if a list is not sorted after all, the sweep goes on alone.
 */
async function pollWithin(run: PassRun, sweep: Pass): Promise<'go' | 'stop'> {
  const { account, event } = run
  const { accountId, eventId } = event.at
  event.startedAt = await markTried(account.db, accountId, eventId)
  sweep.headAt = account.clock.now()
  const state = await readState<Pass>(account.db, accountId, eventId)
  const marks = { ...state, finishedPass: Math.max(state.finishedPass, sweep.number) }
  const head = headPass(account, event, state, sweep)
  const result = await poll({ account, event, state: marks }, head)
  takeOver(sweep, head, result?.complete === true)
  Object.assign(run.state, await readState<Pass>(account.db, accountId, eventId))
  await countSeenBeside(run, sweep)
  // The poll that has finished must not vouch for rows that this sweep stores after it (W4).
  sweep.number = 0
  // Whoever goes on with it does not read the head at once again.
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, accountId, account.fence)
    await saveCheckpoint(trx, accountId, eventId, sweep)
  })
  tell(run, sweep, sweep.walk.lastTotal)
  return result?.paused ? 'stop' : 'go'
}

/** Whom polls have met is not absent from the sweep, and counts as of its list. */
async function countSeenBeside({ account, event }: PassRun, sweep: Pass): Promise<void> {
  const { accountId, eventId } = event.at
  const seen = await countSeen(account.db, { accountId, eventId, pass: sweep.seenAs })
  sweep.walk = withBeside(sweep.walk, seen)
}

/** Who is absent because the provider says so is not asked for one by one (A1). */
async function removeByFeed({ account, event, state }: PassRun, pass: Pass): Promise<void> {
  const removals = await readRemovals(account, event, state, pass)
  if (removals === null) return
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, event.at.accountId, account.fence)
    await storeRemovals(trx, event, pass, removals, [])
    // The feed tells of them once: that somebody left amid the sweep must outlive this process.
    await saveCheckpoint(trx, event.at.accountId, event.eventId, pass)
  })
}

async function forgetSweep({ account, event }: PassRun): Promise<void> {
  const { accountId, eventId } = event.at
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, accountId, account.fence)
    await forgetSeen(trx, accountId, eventId)
    await saveCheckpoint(trx, accountId, eventId, null)
  })
}

function mustGoOn({ account, event }: PassRun, next: Step): void {
  if (next.do === 'fail') {
    throw new StartlistError('UNSTABLE_LIST', `event ${event.eventId}: the page size kept changing`)
  }
  account.signal.throwIfAborted()
}

/** Reads one page, stores it with all that belongs to it, and leaves `pass` at the next step. */
async function readPage(run: PassRun, pass: Pass): Promise<Step> {
  const { account, event, state } = run
  const request = nextPage(pass.walk)
  const learn = pass.kind === 'sweep' && request.page === 1
  const asked: ListRequest = {
    ...request,
    learn,
    events: pass.events,
    changedSince: pass.since === null ? null : BigInt(pass.since),
  }
  let page = await account.connection.listParticipants(event.eventId, asked)
  if (pass.walk.page === 0) pass.whole = !account.connection.needsDetail
  const removals = await removalsBeside(account, event, state, pass, page)
  let next = await commitPage(account, event, state, pass, page, request.page, removals)
  if (next === 'foreign') {
    page = await verifyForeign(account, event, asked, page)
    pass.verified = true
    next = await commitPage(account, event, state, pass, page, request.page, removals)
  }
  if (next === 'foreign') throw new StartlistError('INTERNAL', 'a verified list was doubted again')
  // A poll within a sweep is told of once, as one step of that.
  if (!pass.withinSweep) tell(run, pass, page.total)
  return next
}

/** Tells whoever watches how far a list is read. */
function tell({ account, event }: PassRun, { walk }: Pass, total: number | null): void {
  const calls = account.calls()
  account.progress({ eventId: event.eventId, kind: 'list', done: walk.distinct, total, calls })
}
