import type { Entry } from './entry.ts'
import type { FormatColumn, FormatOptions } from './format.ts'
import { type Source, type SourceName, SOURCES as sources } from './sources.ts'
import type { Tally } from './tally.ts'
import type { Contents } from './writer.ts'

export const SOURCES: Readonly<Record<SourceName, Source>> = sources

/** What a file's shape is made from. */
export interface SheetPlan {
  columns: readonly FormatColumn[]
  options: FormatOptions
  contents: Contents
  tally: Tally
}

/** A file of one shape under way: its bytes up to the first row, of some rows, and behind the last. */
export interface Sheet {
  head(): Uint8Array
  rows(entries: readonly Entry[]): Uint8Array
  end(): Uint8Array
}
