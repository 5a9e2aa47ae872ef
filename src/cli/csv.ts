import { stringify } from 'csv-stringify/sync'
import { protectCell } from '../export/guard.ts'

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
