import { stripVTControlCharacters, type styleText } from 'node:util'

/** What `styleText` takes: a colour or a weight. */
export type Style = Parameters<typeof styleText>[0]

/** A cell: its text, and how it is painted where there is colour. */
export type Cell = string | { text: string; style: Style }

export interface Column {
  head: string
  align?: 'left' | 'right'
  /** Gives way, down to `least` characters, when the table is wider than the terminal. */
  shrink?: boolean
  least?: number
  /** Never wider than this, however wide the terminal is; default 60 for those that may shrink. */
  most?: number
  /** Left out when no row has anything in it. */
  optional?: boolean
  /** Left out where the terminal is too narrow for all, lowest number first. */
  drop?: number
}

export interface TableOptions {
  /** Columns of the terminal; `Infinity` where lines may be as long as they like. */
  width?: number
  paint?: (style: Style, text: string) => string
}

const GAP = '  '
const LEAST = 8
const MOST = 60
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u
const ZERO = /^[\p{M}\p{Cf}]$/u

/** A text fit for one line of a terminal: no escape sequence, no control character of a provider's gets through. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** The same with every run of white space as one space, for sentences. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim()
}

/** How many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** The text cut to `width` columns, with an ellipsis where something is missing. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    used += displayWidth(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept}…`
}

/** The lines of a table: a head and the rows, columns aligned, nothing behind the last character. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width = Number.POSITIVE_INFINITY, paint = (_, text) => text }: TableOptions = {},
): string[] {
  const clean = rows.map((row) =>
    row.map((cell) => ({ text: printable(textOf(cell)).trimEnd(), style: styleOf(cell) })),
  )
  const shown = columns.map(
    (column, i) => !column.optional || clean.some((row) => (row[i]?.text ?? '') !== ''),
  )
  const fitting = fittingOf(columns, clean, shown, width)
  const keep = <T>(items: readonly T[]) => items.filter((_, i) => fitting[i])
  const kept = keep(columns)
  const body = clean.map((row) => keep(row))
  const widths = widthsOf(kept, body, width)
  const head = kept.map((column) => ({ text: column.head, style: 'bold' as Style | null }))
  return [head, ...body].map((row) =>
    kept
      .map((column, i) => {
        const last = i === kept.length - 1
        const { text, style } = row[i] ?? { text: '', style: null }
        const cut = shorten(text, widths[i]!)
        const blank = ' '.repeat(widths[i]! - displayWidth(cut))
        const painted = style === null || cut === '' ? cut : paint(style, cut)
        return column.align === 'right' ? blank + painted : last ? painted : painted + blank
      })
      .join(GAP)
      .trimEnd(),
  )
}

/** Leaves out what may be dropped, the least important first, until the rest fits. */
function fittingOf(
  columns: readonly Column[],
  rows: readonly { text: string }[][],
  shown: readonly boolean[],
  width: number,
): boolean[] {
  const fitting = [...shown]
  const droppable = columns
    .map(({ drop }, i) => ({ drop, i }))
    .filter(
      (column): column is { drop: number; i: number } =>
        column.drop !== undefined && shown[column.i] === true,
    )
    .sort((a, b) => a.drop - b.drop)
  for (const { i } of droppable) {
    const kept = columns.filter((_, at) => fitting[at])
    const widths = widthsOf(
      kept,
      rows.map((row) => row.filter((_, at) => fitting[at])),
      width,
    )
    if (totalOf(widths) <= width) break
    fitting[i] = false
  }
  return fitting
}

const totalOf = (widths: readonly number[]) =>
  widths.reduce((sum, w) => sum + w, 0) + GAP.length * (widths.length - 1)

function widthsOf(columns: readonly Column[], rows: readonly { text: string }[][], width: number): number[] {
  const widths = columns.map((column, i) => {
    const most = column.most ?? (column.shrink ? MOST : Number.POSITIVE_INFINITY)
    const content = rows.reduce((widest, row) => Math.max(widest, displayWidth(row[i]?.text ?? '')), 0)
    return Math.max(displayWidth(column.head), Math.min(content, most))
  })
  let over = totalOf(widths) - width
  while (over > 0) {
    // The widest of those that may shrink gives way, a character at a time, so that they end up even.
    const widest = columns.reduce(
      (best, column, i) =>
        column.shrink && widths[i]! > (column.least ?? LEAST) && (best < 0 || widths[i]! > widths[best]!)
          ? i
          : best,
      -1,
    )
    if (widest < 0) break
    widths[widest]!--
    over--
  }
  return widths
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)
const styleOf = (cell: Cell): Style | null => (typeof cell === 'string' ? null : cell.style)
