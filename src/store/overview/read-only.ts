import type { PoolClient } from 'pg'
import { StartlistError } from '../../domain/errors.ts'
import { openPool } from '../database.ts'
import { asDatabaseError, sqlState } from '../database-error.ts'

/** One batch of a query's answer. */
export interface QueryBatch {
  /** Names as the query gave them; two may be equal. */
  columns: string[]
  rows: unknown[][]
}

export interface QueryOptions {
  /** Longest run in ms; default 60 000. */
  timeoutMs?: number
  /** Rows per batch; default 1000. */
  batch?: number
}

const READ_ONLY = '25006'
const CANCELLED = '57014'
/** Comments and space that may stand before a statement. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/
/** Statements that a cursor can be declared for. */
const ROWS = /^(?:select|with|values|table|\()/i
const SHOWS = /^(?:explain|show)\b/i

/**
 * Runs one query of a person in batches. The database itself refuses to change anything: the transaction is read
 * only, and the extended protocol takes a single statement, so none can end the transaction and go on.
 *
 * @throws StartlistError `BAD_INPUT` for what PostgreSQL does not understand or may not do
 */
export async function* readOnlyQuery(
  url: string,
  text: string,
  { timeoutMs = 60_000, batch = 1_000 }: QueryOptions = {},
): AsyncGenerator<QueryBatch> {
  const statement = text.replace(LEADING, '').trim()
  if (!ROWS.test(statement) && !SHOWS.test(statement)) {
    throw new StartlistError('BAD_INPUT', 'query takes one statement that reads', {
      hint: 'It begins with SELECT, WITH, VALUES, TABLE, EXPLAIN or SHOW.',
    })
  }
  const pool = openPool(url, { max: 1, statementTimeoutMs: timeoutMs, idleInTransactionMs: 0 })
  try {
    const client = await pool.connect()
    try {
      await run(client, 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
      if (SHOWS.test(statement)) yield await run(client, statement)
      else yield* fetchAll(client, statement, batch)
    } catch (error) {
      throw asQueryError(error, timeoutMs)
    } finally {
      // Closed, not given back: whatever the query set in its session ends with it.
      client.release(true)
    }
  } finally {
    await pool.end()
  }
}

async function* fetchAll(client: PoolClient, statement: string, batch: number): AsyncGenerator<QueryBatch> {
  // On a line of its own, so that a comment at its end hides nothing of ours.
  await run(client, `DECLARE answer NO SCROLL CURSOR FOR\n${statement}`)
  for (let first = true; ; first = false) {
    const found = await run(client, `FETCH ${batch} FROM answer`)
    if (first || found.rows.length > 0) yield found
    if (found.rows.length < batch) return
  }
}

async function run(client: PoolClient, text: string): Promise<QueryBatch> {
  // `queryMode` is missing from the types; without it `pg` would send a text of several statements as it is.
  const query = { text, rowMode: 'array' as const, queryMode: 'extended' }
  const result = await client.query<unknown[]>(query)
  return { columns: result.fields.map((field) => field.name), rows: result.rows }
}

function asQueryError(error: unknown, timeoutMs: number): StartlistError {
  const state = sqlState(error)
  const cause = asDatabaseError(error)
  if (state === READ_ONLY)
    return new StartlistError('BAD_INPUT', 'query only reads: PostgreSQL refused to change anything', {
      cause,
    })
  if (state === CANCELLED) {
    return new StartlistError('DATABASE', `the query took longer than ${timeoutMs / 1_000} s`, {
      cause,
      hint: 'Ask for less, or use psql with the address that startlist config prints.',
    })
  }
  // Syntax, unknown names, wrong types, values that cannot be read: the person's own words.
  if (state !== null && /^(42|22|25|0A)/.test(state)) {
    return new StartlistError('BAD_INPUT', cause.message, {
      cause,
      hint: 'Correct the query and run it again.',
    })
  }
  return cause
}
