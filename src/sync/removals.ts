import { removalsLimit } from '../domain/removals-limit.ts'
import type { ListPage, ListRow, RemovedRow } from '../providers/provider.ts'
import type { Trx } from '../store/database.ts'
import { readRows } from '../store/participants/read.ts'
import { type SyncState, saveRemovalsRead } from '../store/sync-state.ts'
import type { AccountContext, EventContext } from './context.ts'
import { asStored, type News } from './merge.ts'
import type { Pass } from './pass.ts'
import { isRepeat } from './walk.ts'
import { keysOf, probePage } from './write-page.ts'
import { writeRows } from './write-rows.ts'

/**
 * The feed of removals, where a provider has one: registrations that are gone, with the reason and what took their
 * place. Whoever moves from one event of a list to another is removed in one and added to the other; both are stored in
 * one transaction, so that no reader meets them twice, or not at all.
 */

/** What the feed said, to be stored beside a page. */
export interface Removals {
  rows: RemovedRow[]
  /** The response `Date` of its first page, ms: what comes later is read next time. */
  date: number
}

/** Between two clocks of one provider, microseconds. */
const SKEW = 10_000_000n
/** A feed that goes on after so many pages repeats itself. */
const MOST_PAGES = 400

/**
 * Reads the feed, where a page calls for it: when it brings somebody who was not listed before, as every transfer does,
 * at the end of a poll of several pages, and otherwise once in a while, for those who are removed and nobody added.
 * @returns null when it need not be read now, or there is none
 */
export async function removalsBeside(
  account: AccountContext,
  event: EventContext,
  state: SyncState<Pass>,
  pass: Pass,
  page: ListPage,
): Promise<Removals | null> {
  // A first sweep has nobody who could have left before it, and reads the feed at its end; polls within it have.
  if (!account.provider.capabilities.removedFeed || (state.completeAt === null && !pass.withinSweep))
    return null
  const isDue = pass.walk.page === 0 ? feedDue(account, event, state) : endsLongPoll(pass, page)
  return (pass.kind === 'poll' && isDue) || (await bringsNewcomers(account, event, page))
    ? readRemovals(account, event, state, pass)
    : null
}

/** Whoever left while several pages were read made those behind move up, one of them perhaps out of sight (W1). */
function endsLongPoll({ walk }: Pass, page: ListPage): boolean {
  if (walk.page === 1 && walk.short !== null) return false
  return page.length === 0 || isRepeat(walk, keysOf(page))
}

function feedDue(
  { clock }: AccountContext,
  { schedule }: EventContext,
  { removalsReadAt }: SyncState<Pass>,
): boolean {
  if (removalsReadAt === null) return true
  return clock.now() - removalsReadAt >= removalsLimit(schedule.start, clock.now())
}

async function bringsNewcomers(
  account: AccountContext,
  event: EventContext,
  page: ListPage,
): Promise<boolean> {
  if (page.rows.length === 0) return false
  const { hits } = await account.db
    .transaction()
    .execute((trx) => probePage(trx, event, { proven: Number.MAX_SAFE_INTEGER }, page.rows))
  return [...hits.values()].some((found) => found.some((hit) => !hit.live))
}

/**
 * Reads the feed down to where it was read last, at first to when the first page was read: who was gone by then is not
 * stored. It ends with a page that has nothing new, never with a short one (W2).
 * @returns null where there is no such feed
 */
export async function readRemovals(
  account: AccountContext,
  event: EventContext,
  state: SyncState<Pass>,
  pass: Pass,
): Promise<Removals | null> {
  const { connection } = account
  if (!account.provider.capabilities.removedFeed || connection.listRemoved === undefined) return null
  const changedSince = state.removalsUntil ?? BigInt(pass.began) * 1000n
  const found = new Map<string, RemovedRow>()
  let date: number | null = null
  for (let page = 1; page <= MOST_PAGES; page++) {
    const request = { page, perPage: connection.askPageSize, events: pass.events, changedSince }
    const answer = await connection.listRemoved(event.eventId, request)
    date ??= answer.date
    const before = found.size
    // One that was removed again later, from another event, is told of twice.
    for (const row of answer.rows) found.set(`${row.eventId} ${row.key}`, row)
    if (found.size === before) break
    account.signal.throwIfAborted()
  }
  return { rows: [...found.values()], date: date ?? pass.began }
}

/**
 * Stores removals beside a page's rows, in its transaction. One whose successor is neither stored nor on the page may
 * have happened after the page was read: it waits for the next pass, which lists both, unless it is so old that the
 * successor would have been listed, and so is in another list.
 */
export async function storeRemovals(
  trx: Trx,
  event: EventContext,
  pass: Pass,
  removals: Removals,
  listed: readonly ListRow[],
): Promise<void> {
  const successors = removals.rows.map(({ successor }) => successor).filter((key) => key !== null)
  const known = new Set(listed.map((row) => row.key))
  const [first] = event.holders
  if (first !== undefined && successors.length > 0) {
    const at = { partnerId: first.holder.partnerId, eventId: event.eventId }
    for (const [key, row] of await readRows(trx, event.shape, at, successors))
      if (row.removed_at === null) known.add(key)
  }
  const wouldBeListed = BigInt(pass.began) * 1000n - SKEW
  const isReady = ({ key, successor, stamp }: RemovedRow) =>
    successor === null ||
    (successor !== key && known.has(successor)) ||
    stamp === null ||
    stamp <= wouldBeListed
  const ready = removals.rows.filter(isReady)
  const waiting = removals.rows.filter((row) => !isReady(row))
  await removeGone(trx, event, ready)
  pass.goneAt = removals.rows.reduce(latest, pass.goneAt)
  const until = waiting.reduce(
    (least, { stamp }) => (stamp !== null && stamp < least ? stamp : least),
    BigInt(removals.date) * 1000n,
  )
  await saveRemovalsRead(trx, event.at.accountId, event.eventId, {
    stamp: until,
    settled: waiting.length === 0,
  })
}

/** A removal without a stamp may have been at any time, and so just now. */
const latest = (at: number | null, { stamp }: RemovedRow): number =>
  Math.max(at ?? 0, stamp === null ? Number.MAX_SAFE_INTEGER : Number(stamp / 1000n))

async function removeGone(trx: Trx, event: EventContext, gone: readonly RemovedRow[]): Promise<void> {
  const byKey = Map.groupBy(gone, (row) => row.key)
  if (byKey.size === 0) return
  for (const holder of event.holders) {
    if (holder.holder.failed) continue
    const at = { partnerId: holder.holder.partnerId, eventId: event.eventId }
    const stored = await readRows(trx, event.shape, at, [...byKey.keys()])
    const news = new Map<string, News>()
    for (const [key, row] of stored) {
      const told = (byKey.get(key) ?? []).find((removal) => removal.eventId === row.event_id)
      // In another event by now, or back after it was removed: the registration is not gone.
      if (told === undefined || (row.removed_at !== null && row.successor === told.successor)) continue
      const isBack =
        told.stamp !== null && row.source_updated_at !== null && told.stamp < row.source_updated_at
      if (isBack && row.removed_at === null) continue
      const list = event.afterRemoval?.(row.raw_data?.list ?? {}, told.record) ?? told.record
      news.set(key, {
        ...asStored(row),
        raw: { list, detail: null },
        sourceUpdatedAt: told.stamp ?? row.source_updated_at,
        removal: { note: 'the provider removed it', keepStatus: true },
      })
    }
    if (news.size === 0) continue
    const target = { ...event, holder: holder.holder, runId: await holder.run(trx) }
    const counts = await writeRows(trx, target, [...news.keys()], (key) => news.get(key) ?? null)
    holder.counts.removed += counts.removed + counts.updated
  }
}
