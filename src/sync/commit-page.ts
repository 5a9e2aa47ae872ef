import { screenOf } from '../domain/personal-data.ts'
import type { ListPage, ListRow } from '../providers/provider.ts'
import type { RunCounts } from '../store/history.ts'
import { listedAgain, supersedeHold } from '../store/holds.ts'
import { checkFence } from '../store/lanes.ts'
import { changedBeyond } from '../store/participants/changed-beyond.ts'
import { countLive } from '../store/participants/count.ts'
import { forgetSeen, markSeen } from '../store/sweep-seen.ts'
import {
  beginPass,
  beginRemovals,
  finishPass,
  type SyncState,
  saveCheckpoint,
  saveLook,
} from '../store/sync-state.ts'
import type { AccountContext, EventContext, StoredPage } from './context.ts'
import { closeRuns, recordPage } from './history.ts'
import { outOfOrder, raise } from './line.ts'
import { markOf, reachedKnown, takeHead } from './marks.ts'
import type { PageWork } from './page-work.ts'
import { hasShifted, isBelieved, noteUnordered, owesLook, type Pass } from './pass.ts'
import { type Removals, storeRemovals } from './removals.ts'
import { LONG_WALK, type Step, step } from './walk.ts'
import { distinctRows, keysOf, type PageOutcome, probePage, writePage } from './write-page.ts'

/**
 * Commits one page of a pass: fence, rows, feed, rejects, presence, checkpoint or marks, and history, in one transaction
 * (D1). Leaves `pass` at the next step.
 * @param number of the page as it was asked for
 * @returns what follows, or `foreign` when the page was not stored because it may be another event's (A3)
 */
export async function commitPage(
  account: AccountContext,
  event: EventContext,
  state: SyncState<Pass>,
  pass: Pass,
  page: ListPage,
  number: number,
  removals: Removals | null = null,
): Promise<Step | 'foreign'> {
  const attempt: Pass = { ...pass }
  const runsBefore = event.holders.map((holder) => ({
    runId: holder.runId,
    counts: { ...holder.counts },
  }))
  const began = account.clock.now()
  try {
    const { next, unsorted } = await account.db.transaction().execute(async (trx) => {
      const work: PageWork = { trx, account, event, state, pass: attempt, unsorted: false }
      return { next: await store(work, page, number, removals), unsorted: work.unsorted }
    })
    if (next !== 'foreign') Object.assign(pass, attempt)
    account.onPage({ ms: account.clock.now() - began, ...gained(event, runsBefore) })
    if (unsorted) await noteUnordered(account)
    return next
  } catch (error) {
    // What the transaction had counted did not happen.
    event.holders.forEach((holder, i) => {
      Object.assign(holder, runsBefore[i])
    })
    throw error
  }
}

/** What a page added to the counts of all holders. */
function gained(event: EventContext, before: readonly { counts: RunCounts }[]): Omit<StoredPage, 'ms'> {
  const sum = (what: keyof Omit<StoredPage, 'ms'>) =>
    event.holders.reduce((total, { counts }, i) => total + counts[what] - (before[i]?.counts[what] ?? 0), 0)
  const [inserted, updated, unchanged] = [sum('inserted'), sum('updated'), sum('unchanged')]
  return { inserted, updated, unchanged, removed: sum('removed'), rejected: sum('rejected') }
}

async function store(
  work: PageWork,
  page: ListPage,
  number: number,
  removals: Removals | null,
): Promise<Step | 'foreign'> {
  const { trx, account, event, state, pass } = work
  const { accountId } = account.account
  const { eventId } = event
  await checkFence(trx, accountId, account.fence)
  if (pass.number === 0) pass.number = await beginPass(trx, accountId, eventId)
  if (pass.seenAs === 0) pass.seenAs = pass.number
  const rows = distinctRows(page)
  const proof = { proven: state.finishedPass, ...(pass.withinSweep && { partnerIds: pass.partnerIds }) }
  const { hits, outcome } = await probePage(trx, event, proof, rows)
  if (await looksForeign(work, outcome)) return 'foreign'

  if (number === 1 && pass.walk.page === 0) await takeHead(work, page, rows, outcome)
  const newestFirst = !account.provider.capabilities.modifiedSince
  work.unsorted = newestFirst && pass.kind === 'sweep' && outOfOrder(rows)
  pass.hidden ||= await isHidden(work, rows, outcome)
  await writePage(
    trx,
    event,
    { kind: pass.kind, number: pass.number, proven: state.finishedPass, whole: pass.whole },
    page,
    rows,
    hits,
  )
  if (removals !== null) await storeRemovals(trx, event, pass, removals, rows)
  if (account.provider.capabilities.removedFeed && state.removalsUntil === null)
    state.removalsUntil = await beginRemovals(trx, accountId, eventId, BigInt(page.date) * 1000n)
  const failed = event.holders.filter(({ holder }) => holder.failed).map(({ holder }) => holder.partnerId)
  pass.partnerIds = pass.partnerIds.filter((id) => !failed.includes(id))
  const keys = keysOf(page)
  await listedAgain(trx, event.at, keys)
  const seen = { accountId, eventId, pass: pass.seenAs }
  // Polls mark too while a sweep is under way: what they saw is not absent (A1).
  const marks = pass.kind === 'sweep' || pass.isLook
  const sweeping = marks ? seen : state.pass && { ...seen, pass: state.pass.seenAs }
  const fresh = sweeping ? await markSeen(trx, sweeping, keys) : null
  const cameTwice = marks && fresh !== null && fresh < new Set(keys).size
  pass.jumped ||= !rows.every(outcome.isKnown)
  const bringsNews = pass.kind === 'sweep' && (fresh ?? 0) > 0
  const facts = {
    keys,
    total: isBelieved(account.traits.totalsWrongSince, account) ? null : page.total,
    date: page.date,
    fresh: pass.kind === 'sweep' ? fresh : null,
    // Counting all of a list at each of its pages would be quadratic: a page of new rows needs no count.
    known: pass.walk.page >= LONG_WALK && !bringsNews ? await knownRows(work) : null,
    reachedKnown: newestFirst && pass.kind === 'poll' && reachedKnown(work, page, rows, outcome),
    shifted: pass.kind === 'poll' && hasShifted(pass, account),
    outOfOrder: newestFirst && outOfOrder(rows),
  }
  const doubtful = pass.kind === 'poll' && pass.since === null && pass.walk.page === 0 && page.length === 0
  if (doubtful && (await knownRows(work)) > 0) return { do: 'abandon', because: 'empty_list' }
  const { walk, step: next } = step(pass.walk, facts)
  // A server that clamps the page number repeats its last page; one behind which the list goes on had moved.
  const wasRepeat = marks && pass.walk.repeats > 0 && keys.length > 0
  if ((cameTwice || wasRepeat) && walk.repeats === 0) pass.drifted = true
  pass.walk = walk
  await settle(work, next)
  return next
}

/** A first page that shares no key with an event of more than 20 known rows may be another event's (A3). */
async function looksForeign(work: PageWork, outcome: PageOutcome): Promise<boolean> {
  const { state, pass } = work
  // A list of changes may be all of newcomers.
  if (!outcome.allUnknown || pass.verified || pass.since !== null) return false
  // A first sweep brings nothing but unknown rows; only its first page can be held against rows of before.
  if (state.completeAt === null && pass.walk.page > 0) return false
  return (await knownRows(work)) > 20
}

function knownRows({ trx, event }: PageWork): Promise<number> {
  const partnerIds = event.holders.map((h) => h.holder.partnerId)
  return countLive(trx, event.shape, { eventId: event.eventId, partnerIds, events: event.events })
}

/**
 * Did something change behind a quiet first page? With stamps only a stamp newer than all of page 1 proves that
 * the list is unsorted: an age that grew on a birthday bears its old stamp, and must not turn every poll of the
 * account into a sweep (W9).
 */
async function isHidden(
  { trx, account, event, pass }: PageWork,
  rows: ListRow[],
  outcome: PageOutcome,
): Promise<boolean> {
  if (pass.kind !== 'sweep' || account.provider.capabilities.modifiedSince) return false
  if (!pass.quietHead || pass.walk.page === 0 || outcome.changed.size === 0) return false
  const changed = rows.filter((row) => outcome.changed.has(row.key))
  if (pass.watermark !== null)
    return changed.some((row) => row.stamp !== null && row.stamp > BigInt(pass.watermark ?? 0))
  const [first] = event.holders
  if (first === undefined) return false
  const at = { partnerId: first.holder.partnerId, eventId: event.eventId }
  // What is left out of the stored records is no change.
  const { record } = screenOf(first.holder.keptParts)
  const screened = changed.map((row) => ({ key: row.key, record: record(row.record) }))
  return changedBeyond(trx, event.shape, at, screened, account.provider.capabilities.clockKeys)
}

/** Stores what follows from the page's step: the checkpoint, or the end of a poll. */
async function settle({ trx, account, event, state, pass }: PageWork, next: Step): Promise<void> {
  const { accountId } = account.account
  const { eventId } = event
  pass.savedAt = account.clock.now()
  if (next.do === 'finish') pass.notes = next.notes
  if (pass.kind === 'sweep') {
    if (next.do === 'restart') await forgetSeen(trx, accountId, eventId)
    if (next.do === 'finish') pass.listed = true
    await saveCheckpoint(trx, accountId, eventId, pass)
    await recordPage(trx, account, event)
    return
  }
  if (pass.isLook && next.do === 'restart') {
    await forgetSeen(trx, accountId, eventId)
    pass.drifted = false
  }
  if (next.do === 'finish') {
    // The list is this event's again.
    await supersedeHold(trx, event.at, 'foreign_list')
    await finishPass(trx, accountId, eventId, {
      pass: pass.number,
      kind: 'poll',
      watermark: raise(state.watermark, markOf(pass)),
      began: pass.began,
      head: pass.head,
      complete: false,
      moved: owesLook(pass, state),
      startedAt: pass.startedAt,
      listed: pass.walk.distinct,
    })
    // What a look that was cut off had seen is of no use any more; a sweep under way keeps its own.
    if (pass.isLook || (state.look !== null && state.pass === null)) await forgetSeen(trx, accountId, eventId)
    if (pass.withinSweep) await recordPage(trx, account, event)
    else await closeRuns(trx, account, event, { quietPoll: true, complete: true })
  } else {
    if (pass.isLook) await saveLook(trx, accountId, eventId, pass)
    await recordPage(trx, account, event)
  }
}
