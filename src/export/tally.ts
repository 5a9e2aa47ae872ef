import type { AskedLine } from '../domain/start-list.ts'
import type { Entry, EntryRules } from './entry.ts'
import { sexOf } from './sex.ts'

/** What a person should know of a file, counted while it is written. */
export interface Tally {
  rows: number
  /** Rows without a bib, of registrations whose detail has been read. */
  withoutBib: number
  /** Registrations whose detail, and so their bib, has not been read. */
  pending: number
  /** Registrations with a word for their sex that no vocabulary has, or none. */
  withoutSex: number
  /** Registrations in several categories, of which the file shows the first. */
  several: number
  /** Registrations without a row, because their categories are not known. */
  unentered: number
  /** Cells that a spreadsheet would run as a formula. */
  formulas: number
  /** Characters that the encoding does not have. */
  replaced: number
  /** Cells that were longer than a workbook takes. */
  cut: number
  count(line: AskedLine, entries: readonly Entry[]): void
}

export function createTally({ rows, which }: EntryRules): Tally {
  return {
    ...{ rows: 0, withoutBib: 0, pending: 0, withoutSex: 0, several: 0, unentered: 0 },
    ...{ formulas: 0, replaced: 0, cut: 0 },
    count(line, entries) {
      this.rows += entries.length
      if (which === 'withdrawn') return
      const isPending = line.details === 'pending'
      if (isPending) this.pending++
      else this.withoutBib += entries.filter(({ bib }) => bib === null).length
      if ('gender' in line && sexOf(line.gender) === null) this.withoutSex++
      if (entries.length === 0) this.unentered++
      if (rows === 'registration' && (line.categories?.filter(({ left }) => !left).length ?? 0) > 1)
        this.several++
    },
  }
}

const people = (count: number) => (count === 1 ? '1 registration' : `${count} registrations`)

/** What the tally comes to, a sentence each, for the reader of the file. */
export function remarksOf(tally: Tally, formulas: 'exact' | 'guarded'): string[] {
  const { pending, withoutBib, withoutSex, several, unentered, replaced, cut } = tally
  const remarks: [number, string][] = [
    [pending, `The details of ${people(pending)} are pending: their bibs are not known yet.`],
    [withoutBib, `${withoutBib} rows have no bib.`],
    [withoutSex, `${people(withoutSex)} say no sex that can be written.`],
    [
      several,
      `${people(several)} have several categories, and the file shows the first: --rows entry gives each a row.`,
    ],
    [
      unentered,
      `${people(unentered)} have no row, since their categories are not known yet: --rows registration shows them.`,
    ],
    [
      tally.formulas,
      formulas === 'guarded'
        ? `${tally.formulas} cells got an apostrophe, or a spreadsheet would run them as formulas.`
        : `${tally.formulas} cells would run as formulas in a spreadsheet: open this file in none, or give --formulas guarded.`,
    ],
    [replaced, `${replaced} characters are not in the encoding, and were replaced.`],
    [cut, `${cut} cells are longer than a workbook takes, and were cut.`],
  ]
  return remarks.flatMap(([count, text]) => (count > 0 ? [text] : []))
}
