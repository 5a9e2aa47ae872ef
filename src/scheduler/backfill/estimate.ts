import { effectiveLimit, keptFor, type Limits, WINDOW_MS, type WindowFacts } from '../../quota/window.ts'
import type { BacklogList } from './order.ts'

/** What a backfill has still to ask for, and how long the quota takes. Pure; no size is guessed. */

/** Calls that a list still takes; null where nobody knows how many registrations it has. */
export interface ListCalls {
  /** its end's proof included */
  pages: number | null
  details: number | null
}

/** What a list still takes by what it, or its last sweep, has shown. */
export function callsOf(list: BacklogList, account: { readsDetails: boolean; pageSize: number }): ListCalls {
  if (list.done) return { pages: 0, details: account.readsDetails ? list.ready : 0 }
  if (list.headOwed) return { pages: 1, details: account.readsDetails ? list.ready : 0 }
  const size = list.total ?? list.listed
  if (size === null) return { pages: null, details: account.readsDetails ? null : 0 }
  const rows = Math.max(0, size - list.rows)
  return {
    pages: Math.ceil(rows / (list.pageSize || account.pageSize)) + 1,
    details: account.readsDetails ? rows + list.owed : 0,
  }
}

/** The known part of what lists take, and how many hide theirs. */
export interface Remainder {
  calls: number
  /** lists of unknown size; each takes a call at least, which `calls` counts */
  unknown: number
  /** lists that are not read to the end, or owe details */
  lists: number
}

/** What these lists take together. */
export function remainderOf(
  lists: readonly BacklogList[],
  account: { readsDetails: boolean; pageSize: number },
): Remainder {
  const remainder: Remainder = { calls: 0, unknown: 0, lists: 0 }
  for (const list of lists) {
    if (list.missing) continue
    const { pages, details } = callsOf(list, account)
    if (pages === null) remainder.unknown++
    const calls = pages === null ? 1 + list.ready : pages + (details ?? 0)
    if (calls > 0) remainder.lists++
    remainder.calls += calls
  }
  return remainder
}

/** Calls that a backfill may still make in this hour, reserve and upkeep's share left to others. */
export function callsFree(window: WindowFacts, limits: Limits): number {
  const limit = effectiveLimit(limits, window.observedLimit)
  return Math.max(0, limit - keptFor('backfill', limits, limit, window.upkeep) - window.count)
}

/**
 * When so many calls are made if nobody else makes any: at once while the hour has room, then as calls leave it.
 * @returns ms since the epoch, by the clock of `window`; null when the quota leaves no call at all
 */
export function finishAt(calls: number, window: WindowFacts, limits: Limits): number | null {
  const limit = effectiveLimit(limits, window.observedLimit)
  const room = limit - keptFor('backfill', limits, limit, 0)
  if (calls <= 0) return window.now
  if (room <= 0) return null
  const free = Math.max(0, room - window.count)
  const leaves = [...window.leaves]
  let at = window.now
  // Of whole hours each is like the one before; the rest is played call by call.
  const hours = Math.floor(Math.max(0, calls - room) / room)
  for (let made = 0; made < calls - hours * room; made++) {
    const freed = made < free ? window.now : (leaves[made - free] ?? at)
    at = Math.max(at + (made === 0 ? 0 : limits.minSpacingMs), freed)
    leaves.push(at + WINDOW_MS)
  }
  return at + hours * WINDOW_MS
}
