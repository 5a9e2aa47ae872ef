import type { AskedLine, LineField, StartListState } from '../domain/start-list.ts'
import { delimitedSheet } from './delimited.ts'
import { ENTRY_FIELDS, type EntryRules, entriesOf } from './entry.ts'
import type { FormatColumn, FormatOptions } from './format.ts'
import { FORMATS, type FormatName } from './formats.ts'
import { jsonSheet } from './json.ts'
import { type Sheet, SOURCES } from './sheet.ts'
import { createTally, type Tally } from './tally.ts'
import { xlsxSheet } from './xlsx/workbook.ts'

/** What a file is about: which part of which list. */
export interface Contents {
  state: StartListState
  which: 'listed' | 'withdrawn'
  /** Only what changed after this position of the feed; null for the whole list. */
  after: number | null
}

/** Writes one file, piece by piece, and never holds more than a piece. */
export interface StartListWriter {
  /** What has to be read for it. */
  fields: readonly LineField[]
  /** Whether those who have left a category have rows of their own among the withdrawn. */
  leavers: boolean
  mediaType: string
  /** The whole file, from all lines of the list. */
  write(lines: AsyncIterable<readonly AskedLine[]>): AsyncGenerator<Uint8Array>
  /** What a person should know of the file; complete when it is written. */
  tally: Tally
}

const MEDIA_TYPES = {
  csv: 'text/csv',
  txt: 'text/plain',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const

/** A writer of one format. */
export function startListWriter(
  name: FormatName,
  options: FormatOptions,
  contents: Contents,
): StartListWriter {
  const { shape, extension, ...format } = FORMATS[name]
  const { state, which } = contents
  const columns: readonly FormatColumn[] = which === 'listed' ? format.columns : format.withdrawn
  const { rows, ids } = options
  const { listId, eventId, provider } = state.event
  const rules: EntryRules = {
    rows,
    namespace: ids === 'namespaced' ? `${provider}-` : '',
    eventId: listId === eventId ? null : eventId,
    which,
  }
  const tally = createTally(rules)
  const make = { delimited: delimitedSheet, json: jsonSheet, xlsx: xlsxSheet }[shape]
  return {
    fields: fieldsOf(columns, options),
    leavers: rows === 'entry',
    mediaType: `${MEDIA_TYPES[extension]}${shape === 'delimited' ? `; charset=${options.encoding}` : ''}`,
    tally,
    async *write(lines) {
      const sheet: Sheet = make({ columns, options, contents, tally })
      yield sheet.head()
      for await (const batch of lines) {
        const entries = batch.flatMap((line) => {
          const made = entriesOf(line, rules)
          tally.count(line, made)
          return made
        })
        const piece = sheet.rows(entries)
        if (piece.length > 0) yield piece
      }
      yield sheet.end()
    },
  }
}

function fieldsOf(columns: readonly FormatColumn[], { rows }: FormatOptions): LineField[] {
  return [
    ...new Set<LineField>([
      ...ENTRY_FIELDS.registration,
      ...(rows === 'entry' ? ENTRY_FIELDS.entry : []),
      'details',
      ...columns.flatMap(([, source]) => SOURCES[source].needs),
    ]),
  ]
}
