import { entriesOf, feedRange } from '../../store/audit/feed.ts'
import type { Finding } from '../../store/audit/results.ts'
import type { PartnerEvent } from '../../store/changes.ts'
import { readBatch } from '../../store/participants/read.ts'
import type { EventContext, LaneContext } from '../context.ts'
import { replayFaults } from './replay.ts'

/** An event's change feed, replayed to its rows. No call. */

/** Rows replayed at a time: bounds memory. Each batch reads the event's feed once. */
const BATCH = 2_000

/** What a replay showed. */
export interface FeedResult {
  replayed: number
  findings: Finding[]
}

/**
 * Replays the feed of one timing partner's event: positions without a gap, and every row what its entries tell.
 * @param from replays rows behind this key; from the first when it is empty
 * @param most rows at most
 */
export async function replayFeed(
  { db, signal }: LaneContext & { signal: AbortSignal },
  { shape, eventId }: EventContext,
  event: PartnerEvent,
  { from, most }: { from: string; most: number },
): Promise<FeedResult> {
  const { first, last, entries, counter } = await feedRange(db, event)
  const result: FeedResult = { replayed: 0, findings: [] }
  const isGapless = entries === 0 || (last === counter && entries === last - (first ?? 0) + 1)
  if (!isGapless) result.findings.push({ kind: 'feed', key: '', fields: ['position'] })
  const isWhole = first === 1 || counter === 0
  const at = { partnerId: event.partnerId, eventId }
  for (let after = from; result.replayed < most; ) {
    signal.throwIfAborted()
    const size = Math.min(BATCH, most - result.replayed)
    const rows = await db.transaction().execute((trx) => readBatch(trx, shape, at, after, size))
    const told = Map.groupBy(
      await entriesOf(
        db,
        event,
        rows.map((row) => row.participant_id),
      ),
      (entry) => entry.key,
    )
    for (const row of rows) {
      const key = row.participant_id
      const fields = replayFaults(row, told.get(key) ?? [], { isWhole })
      if (fields.length > 0) result.findings.push({ kind: 'feed', key, fields })
    }
    result.replayed += rows.length
    const end = rows.at(-1)
    if (end === undefined || rows.length < size) break
    after = end.participant_id
  }
  return result
}
