import type { ListRow } from '../providers/provider.ts'

/**
 * The line: how far down a newest-first list a poll has to read. Pure. Stamps are microseconds since the epoch,
 * response dates milliseconds. Rule numbers are those of docs/engine.md.
 */

/** What the last finished pass of an event left behind. */
export interface Marks {
  /** The newest stamp that a finished pass has seen. */
  watermark: bigint | null
  /** The response `Date` with which the last finished pass began, ms. */
  finishedBegan: number | null
}

/** How far below the watermark an unsettled poll reads, in microseconds (W5). */
export const OVERLAP = 10_000_000n

/** The same around a change of the clocks, where stamps carry no offset: an hour may come twice, and then some. */
export const ZONE_CHANGE_OVERLAP = 70n * 60_000_000n

/**
 * The stamp at or below which a poll may stop. An event is *settled* when its last finished pass began more than
 * the overlap after its own watermark: whatever bears that stamp was visible by then, so the line is the watermark
 * itself. Until then rows with the same or a slightly older stamp may still turn up.
 */
export function lineOf(marks: Marks, overlap: bigint = OVERLAP): bigint | null {
  if (marks.watermark === null) return null
  const settled =
    marks.finishedBegan !== null && BigInt(marks.finishedBegan) * 1000n > marks.watermark + overlap
  return settled ? marks.watermark : marks.watermark - overlap
}

/** Below the line and all of it known: nothing further down can be news. */
export function reachedLine(
  rows: readonly ListRow[],
  line: bigint | null,
  isKnown: (row: ListRow) => boolean,
): boolean {
  if (line === null) return false
  const stamped = rows.filter((row) => row.stamp !== null)
  const last = stamped.at(-1)
  if (last?.stamp == null || last.stamp > line) return false
  return stamped.every((row) => row.stamp === null || row.stamp > line || isKnown(row))
}

/** First page of the last finished pass, for lists without stamps (W6): `[key, fingerprint in hex]` in order. */
export type Head = [key: string, fingerprint: string][]

/** The head that a first page leaves for the next poll. */
export function headOf(rows: readonly ListRow[]): Head {
  return rows.map((row) => [row.key, row.fingerprint.toString('hex')])
}

/** Page 1 is the head, to the letter: no news (W6). */
export function isHead(rows: readonly ListRow[], head: Head | null): boolean {
  return (
    head !== null &&
    rows.length === head.length &&
    rows.every((row, i) => row.key === head[i]?.[0] && row.fingerprint.toString('hex') === head[i]?.[1])
  )
}

/**
 * Without stamps order is the signal: the last row is known, and the old head's order began again above it (W6).
 * @param resumed on an earlier page, or as {@link resumesHead} says, on this one
 */
export function belowHead(
  rows: readonly ListRow[],
  head: Head | null,
  resumed: boolean,
  isKnown: (row: ListRow) => boolean,
): boolean {
  const last = rows.at(-1)
  if (head === null || last === undefined || !isKnown(last)) return false
  return resumed || resumesHead(rows, head, [])
}

/** So many head rows in their old order at the end of a page are no chance. */
const ENOUGH = 3

/**
 * Does the old order begin on this page? One row of the old head proves nothing: it may have been touched, in a way
 * that the list does not show, together with forty others that now hide a change below them. What was not touched
 * stands together in its old order below all that was: either the rest of the head does (but for rows that were
 * removed, fewer than those), or the page ends amid it.
 * @param met keys of the head that stood on earlier pages
 */
export function resumesHead(rows: readonly ListRow[], head: Head | null, met: readonly string[]): boolean {
  const places = new Map(head?.map(([key], place) => [key, place]))
  const placeOf = (at: number) => places.get(rows[at]?.key ?? '')
  let at = rows.length - 1
  while (at >= 0 && placeOf(at) === undefined) at--
  const bottom = at
  let lowest = Number.POSITIVE_INFINITY
  for (let place = placeOf(at); place !== undefined && place < lowest; place = placeOf(--at)) lowest = place
  const run = bottom - at
  if (run === 0) return false
  const seen = new Set([...met, ...rows.map((row) => row.key)])
  const unmet = [...places].filter(([key]) => !seen.has(key)).map(([, place]) => place)
  if (run > unmet.length) return true
  const lastPlace = placeOf(bottom) ?? 0
  return bottom === rows.length - 1 && run >= ENOUGH && unmet.every((place) => place > lastPlace)
}

/** Does any row carry a readable stamp? A list without them is walked by W6. */
export function hasStamps(rows: readonly ListRow[]): boolean {
  return rows.some((row) => row.stamp !== null)
}

/** Stamps that rise down the page: not sorted newest first (W9). Rows without a stamp say nothing. */
export function outOfOrder(rows: readonly ListRow[]): boolean {
  let previous: bigint | null = null
  for (const { stamp } of rows) {
    if (stamp === null) continue
    if (previous !== null && stamp > previous) return true
    previous = stamp
  }
  return false
}

/**
 * The watermark that a first page offers (W7): its newest stamp that is not later than the response's own `Date`.
 * A stamp of the year 2099 must not hide the real changes below it; passing it over leaves the mark lower, never
 * higher, than the truth. Where every stamp lies in the future the `Date` itself is the mark.
 */
export function watermarkOf(rows: readonly ListRow[], date: number): { mark: bigint | null; future: number } {
  const limit = BigInt(date) * 1000n
  const stamps = rows.map((row) => row.stamp).filter((stamp) => stamp !== null)
  const past = stamps.filter((stamp) => stamp <= limit)
  const future = stamps.length - past.length
  if (stamps.length === 0) return { mark: null, future }
  return {
    mark: past.length > 0 ? past.reduce((newest, stamp) => raise(newest, stamp) ?? stamp) : limit,
    future,
  }
}

/** A watermark never falls (W7). */
export function raise(old: bigint | null, next: bigint | null): bigint | null {
  if (old === null || next === null) return old ?? next
  return next > old ? next : old
}
