import { type BibAuthority, effectiveBib } from '../domain/bib.ts'
import type { Json } from '../domain/json.ts'
import type { Change, StoredRow } from '../domain/row.ts'
import { isUnverified } from './adopted.ts'
import { rowHash } from './merge.ts'

/** A bib that a timing partner gives, or takes back. Pure. */

/** A row with another local bib, and the feed entry that leads to it. */
interface Numbered {
  row: StoredRow
  change: Change
}

/**
 * A row with another local bib: the effective bib follows by the event's authority, and the feed tells of both.
 * @param effective replaces what the authority gives, to restore a bib of the older system (M5)
 * @returns null when it is the local bib already
 */
export function withLocalBib(
  row: StoredRow,
  localBib: string | null,
  authority: BibAuthority,
  effective: string | null = effectiveBib(row.provider_bib, localBib, authority),
): Numbered | null {
  if (row.local_bib === localBib) return null
  const fields: Record<string, [Json, Json]> = {}
  if (row.bib_number !== effective) fields.bib_number = [row.bib_number, effective]
  fields.local_bib = [row.local_bib, localBib]
  return {
    row: { ...row, local_bib: localBib, bib_number: effective },
    change: { key: row.participant_id, change: 'changed', fields, sourceUpdatedAt: null },
  }
}

/** A row with the bib that counts by another authority; null when it is the same one. */
export function withAuthority(row: StoredRow, authority: BibAuthority): Numbered | null {
  const bib = effectiveBib(row.provider_bib, row.local_bib, authority)
  if (row.bib_number === bib) return null
  const fields: Change['fields'] = { bib_number: [row.bib_number, bib] }
  return {
    row: { ...row, bib_number: bib },
    change: { key: row.participant_id, change: 'changed', fields, sourceUpdatedAt: null },
  }
}

/**
 * Takes back a feed entry that tells of a local bib. What the provider said since stays, and decides again with the
 * older local bib.
 * @returns null when the row has another local bib by now
 */
export function revertLocalBib(
  row: StoredRow,
  fields: Readonly<Record<string, readonly [Json, Json]>>,
  authority: BibAuthority,
): Numbered | null {
  const [old, left] = fields.local_bib ?? [null, null]
  if (row.local_bib !== left || (old !== null && typeof old !== 'string')) return null
  const bib = fields.bib_number?.[0] ?? null
  // Of the older system, and nobody's: the provider has not told of bibs yet.
  const isUnclaimed = old === null && row.provider_bib === null && row.detail_of === null
  return isUnclaimed && typeof bib === 'string'
    ? withLocalBib(row, old, authority, bib)
    : withLocalBib(row, old, authority)
}

/** What is written of a row whose local bib changed. A row that startlist never wrote to stays without a hash (M5). */
export const bibsOf = (row: StoredRow) => ({
  key: row.participant_id,
  localBib: row.local_bib,
  bib: row.bib_number,
  rowHash: isUnverified(row) ? null : rowHash(row),
})
