import { cut } from '../../domain/text.ts'
import { STYLE } from './parts.ts'

/** What a cell of a workbook may hold. */
export const MOST_CHARACTERS = 32_767
/** Rows of a sheet, its head included. */
export const MOST_ROWS = 1_048_576

/** Few texts have anything that XML writes in another way. */
const SPECIAL = /[&<>_\p{Cc}\uFFFE\uFFFF]/u
/** What XML 1.0 has no way to write. */
const UNWRITABLE = /(?![\n\t])[\p{Cc}\uFFFE\uFFFF]/gu
/** What spreadsheets read as an escape of their own. */
const LIKE_AN_ESCAPE = /_(?=x[0-9A-Fa-f]{4}_)/g

/** A text in XML: line breaks stay, other control characters become spaces. */
function xmlText(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text
    .replace(/\r\n?/g, '\n')
    .replace(UNWRITABLE, ' ')
    .replace(LIKE_AN_ESCAPE, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** What a cell holds, without its address; null for an empty one. */
export type Cell = { attributes: string; content: string } | null

/**
 * A text as a cell of text: never a formula, never a number, with its zeros. In the cell itself and not in a table of
 * texts, which would have to be held until the end.
 */
export function textCell(text: string, style: number = STYLE.text): Cell {
  if (text === '') return null
  const fitting = text.length > MOST_CHARACTERS ? cut(text, MOST_CHARACTERS / 2) : text
  return {
    attributes: ` t="inlineStr" s="${style}"`,
    content: `<is><t xml:space="preserve">${xmlText(fitting)}</t></is>`,
  }
}

export const numberCell = (value: number): Cell => ({ attributes: '', content: `<v>${value}</v>` })

/** A row with the addresses of its cells: some importers find none without. @param row from 1 up */
export function rowXml(row: number, cells: readonly Cell[]): string {
  let text = `<row r="${row}">`
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]
    if (cell) text += `<c r="${columnName(i + 1)}${row}"${cell.attributes}>${cell.content}</c>`
  }
  return `${text}</row>`
}

const names: string[] = []
/** `A` for 1, `AA` for 27. */
export function columnName(column: number): string {
  const known = names[column]
  if (known !== undefined) return known
  const last = String.fromCharCode(65 + ((column - 1) % 26))
  const name = column > 26 ? columnName(Math.floor((column - 1) / 26)) + last : last
  names[column] = name
  return name
}

const DAY = 86_400_000
/** Days are counted from here; before March 1900 spreadsheets disagree about which day is which. */
const EPOCH = Date.UTC(1899, 11, 30)
const FIRST = Date.UTC(1900, 2, 1)

/** A date that sorts and is shown as the reader's own spreadsheet shows dates. @param date `YYYY-MM-DD` */
export function dateCell(date: string): Cell {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN
  if (!(at >= FIRST)) return textCell(date)
  return { attributes: ` s="${STYLE.date}"`, content: `<v>${(at - EPOCH) / DAY}</v>` }
}
