import { stringify } from 'csv-stringify/sync'
import { canonicalJson } from '../domain/fingerprint.ts'
import { writeDate } from './dates.ts'
import { createEncoder } from './encode.ts'
import type { Entry } from './entry.ts'
import { DELIMITERS, type FormatOptions } from './format.ts'
import { isFormula, protectCell } from './guard.ts'
import { writeSex } from './sex.ts'
import { type Sheet, type SheetPlan, SOURCES } from './sheet.ts'
import type { SourceName } from './sources.ts'

/** Line breaks and other control characters: an importer that reads line by line would find half a runner. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu

/** Text with a delimiter between cells: RFC 4180, and tabs the same way, as spreadsheets save them. */
export function delimitedSheet({ columns, options, tally }: SheetPlan): Sheet {
  const encoder = createEncoder(options.encoding, options.bom)
  const textOf = (cells: string[][]) =>
    stringify(cells, {
      delimiter: DELIMITERS[options.delimiter],
      record_delimiter: '\r\n',
      // A guard for spreadsheets must not be undone by one that trims.
      quoted_match: /^\s|\s$/,
    })
  const cell = (entry: Entry, source: SourceName): string => {
    const text = cellOf(entry, source, options).replace(CONTROLS, ' ')
    if (!isFormula(text)) return text
    tally.formulas++
    return options.formulas === 'guarded' ? protectCell(text) : text
  }
  return {
    head: () => encoder.encode(textOf([columns.map(([head]) => head)])),
    rows(entries) {
      const bytes = encoder.encode(
        textOf(entries.map((entry) => columns.map(([, source]) => cell(entry, source)))),
      )
      tally.replaced = encoder.replaced()
      return bytes
    },
    end: () => new Uint8Array(),
  }
}

/** A value as text, by the options; empty for none. */
function cellOf(entry: Entry, name: SourceName, { sex, dates, blankBib }: FormatOptions): string {
  const source = SOURCES[name]
  const value = source.read(entry) ?? null
  if (source.kind === 'sex') return writeSex(value as string | null, sex)
  if (value === null) return source.kind === 'bib' ? blankBib : ''
  if (source.kind === 'date') return writeDate(String(value), dates)
  return typeof value === 'object' ? canonicalJson(value) : String(value)
}
