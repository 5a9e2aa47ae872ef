import { isNearZoneChange } from '../domain/zone-change.ts'
import type { ListPage, ListRow } from '../providers/provider.ts'
import { beginMarks } from '../store/sync-state.ts'
import type { EventContext } from './context.ts'
import {
  belowHead,
  hasStamps,
  headOf,
  isHead,
  lineOf,
  OVERLAP,
  raise,
  reachedLine,
  resumesHead,
  watermarkOf,
  ZONE_CHANGE_OVERLAP,
} from './line.ts'
import type { PageWork } from './page-work.ts'
import type { Pass } from './pass.ts'
import type { PageOutcome } from './write-page.ts'

/** What a page's rows mean for the marks of its list (W5-W8). */

/** Page 1 decides what the pass will leave behind when it finishes (W6, W7). */
export async function takeHead(
  work: PageWork,
  page: ListPage,
  rows: ListRow[],
  outcome: PageOutcome,
): Promise<void> {
  const { trx, account, event, state, pass } = work
  pass.began = page.date
  pass.listedFrom = page.date
  pass.headAt = account.clock.now()
  offerMarks(work, page, rows)
  pass.quietHead = state.completeAt !== null && rows.length > 0 && rows.every(outcome.isKnown)
  if (pass.kind === 'poll' || state.completeAt !== null) return
  // From its first page on an event can be polled, whenever the sweep ends (W8).
  await beginMarks(trx, event.at.accountId, event.eventId, {
    watermark: raise(state.watermark, markOf(pass)),
    began: pass.began,
    head: pass.head,
  })
}

function offerMarks({ pass, account }: PageWork, page: ListPage, rows: ListRow[]): void {
  if (account.provider.capabilities.modifiedSince) {
    // Whatever bears an earlier stamp was there to be listed; what comes later, the next poll asks for.
    pass.watermark = String(BigInt(page.date) * 1000n)
    return
  }
  const { mark } = watermarkOf(rows, page.date)
  pass.watermark = mark === null ? null : mark.toString()
  pass.head = hasStamps(rows) ? null : headOf(rows)
}

/** The watermark that a pass offers, microseconds; null where page 1 had none. */
export const markOf = ({ watermark }: Pass): bigint | null => (watermark === null ? null : BigInt(watermark))

/** May a poll stop at this page (W5, W6)? */
export function reachedKnown(
  { event, pass, state }: PageWork,
  page: ListPage,
  rows: ListRow[],
  { isKnown }: PageOutcome,
): boolean {
  if (hasStamps(rows)) return reachedLine(page.rows, lineOf(state, overlapOf(event, page)), isKnown)
  const { head } = state
  if (pass.walk.page === 0 && isHead(rows, head)) return rows.every(isKnown)
  pass.belowHead ||= resumesHead(rows, head, pass.metHead)
  pass.metHead = [...new Set([...pass.metHead, ...rows.map((row) => row.key)])].filter((key) =>
    head?.some(([remembered]) => remembered === key),
  )
  return belowHead(rows, head, pass.belowHead, isKnown)
}

/** Where stamps carry no offset, a change of the clocks makes an hour come twice (W5). */
function overlapOf(event: EventContext, page: ListPage): bigint {
  const near =
    page.localStamps && isNearZoneChange(event.timezone ?? 'America/New_York', page.date, 70 * 60_000)
  return near ? ZONE_CHANGE_OVERLAP : OVERLAP
}
