import type { Trx } from '../store/database.ts'
import type { EventContext } from './context.ts'
import { asStored } from './merge.ts'
import { writeRows } from './write-rows.ts'

/** Rows that one statement writes at most: memory must not grow with an event. */
const BATCH = 500

/**
 * Removes registrations softly for every holder, inside the caller's transaction: the row stays, with `removed_at`,
 * the status `removed` and the note, and the feed tells it (A4). Who is removed already, or not stored, is left.
 * @returns how many a holder lost at most
 */
export async function removeRows(
  trx: Trx,
  event: EventContext,
  keys: readonly string[],
  note: string,
): Promise<number> {
  let most = 0
  for (const holder of event.holders) {
    const target = { ...event, holder: holder.holder, runId: await holder.run(trx) }
    let removed = 0
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH)
      const counts = await writeRows(trx, target, batch, (_, before) =>
        before === null || before.removed_at !== null ? null : { ...asStored(before), removal: { note } },
      )
      removed += counts.removed
    }
    holder.counts.removed += removed
    most = Math.max(most, removed)
  }
  return most
}
