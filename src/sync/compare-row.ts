import type { RawParticipant } from '../domain/participant.ts'
import type { StoredRow } from '../domain/row.ts'
import { readRows } from '../store/participants/read.ts'
import type { AccountContext, EventContext, HolderContext } from './context.ts'
import { asStored, merge, type RowSettings } from './merge.ts'

/** A stored row beside what a provider says of it. */

/** One timing partner's row as it stands; null where there is none. */
export async function storedRow(
  { db }: AccountContext,
  { shape, eventId }: EventContext,
  partnerId: number,
  key: string,
): Promise<StoredRow | null> {
  const rows = await db.transaction().execute((trx) => readRows(trx, shape, { partnerId, eventId }, [key]))
  return rows.get(key) ?? null
}

/** By what a holder's rows are computed. */
export const settingsOf = (event: EventContext, { holder }: HolderContext): RowSettings => ({
  ...event.settings,
  raceDay: holder.raceDay,
  bibAuthority: holder.bibAuthority,
})

/** Columns that would change if these words of the provider were mapped now. */
export function changedFields(row: StoredRow, raw: RawParticipant, settings: RowSettings): string[] {
  const { change } = merge(row, { ...asStored(row), raw }, settings)
  return Object.keys(change?.fields ?? {})
}
