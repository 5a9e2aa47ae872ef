import type { CallClass } from '../../domain/account.ts'

/** What a backfill reads next. Pure: it decides by what lists have shown, never by their names. */

/** A list of an account, as far as it has been read. */
export interface BacklogList {
  eventId: string
  /** ms since the epoch; null without a date */
  start: number | null
  /** polling has stopped: only a backfill looks at it */
  over: boolean
  /** the provider does not list it any more (A4) */
  missing: boolean
  /** a finished pass has proven it (W8), and somebody has its rows: else the list is to be read */
  done: boolean
  /** read to the end, while it moved: one look at its head is owed (W1) */
  headOwed: boolean
  /** a timing partner lacks rows that a sibling has: they are copied, without a call (S2) */
  behind: boolean
  /** pages and registrations that the pass under way has read; 0 without one */
  pages: number
  rows: number
  /** registrations in all, as far as the provider said; null where it did not */
  total: number | null
  /** rows a page; null before the first */
  pageSize: number | null
  /** registrations that the last finished sweep listed; null before the first */
  listed: number | null
  /** details that may be read now, and those in backoff as well (F2) */
  ready: number
  owed: number
}

/** What is left out of the choice, and how large is large. */
export interface Choice {
  now: number
  /** a list that shows more registrations is large */
  largeEvent: number
  processLarge: boolean
  /** lists that failed, wait for a person, or brought nothing forward in this run */
  except: ReadonlySet<string>
}

export interface BackfillTask {
  do: 'list' | 'details' | 'level'
  list: BacklogList
  class: CallClass
}

/** Pages of one list that are read before the next list's turn (P2). */
export const PAGES_IN_A_ROW = 4
const DAY = 24 * 3_600_000
const RACE_WEEK = 7 * DAY

/** The best next piece of work; null when nothing is left that may be done. */
export function nextTask(lists: readonly BacklogList[], choice: Choice): BackfillTask | null {
  const open = lists.filter((list) => !list.missing && !choice.except.has(list.eventId))
  const unread = open.filter((list) => !list.done && !isDeferred(list, choice))
  const list = unread.sort(listsFirst(choice))[0]
  // The first pass of a race within a day is its poll (P1).
  if (list) return { do: 'list', list, class: isNear(list, choice.now) ? 'poll' : 'backfill' }
  const behind = open.find((other) => other.behind && other.done)
  if (behind) return { do: 'level', list: behind, class: 'backfill' }
  const owing = open.filter((other) => other.done && other.ready > 0).sort(byUrgency(choice.now))[0]
  return owing ? { do: 'details', list: owing, class: 'backfill' } : null
}

/** Has the list shown more registrations than the threshold? What it has not shown is not guessed. */
export function isLarge(
  { rows, total, listed }: BacklogList,
  { largeEvent }: Pick<Choice, 'largeEvent'>,
): boolean {
  return Math.max(rows, total ?? 0, listed ?? 0) > largeEvent
}

/** Left to `--process-large`. */
export function isDeferred(list: BacklogList, choice: Choice): boolean {
  return !list.done && !choice.processLarge && isLarge(list, choice)
}

/**
 * A few pages of every list and then the next few, so that small ones are done first; large ones one after the other
 * and last, because what waits for more than an hour has a page to read again (W3).
 */
function listsFirst(choice: Choice): (a: BacklogList, b: BacklogList) => number {
  const urgent = byUrgency(choice.now)
  const round = (list: BacklogList) => Math.floor(list.pages / PAGES_IN_A_ROW)
  return (a, b) => {
    const [largeA, largeB] = [isLarge(a, choice), isLarge(b, choice)]
    if (largeA !== largeB) return largeA ? 1 : -1
    if (largeA) return Number(b.pages > 0) - Number(a.pages > 0) || urgent(a, b)
    return round(a) - round(b) || urgent(a, b)
  }
}

/** Race week, upcoming, past, undated; within each the race that is nearest to now. */
function byUrgency(now: number): (a: BacklogList, b: BacklogList) => number {
  const place = ({ start, over }: BacklogList) => {
    if (start === null) return 3
    if (over || start < now - DAY) return 2
    return start - now <= RACE_WEEK ? 0 : 1
  }
  const distance = ({ start }: BacklogList) => Math.abs((start ?? 0) - now)
  return (a, b) => place(a) - place(b) || distance(a) - distance(b) || (a.eventId < b.eventId ? -1 : 1)
}

const isNear = ({ start, over }: BacklogList, now: number): boolean =>
  start !== null && !over && start - now <= DAY
