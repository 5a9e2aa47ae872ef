import papa from 'papaparse'
import readSheets from 'read-excel-file/node'
import { DELIMITERS, type FormatOptions } from '../../src/export/format.ts'
import { FORMATS, type FormatName } from '../../src/export/formats.ts'

/** Reads files back by parsers that share no code with what wrote them. */

export type Cell = string | number | Date | null
export type Row = Readonly<Record<string, Cell>>

const UTF8_BOM = [0xef, 0xbb, 0xbf]
const UTF16_BOM = [0xff, 0xfe]

/** Rows by the heads of their columns. */
export async function readBack(
  format: FormatName,
  bytes: Buffer,
  options: Partial<FormatOptions> = {},
): Promise<Row[]> {
  const { shape, defaults } = FORMATS[format]
  if (shape === 'json') return (JSON.parse(bytes.toString('utf8')) as { participants: Row[] }).participants
  if (shape === 'xlsx') return rowsOf((await readSheets(bytes))[0]!.data as Cell[][])
  const { delimiter, encoding, bom } = { ...defaults, ...options }
  const start = encoding === 'utf-8' ? UTF8_BOM : UTF16_BOM
  const hasBom = start.every((byte, i) => bytes[i] === byte)
  if (hasBom !== (bom && encoding !== 'windows-1252')) throw new Error(`byte order mark: ${hasBom}`)
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  const parsed = papa.parse<string[]>(text, { delimiter: DELIMITERS[delimiter], newline: '\r\n' })
  if (parsed.errors.length > 0) throw new Error(parsed.errors[0]!.message)
  const last = parsed.data.pop()
  if (last?.length !== 1 || last[0] !== '') throw new Error('the last line has no end')
  return rowsOf(parsed.data)
}

function rowsOf([heads = [], ...rows]: readonly Cell[][]): Row[] {
  return rows.map((cells) => {
    if (cells.length !== heads.length) throw new Error(`${cells.length} cells below ${heads.length} heads`)
    return Object.fromEntries(heads.map((head, i) => [String(head), cells[i] ?? null]))
  })
}
