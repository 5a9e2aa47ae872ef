import { StartlistError } from '../../domain/errors.ts'
import { canonicalJson } from '../../domain/fingerprint.ts'
import type { Entry } from '../entry.ts'
import type { FormatColumn } from '../format.ts'
import { writeSex } from '../sex.ts'
import { type Sheet, type SheetPlan, SOURCES } from '../sheet.ts'
import type { Contents } from '../writer.ts'
import {
  type Cell,
  columnName,
  dateCell,
  MOST_CHARACTERS,
  MOST_ROWS,
  numberCell,
  rowXml,
  textCell,
} from './cells.ts'
import { PARTS, SHEETS, STYLE, sheetXml } from './parts.ts'
import { createZip } from './zip.ts'

/** A workbook: the start list with its head in place, and a sheet that says what it is and how complete it is. */
export function xlsxSheet({ columns, contents, tally, options }: SheetPlan): Sheet {
  const zip = createZip()
  let rows = 1
  return {
    head() {
      for (const [name, xml] of Object.entries(PARTS)) {
        zip.entry(name)
        zip.push(xml)
      }
      zip.entry(SHEETS.about)
      zip.push(aboutXml(contents))
      zip.entry(SHEETS.list)
      zip.push(sheetXml(layout(columns)))
      zip.push(
        rowXml(
          1,
          columns.map(([head]) => textCell(head, STYLE.head)),
        ),
      )
      return zip.take()
    },
    rows(entries) {
      if (rows + entries.length > MOST_ROWS) {
        throw new StartlistError('BAD_INPUT', `a workbook has no room for more than ${MOST_ROWS} rows`, {
          hint: 'Export it as csv.',
        })
      }
      zip.push(
        entries
          .map((entry) =>
            rowXml(
              ++rows,
              columns.map((column) => cellOf(entry, column)),
            ),
          )
          .join(''),
      )
      return zip.take()
    },
    end() {
      const all = `A1:${columnName(columns.length)}${rows}`
      // Without it a corner of every bib cell says that the number is text: it is meant to be.
      zip.push(
        `</sheetData><autoFilter ref="${all}"/><ignoredErrors><ignoredError sqref="${all}" numberStoredAsText="1"/></ignoredErrors></worksheet>`,
      )
      zip.end()
      return zip.take()
    },
  }

  function cellOf(entry: Entry, [, name]: FormatColumn): Cell {
    const { kind, read } = SOURCES[name]
    const value = read(entry) ?? null
    if (kind === 'sex') return textCell(writeSex(value as string | null, options.sex))
    if (value === null) return textCell(kind === 'bib' ? options.blankBib : '')
    if (typeof value === 'number') return numberCell(value)
    if (kind === 'date') return dateCell(String(value))
    const text = typeof value === 'object' ? canonicalJson(value) : String(value)
    if (text.length > MOST_CHARACTERS) tally.cut++
    return textCell(text)
  }
}

function layout(columns: readonly FormatColumn[]): string {
  const widths = columns.map(
    ([head], i) =>
      `<col min="${i + 1}" max="${i + 1}" width="${Math.max(10, head.length + 4)}" customWidth="1"/>`,
  )
  return `<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`
}

function aboutXml({ state, which, after }: Contents): string {
  const { event, at, position, registrations, pending, bibsAsOf } = state
  const facts: [string, string][] = [
    ['Event', event.name],
    ['Event id', `${event.provider} ${event.eventId}`],
    ['Starts', event.startsAt ?? event.startDay ?? 'unknown'],
    ['Time zone', event.timezone ?? 'unknown'],
    ['Rows', which === 'listed' ? 'who is on the start list' : 'who was withdrawn'],
    ['Changed after feed position', after === null ? 'all' : String(after)],
    ['Up to feed position', String(position)],
    ['As it stood at', at],
    ['Registrations', String(registrations)],
    ['Details pending', String(pending)],
    ['Bibs as of', bibsAsOf ?? 'unknown'],
  ]
  const rows = facts.map(([name, value], i) => rowXml(i + 1, [textCell(name, STYLE.head), textCell(value)]))
  return sheetXml(
    `<cols><col min="1" max="1" width="30" customWidth="1"/><col min="2" max="2" width="40" customWidth="1"/></cols><sheetData>${rows.join('')}</sheetData></worksheet>`,
  )
}
