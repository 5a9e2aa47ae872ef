import { type Kysely, sql } from 'kysely'
import { keyedTables } from '../adoption/keyed-tables.ts'
import { participantsTables } from '../adoption/participants-tables.ts'
import type { PartOf } from '../adoption/shape.ts'
import { targetNames } from '../adoption/target.ts'
import type { Database } from '../schema.ts'
import type { Difference, TableDifference } from './difference.ts'
import { asideOf, futureRows, localBibs } from './rows.ts'

/** What would be lost, and goes only when somebody said that it may. */
export const LOSSES = ['local-bibs', 'statuses', 'forgotten', 'new-tables'] as const
export type Loss = (typeof LOSSES)[number]

/** Something that the legacy tables cannot take. Never a person: keys, and names of tables and columns. */
export interface InTheWay {
  kind:
    | Loss
    | 'held-twice'
    | 'doubled'
    | 'too-long'
    | 'empty'
    | 'parentless'
    | 'sealed'
    | 'running'
    | 'others'
  /** Null where it is about no table. */
  table: string | null
  /** In words, without the keys. */
  what: string
  count: number
  /** Of the first few rows. */
  keys: string[]
}

const FEW = 5

/** The text of it: what, how many, and the first few. */
export function sayInTheWay({ table, what, count, keys }: InTheWay): string {
  const about = table === null ? what : `${table}: ${what}`
  if (keys.length === 0) return count > 1 ? `${about} (${count})` : about
  const more = count > keys.length ? `, ... (${count} in all)` : ''
  return `${about}: ${keys.join(', ')}${more}`
}

/** Counts the rows that the legacy tables could not hold as they were, or not with all that is known of them. */
export async function rowsInTheWay(db: Kysely<Database>, difference: Difference): Promise<InTheWay[]> {
  const found: InTheWay[] = []
  for (const one of difference.tables) {
    found.push(...(await values(db, difference, one)))
    found.push(...(await keys(db, difference, one)))
    found.push(...(await foreignKeys(db, difference, one)))
  }
  found.push(...(await losses(db, difference)))
  return found
}

/** Column names as SQL: they are somebody's, and may be anything. */
const quoted = (names: readonly string[], alias = 'f') =>
  names.map((name) => `${alias}."${name.replaceAll('"', '""')}"`)

/** How a row of a table is named: by its key of then. */
function label({ was }: Difference, table: string): string {
  const key = was.all('constraint', table).find(({ shape }) => shape.type === 'p')?.shape.columns
  const first = was.all('column', table).find(({ shape }) => shape.nth === 1)?.name
  return `concat_ws('/', ${quoted(key ?? (first === undefined ? [] : [first])).join(', ')})`
}

/** @param rows a query with the column `key` */
async function count(db: Kysely<Database>, rows: string): Promise<{ count: number; keys: string[] }> {
  const { rows: found } = await sql<{ count: number; keys: string[] }>`
    SELECT count(*)::int AS count, coalesce((array_agg(key ORDER BY length(key), key) FILTER (WHERE key IS NOT NULL))[1:${sql.lit(FEW)}], '{}') AS keys
    FROM (${sql.raw(rows)}) AS found`.execute(db)
  return found[0]!
}

async function look(
  db: Kysely<Database>,
  about: Pick<InTheWay, 'kind' | 'table' | 'what'>,
  rows: string,
): Promise<InTheWay[]> {
  const found = await count(db, rows)
  return found.count === 0 ? [] : [{ ...about, ...found }]
}

/** What does not fit into a column of then: nothing where something is demanded, and texts that are too long. */
async function values(
  db: Kysely<Database>,
  difference: Difference,
  { table, changed }: TableDifference,
): Promise<InTheWay[]> {
  const checks = changed.flatMap(({ was, now }) => {
    const [name] = quoted([was.name])
    const longest = /^character varying\((\d+)\)$/.exec(was.shape.type)?.[1]
    return [
      ...(was.shape.notNull && !now.shape.notNull
        ? [{ kind: 'empty' as const, what: `${was.name} must not be empty`, is: `${name} IS NULL` }]
        : []),
      ...(longest !== undefined && now.shape.type === 'text'
        ? [
            {
              kind: 'too-long' as const,
              what: `${was.name} holds ${longest} characters`,
              is: `char_length(${name}) > ${longest}`,
            },
          ]
        : []),
    ]
  })
  if (checks.length === 0) return []
  // One walk through a table of millions; the few that are wrong are named by another.
  const { rows } = await sql<{ found: boolean[] }>`
    SELECT ARRAY[${sql.raw(checks.map(({ is }) => `coalesce(bool_or(${is}), false)`).join(', '))}] AS found
    FROM (${sql.raw(futureRows(difference, table))}) AS f`.execute(db)
  const found: InTheWay[] = []
  for (const [i, { kind, what, is }] of checks.entries()) {
    if (!rows[0]!.found[i]) continue
    const query = `SELECT ${label(difference, table)} AS key FROM (${futureRows(difference, table)}) f WHERE ${is}`
    found.push(...(await look(db, { kind, table, what }, query)))
  }
  return found
}

/** Rows that a key of then keeps apart no more. */
async function keys(
  db: Kysely<Database>,
  difference: Difference,
  { table, constraints, indexes }: TableDifference,
): Promise<InTheWay[]> {
  const { was } = difference
  const all = asideOf(difference, table) !== null
  const unique = [
    ...(all ? was.all('constraint', table) : constraints.again)
      .filter(({ shape: { type } }) => type === 'p' || type === 'u')
      .map(({ shape }) => shape.columns),
    ...(all ? was.all('index', table) : indexes.again)
      .filter(({ shape }) => shape.isKey)
      .map(({ shape }) => shape.columns),
  ]
  const isOfEvents = keyedTables.some((one) => one.table === table)
  const found: InTheWay[] = []
  for (const columns of unique) {
    const names = quoted(columns)
    const told = `concat_ws('/', ${names.join(', ')})`
    const holders = `string_agg(coalesce(f.timing_partner_id::text, 'none'), ', ' ORDER BY f.timing_partner_id)`
    const isHeld = isOfEvents && !columns.includes('timing_partner_id')
    const query = `SELECT ${told}${isHeld ? ` || ' (timing partners ' || ${holders} || ')'` : ''} AS key
      FROM (${futureRows(difference, table)}) f WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}
      GROUP BY ${names.join(', ')} HAVING count(*) > 1`
    const about = isHeld
      ? { kind: 'held-twice' as const, what: `${columns.join(', ')} is the key alone, and several hold it` }
      : { kind: 'doubled' as const, what: `(${columns.join(', ')}) is there once only` }
    found.push(...(await look(db, { ...about, table }, query)))
  }
  return found
}

/** Rows that point to one that will not be there. */
async function foreignKeys(
  db: Kysely<Database>,
  difference: Difference,
  { table, constraints }: TableDifference,
): Promise<InTheWay[]> {
  const found: InTheWay[] = []
  for (const { name, shape } of constraints.again) {
    if (shape.type !== 'f') continue
    const target = shape.target!
    const own = quoted(shape.columns)
    const parent = difference.was.hasTable(target) ? futureRows(difference, target) : `TABLE ${target}`
    const theirs = quoted(shape.targetColumns, 'p')
    const query = `SELECT ${label(difference, table)} AS key FROM (${futureRows(difference, table)}) f
      WHERE ${own.map((column) => `${column} IS NOT NULL`).join(' AND ')}
        AND NOT EXISTS (SELECT FROM (${parent}) p WHERE ${theirs.map((column, i) => `${column} = ${own[i]}`).join(' AND ')})`
    const what = `${name} demands a row of ${target}`
    found.push(...(await look(db, { kind: 'parentless', table, what }, query)))
  }
  return found
}

/** What is known of rows that stay, and has no column. */
async function losses(db: Kysely<Database>, difference: Difference): Promise<InTheWay[]> {
  const { was, now } = difference
  const found: InTheWay[] = []
  for (const shape of participantsTables.filter(({ table }) => was.hasTable(table))) {
    const { table } = shape
    const bibs = { kind: 'local-bibs' as const, table, what: 'a local bib, which the scripts write over' }
    found.push(...(await look(db, bibs, `SELECT t.id::text AS key FROM ${localBibs(shape)}`)))
    const gone = {
      kind: 'statuses' as const,
      table,
      what: 'readers would take somebody who left for registered',
    }
    found.push(
      ...(await look(
        db,
        gone,
        `SELECT t.id::text AS key FROM ${table} t WHERE t.registration_status <> 'active'`,
      )),
    )
  }
  const forgotten = { kind: 'forgotten' as const, table: 'forgotten' }
  const what = 'people who were forgotten, and whom the scripts would fetch again'
  found.push(...(await look(db, { ...forgotten, what }, 'SELECT NULL::text AS key FROM forgotten')))
  for (const table of targetNames.filter((name) => !was.hasTable(name) && now.hasTable(name))) {
    const about = { kind: 'new-tables' as const, table, what: 'was not there before, and goes with its rows' }
    found.push(...(await look(db, about, `SELECT NULL::text AS key FROM ${table}`)))
  }
  return found
}

/** Columns that somebody dropped, and policies that would protect nothing. */
export function shapeInTheWay({ tables }: Difference): InTheWay[] {
  const policy = ({ name }: PartOf<'policy'>) => name
  return tables.flatMap(({ table, lost, disarmed }) => [
    ...named(table, 'a column was dropped since', lost),
    ...named(table, 'a policy needs row-level security, which goes', disarmed.map(policy)),
  ])
}

const named = (table: string, what: string, keys: string[]): InTheWay[] =>
  keys.length === 0 ? [] : [{ kind: 'others', table, what, count: keys.length, keys }]
