import { text as readAll } from 'node:stream/consumers'
import { StartlistError } from '../domain/errors.ts'
import { type QueryBatch, readOnlyQuery } from '../store/overview/read-only.ts'
import type { Cli, Command } from './cli.ts'
import { cellText, csvLines } from './csv.ts'
import { withSession } from './session.ts'
import type { Cell } from './table.ts'

export interface QueryOptions {
  /** One statement; `-` reads it from standard input. */
  sql: string
  csv?: boolean
}

/** Runs a query that the database keeps from changing anything. */
export const query: Command<QueryOptions> = async (cli, options) => {
  if (options.csv && cli.out.json) throw new StartlistError('USAGE', 'give --csv or --json, not both')
  const sql = options.sql === '-' ? await readAll(process.stdin) : options.sql
  return withSession(cli, {}, async ({ url }) => {
    let count = 0
    let head = true
    for await (const batch of readOnlyQuery(url, sql)) {
      cli.signal.throwIfAborted()
      await tell(cli, batch, options.csv === true, head)
      head = false
      count += batch.rows.length
    }
    cli.out.note(`${count} ${count === 1 ? 'row' : 'rows'}`)
    return 0
  })
}

async function tell({ out }: Cli, { columns, rows }: QueryBatch, csv: boolean, head: boolean): Promise<void> {
  if (out.json) {
    const names = distinct(columns)
    const line = (row: unknown[]) =>
      JSON.stringify(Object.fromEntries(names.map((name, i) => [name, jsonValue(row[i])])))
    await out.write(rows.map((row) => `${line(row)}\n`).join(''))
  } else if (csv) {
    await out.write(csvLines(head ? [columns, ...rows] : rows))
  } else {
    const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'))
    const shape = columns.map((name, i) => ({
      head: name,
      align: numeric[i] ? ('right' as const) : ('left' as const),
      shrink: true,
      most: Number.POSITIVE_INFINITY,
    }))
    out.table(
      shape,
      rows.map((row): Cell[] => row.map(cellText)),
    )
    // At the reader's pace: lines must not pile up in memory.
    await out.write('')
  }
}

const jsonValue = (value: unknown) => (Buffer.isBuffer(value) ? cellText(value) : value)

/** Names as keys of one object: of two that are equal, the second gets a number. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.map((name) => {
    let key = name
    for (let n = 2; seen.has(key); n++) key = `${name}_${n}`
    seen.add(key)
    return key
  })
}
