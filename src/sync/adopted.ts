import type { StoredRow } from '../domain/row.ts'

/** Rows of the older system until a pass meets them (M5). Pure. */

/** Nothing of startlist's was written to it yet: no hash, no raw data, no mapping. */
export const isUnverified = (row: StoredRow): boolean => row.mapping_version === null

/** A bib of the older system, which did not keep apart whose it was: the provider's, assigned here, or a chip. */
const unclaimedBib = (row: StoredRow): string | null =>
  row.provider_bib === null && row.local_bib === null ? row.bib_number : null

/** What the provider says of a registration's bib. */
export interface BibAnswer {
  /** False while nothing that was read tells of bibs: a list without them, or a value that could not be read. */
  given: boolean
  bib: string | null
  chip: string | null
}

/** The bib that an adopted row goes on with. */
export interface AdoptedBib {
  /** Effective although the provider has not said anything yet. */
  pending: string | null
  /** From now on the local one. */
  local: string | null
}

/**
 * Settles a bib of the older system (D3). It is effective until the provider's first answer. If that has a bib, the bib
 * authority decides between the two; if it has none, the bib was assigned here and stays, as the local one. One that
 * equals the chip was never a bib: the older system took the chip where there was none.
 * @param aside a bib of the same registration and event in a row that the older system wrote beside this one
 */
export function settleBib(
  before: StoredRow | null,
  answer: BibAnswer,
  authority: 'provider' | 'local',
  aside: string | null = null,
): AdoptedBib {
  const bib = before === null ? null : (unclaimedBib(before) ?? aside)
  if (bib === null) return { pending: null, local: null }
  if (!answer.given) return { pending: bib, local: null }
  const isOurs = bib !== answer.chip && bib !== answer.bib && (answer.bib === null || authority === 'local')
  return { pending: null, local: isOurs ? bib : null }
}
