import type { Change, StoredRow } from '../domain/row.ts'
import type { BibList } from '../store/bibs/lists.ts'
import { appendChanges } from '../store/changes.ts'
import type { Trx } from '../store/database.ts'
import { setLocalBibs } from '../store/participants/local-bibs.ts'
import { readToWrite } from '../store/participants/read.ts'
import { participantTable } from '../store/participants/table.ts'
import { freedFirst } from '../sync/bib-order.ts'
import { bibsOf } from '../sync/local-bib.ts'

/** Rows, raw data included, that are in memory at a time. */
const BATCH = 500

/**
 * Writes other bibs of registrations, batch by batch, and their feed entries, in the caller's transaction.
 * @param renumbered a row with its other bib; null leaves it
 * @returns how many were written
 */
export async function renumber(
  trx: Trx,
  { provider, partnerId, listId }: Pick<BibList, 'provider' | 'partnerId' | 'listId'>,
  runId: number | null,
  keys: readonly string[],
  renumbered: (row: StoredRow) => { row: StoredRow; change: Change } | null,
): Promise<number> {
  const shape = participantTable(provider)
  const at = { partnerId, eventId: listId }
  const changes: Change[] = []
  for (let from = 0; from < keys.length; from += BATCH) {
    const { rows } = await readToWrite(trx, shape, at, keys.slice(from, from + BATCH))
    const written = [...rows.values()].map(renumbered).filter((one) => one !== null)
    const bibs = written.map(({ row }) => bibsOf(row))
    await setLocalBibs(trx, shape, at, bibs)
    changes.push(...written.map(({ change }) => change))
  }
  await appendChanges(trx, { provider, ...at }, runId, freedFirst(changes))
  return changes.length
}
