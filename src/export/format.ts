import type { DateOrder } from './dates.ts'
import type { Encoding } from './encode.ts'
import type { Rows } from './entry.ts'
import type { SexVocabulary } from './sex.ts'
import type { SourceName } from './sources.ts'

/** A column: how its head is worded, and what stands in it. */
export type FormatColumn = readonly [head: string, source: SourceName]

/** What can be set for a format, and is by default what its importer wants. */
export interface FormatOptions {
  delimiter: Delimiter
  encoding: Encoding
  bom: boolean
  dates: DateOrder
  sex: SexVocabulary
  rows: Rows
  /** `exact`: a program reads the file. `guarded`: a spreadsheet opens it, and must not run a cell. */
  formulas: 'exact' | 'guarded'
  /** What stands for a bib that nobody gave yet. */
  blankBib: string
  /** `namespaced`: with the provider's name before it, for lists of several providers in one race. */
  ids: 'plain' | 'namespaced'
}

export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const
export type Delimiter = keyof typeof DELIMITERS

/** One file format: all that tells it from the others. */
export interface Format {
  /** Who reads it, for people. */
  title: string
  shape: 'delimited' | 'json' | 'xlsx'
  extension: 'csv' | 'txt' | 'json' | 'xlsx'
  columns: readonly FormatColumn[]
  /** Of the file of those who are withdrawn: no more than finds them and says why. */
  withdrawn: readonly FormatColumn[]
  defaults: FormatOptions
}

/** What most importers want. */
export const DEFAULTS: FormatOptions = {
  delimiter: 'comma',
  encoding: 'utf-8',
  bom: false,
  dates: 'ymd',
  sex: 'M/F/X',
  rows: 'registration',
  formulas: 'exact',
  blankBib: '',
  ids: 'plain',
}
