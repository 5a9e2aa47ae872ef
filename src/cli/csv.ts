import { stringify } from 'csv-stringify/sync'

/** What makes a spreadsheet run a cell as a formula, full-width forms included. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/

/** A text as a cell that no spreadsheet takes for a formula: a name such as `=HYPERLINK(...)` gets an apostrophe. */
export function protectCell(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
}

/** Any value of the database as the text of a cell; null is empty. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** Rows as CSV text, each line ended. */
export function csvLines(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows.map((row) => row.map((value) => protectCell(cellText(value)))))
}
