import { StartlistError } from './errors.ts'
import { clean } from './text.ts'

/** Bibs: which of two counts, how one is written, and which belong to an event. Pure. */

/** Whose bib is effective where the provider and the timing partner both have one (D3). */
export type BibAuthority = 'provider' | 'local'

/** The bib that readers see (D3): the provider's when it has one and the event says so, else the local one. */
export function effectiveBib(
  providerBib: string | null,
  localBib: string | null,
  authority: BibAuthority,
): string | null {
  return authority === 'provider' ? (providerBib ?? localBib) : (localBib ?? providerBib)
}

const LONGEST_BIB = 20

/**
 * A bib as a person writes it, trimmed; null when nothing is written, undefined when that is no bib. Zeros at its
 * beginning stay: what stands on the paper counts.
 */
export function readBib(text: string): string | null | undefined {
  const bib = clean(text)
  return bib === null || bib.length <= LONGEST_BIB ? bib : undefined
}

/** Bibs from one to another, both included, with the same letters before their numbers. */
export interface BibRange {
  prefix: string
  from: number
  to: number
}

const RANGE = /^([\p{L}-]*?)(\d{1,9})(?:\s*[-\u2013]\s*([\p{L}-]*?)(\d{1,9}))?$/u
const NUMBERED = /^(\D*)(\d{1,9})$/

/**
 * Reads ranges such as `1-999, 2000-2999, E1-E50`.
 * @throws StartlistError BAD_INPUT
 */
export function readBibRanges(text: string): BibRange[] {
  return text.split(',').map((part) => {
    const [, prefix = '', from, otherPrefix, to] = RANGE.exec(part.trim()) ?? []
    const range = { prefix, from: Number(from), to: Number(to ?? from) }
    const isSame = otherPrefix === undefined || otherPrefix === '' || fold(otherPrefix) === fold(prefix)
    if (from !== undefined && isSame && range.from <= range.to) return range
    throw new StartlistError('BAD_INPUT', `"${part.trim()}" is no range of bibs`, {
      hint: 'Give them such as 1-999,2000-2999 or E1-E50, or any for no range.',
    })
  })
}

/** Ranges as {@link readBibRanges} reads them. */
export function bibRangesText(ranges: readonly BibRange[]): string {
  return ranges
    .map(({ prefix, from, to }) => (from === to ? `${prefix}${from}` : `${prefix}${from}-${prefix}${to}`))
    .join(',')
}

/** Whether a bib lies in one of the ranges; zeros before the number, and the case of letters, do not matter. */
export function isInRanges(bib: string, ranges: readonly BibRange[]): boolean {
  const [, prefix, digits] = NUMBERED.exec(bib) ?? []
  if (prefix === undefined) return false
  const number = Number(digits)
  return ranges.some(
    (range) => fold(range.prefix) === fold(prefix) && number >= range.from && number <= range.to,
  )
}

const fold = (text: string) => text.toLowerCase()
