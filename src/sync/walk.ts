import { createHash } from 'node:crypto'

/**
 * The page walk: what to read next, and when a list has been read to its end. Pure: a page's facts go in, the next
 * step comes out, and the state between is what a checkpoint stores. Rule numbers are those of docs/engine.md.
 */

/** What one page showed. */
export interface PageFacts {
  /** Keys as sent, in order; a keyless record counts under its fingerprint. */
  keys: string[]
  /** Total that the envelope claims, else null. */
  total: number | null
  /** The response's `Date`, ms since the epoch. */
  date: number
  /** Keys of this page that this pass had not seen before; null where nobody counts (polls). */
  fresh: number | null
  /** How many records there are as far as is known; null where nobody counts, before a walk is long. */
  known: number | null
  /** A poll may stop here: everything below is known (W5, W6). */
  reachedKnown: boolean
  /** Somebody left the list while it was read: a poll is read once more (W1). */
  shifted: boolean
  /** Stamps rise somewhere on the page: the list is not sorted newest first (W9). */
  outOfOrder: boolean
}

/** A pass under way: serialisable, since a sweep's is its checkpoint (W3). */
export interface Walk {
  kind: 'poll' | 'sweep'
  /** Highest page read; 0 before the first. */
  page: number
  /** Records on page 1: what the server really gives when asked for `ask`. */
  size: number | null
  /** `per_page` to ask for. */
  ask: number
  /** Digest of the last page's keys, in any order (rows of one stamp may change theirs): a clamping server repeats it. */
  boundary: string | null
  repeats: number
  /** Length of the last page when it was short and not yet confirmed as the end. */
  short: number | null
  firstTotal: number | null
  lastTotal: number | null
  totalsAgree: boolean
  /** Distinct keys seen, rejected ones included. */
  distinct: number
  /** Of these, whom polls beside this walk met before it did: the total may count them or not. */
  beside: number
  /** A page to read again because the total fell (W2). */
  again: number | null
  rereads: number
  restarts: number
  /** The server fills pages unevenly: a short page no longer means that the size changed. */
  ragged: boolean
  /** The pass is read once more: its count disagreed with the total (W2), or rows moved up meanwhile (W1). */
  recounted: boolean
}

export type Step =
  | { do: 'read'; page: number; perPage: number }
  /** Forget what this pass has seen, and begin at page 1 again. */
  | { do: 'restart'; page: 1; perPage: number }
  | { do: 'finish'; notes: WalkNote[] }
  /** A poll met an unsorted list (W9), one without an end, or an empty one where rows are known (A2): a sweep must do its work. */
  | { do: 'abandon'; because: 'out_of_order' | 'empty_list' | 'endless' }
  | { do: 'fail'; because: 'unstable' }

export type WalkNote = 'total_disagrees' | 'ragged_pages'

/** More than this, and the list is not readable: the pass fails and is tried again later. */
const MOST_RESTARTS = 4
const MOST_REREADS = 50
/** Pages after which a walk may be going in circles. */
export const LONG_WALK = 4
/** No server serves fewer rows a page, unless there are no more. */
const SMALLEST_CAP = 10

/** A fresh walk that asks for `ask` records a page. */
export function startWalk(kind: Walk['kind'], ask: number): Walk {
  return {
    kind,
    page: 0,
    size: null,
    ask,
    boundary: null,
    repeats: 0,
    short: null,
    firstTotal: null,
    lastTotal: null,
    totalsAgree: true,
    distinct: 0,
    beside: 0,
    again: null,
    rereads: 0,
    restarts: 0,
    ragged: false,
    recounted: false,
  }
}

/** The page that this walk wants next. */
export function nextPage(walk: Walk): { page: number; perPage: number } {
  return { page: walk.again ?? walk.page + 1, perPage: walk.ask }
}

/** After a long pause the page before the checkpoint is read again: rows may have moved up over it (W3). */
export function resumeWalk(walk: Walk): Walk {
  return walk.page > 0 ? { ...walk, again: walk.page } : walk
}

/** A walk that knows how many keys have been seen by now, by itself and by polls beside it. */
export function withBeside(walk: Walk, seen: number): Walk {
  return { ...walk, distinct: seen, beside: walk.beside + Math.max(0, seen - walk.distinct) }
}

/** Takes in one page and says what follows. */
export function step(walk: Walk, page: PageFacts): { walk: Walk; step: Step } {
  if (walk.kind === 'poll' && page.outOfOrder)
    return { walk, step: { do: 'abandon', because: 'out_of_order' } }
  return walk.again === null ? forward(walk, page) : reread(walk, page)
}

/** A page read for the second time only adds what it shows; the walk then goes on where it was. */
function reread(walk: Walk, page: PageFacts): { walk: Walk; step: Step } {
  const fell = totalFell(walk, page)
  const after = withTotals(withSeen(walk, page), page)
  if (fell && after.rereads < MOST_REREADS) {
    // Removed meanwhile: now a row of the page after the highest one may have moved up into that.
    return reading({ ...after, again: walk.page, rereads: after.rereads + 1 })
  }
  return endsByTotal(after, page) ? finish({ ...after, again: null }) : reading({ ...after, again: null })
}

function forward(before: Walk, page: PageFacts): { walk: Walk; step: Step } {
  const length = page.keys.length
  if (length === 0) return finish(before, page.shifted)

  const boundary = digest(page.keys)
  const repeated = boundary === before.boundary
  if (!repeated && sizeChanged(before, page)) return restart(before)

  const fell = totalFell(before, page)
  const walk: Walk = {
    ...withTotals(withSeen(before, page), page),
    page: before.page + 1,
    size: Math.max(before.size ?? 0, length),
    // Asking for what the server gives keeps offsets right even when its cap rises in mid-pass.
    ask: before.size === null && length < before.ask && isCap(length) ? length : before.ask,
    boundary,
    repeats: repeated ? before.repeats + 1 : 0,
    short: isShort(before, length) ? length : null,
    ragged: before.ragged || (before.page > 1 && before.short !== null && !repeated && length > before.short),
  }

  // A clamping server repeats its last page: once suffices behind a short page, else twice running (W2).
  if (repeated && (before.short !== null || walk.repeats >= 2)) return finish(walk, page.shifted)
  if (walk.kind === 'poll' && page.reachedKnown) return finish(walk)
  if (isEndless(walk, page)) {
    return walk.kind === 'poll' ? { walk, step: { do: 'abandon', because: 'endless' } } : finish(walk)
  }
  if (fell && walk.kind === 'sweep' && walk.page > 1 && walk.rereads < MOST_REREADS) {
    return reading({ ...walk, again: walk.page - 1, rereads: walk.rereads + 1 })
  }
  return endsByTotal(walk, page) ? finish(walk) : reading(walk)
}

/**
 * Twice the pages that all known rows fill, and nothing new: a clamping server that deals rows of one stamp anew at
 * every call repeats no page, and would be read for ever. Pages are taken as they come now, since a cap that fell
 * shows old rows for long; a last page of one row says little of the others.
 */
function isEndless(walk: Walk, page: PageFacts): boolean {
  if (page.known === null || walk.size === null || (page.fresh ?? 0) > 0) return false
  const length = Math.max(page.keys.length, Math.min(walk.size, SMALLEST_CAP))
  return walk.page > LONG_WALK + 2 * Math.ceil(Math.max(page.known, walk.distinct) / length)
}

/**
 * Did the server begin to give another page size? A larger page says so at once. A short page followed by one no
 * longer says so too, unless all of that is drift: rows that this pass has seen already.
 */
function sizeChanged(walk: Walk, page: PageFacts): boolean {
  if (walk.ragged || walk.size === null) return false
  if (page.keys.length > walk.size) return true
  // Page 1 sets the size, so it cannot be short of it; its being short of what was asked proves no change.
  if (walk.page === 1 || walk.short === null || page.keys.length > walk.short) return false
  return page.fresh === null || page.fresh > 0
}

/** Shorter than the server's pages are; on page 1, than what was asked, unless that looks like a cap of the server. */
function isShort(walk: Walk, length: number): boolean {
  return walk.size === null ? length < walk.ask && !isCap(length) : length < walk.size
}

function restart(walk: Walk): { walk: Walk; step: Step } {
  if (walk.restarts >= MOST_RESTARTS) return { walk, step: { do: 'fail', because: 'unstable' } }
  const fresh: Walk = {
    ...startWalk(walk.kind, walk.ask),
    restarts: walk.restarts + 1,
    // A second time for the same reason: the cap did not move, the pages are simply uneven.
    ragged: walk.restarts >= 2,
    recounted: walk.recounted,
  }
  return { walk: fresh, step: { do: 'restart', page: 1, perPage: fresh.ask } }
}

function finish(walk: Walk, shifted = false): { walk: Walk; step: Step } {
  const notes: WalkNote[] = []
  const disagrees = walk.kind === 'sweep' && !countMatches(walk)
  if ((disagrees || (walk.kind === 'poll' && shifted)) && !walk.recounted) {
    const once: Walk = {
      ...startWalk(walk.kind, walk.ask),
      restarts: walk.restarts,
      ragged: walk.ragged,
      recounted: true,
    }
    return { walk: once, step: { do: 'restart', page: 1, perPage: once.ask } }
  }
  if (disagrees) notes.push('total_disagrees')
  if (walk.ragged) notes.push('ragged_pages')
  return { walk, step: { do: 'finish', notes } }
}

/**
 * Registrations and removals during the pass move the total; the count may lie anywhere between (W2). Whom polls met
 * may have come after the last total, or have taken the place of somebody who was seen and is gone.
 */
function countMatches({ firstTotal, lastTotal, distinct, beside }: Walk): boolean {
  if (firstTotal === null || lastTotal === null) return true
  return distinct >= Math.min(firstTotal, lastTotal) && distinct - beside <= Math.max(firstTotal, lastTotal)
}

function reading(walk: Walk): { walk: Walk; step: Step } {
  return { walk, step: { do: 'read', ...nextPage(walk) } }
}

/** A total spares the confirming call only behind a short page: one that is too low would cut the list (W2). */
function endsByTotal(walk: Walk, page: PageFacts): boolean {
  return (
    walk.kind === 'sweep' &&
    page.total !== null &&
    walk.totalsAgree &&
    walk.again === null &&
    walk.short !== null &&
    walk.distinct === page.total
  )
}

function totalFell(walk: Walk, page: PageFacts): boolean {
  return page.total !== null && walk.lastTotal !== null && page.total < walk.lastTotal
}

function withSeen(walk: Walk, page: PageFacts): Walk {
  return { ...walk, distinct: walk.distinct + (page.fresh ?? 0) }
}

function withTotals(walk: Walk, page: PageFacts): Walk {
  const firstTotal = walk.page === 0 ? page.total : walk.firstTotal
  return {
    ...walk,
    firstTotal,
    lastTotal: page.total,
    totalsAgree: walk.totalsAgree && page.total === firstTotal,
  }
}

/** Is a page the one before once more? Behind the end of a list that is all that some servers give. */
export function isRepeat({ boundary }: Walk, keys: readonly string[]): boolean {
  return digest(keys) === boundary
}

function digest(keys: readonly string[]): string {
  return createHash('sha256')
    .update([...keys].sort().join('\n'))
    .digest('base64url')
}

/** Page sizes that servers choose; any other length of page 1 is more likely the whole list. */
function isCap(length: number): boolean {
  return length % 10 === 0 || length % 25 === 0
}
