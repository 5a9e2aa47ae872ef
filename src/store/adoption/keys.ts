import { alone, type Statement, statement, together, type Unit } from '../steps/unit.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'
import { buildIndex } from './engine-columns.ts'
import { singleHolders } from './holder.ts'
import { type KeyedTable, keyedTablesIn } from './keyed-tables.ts'
import { noting } from './record.ts'
import { identifier } from './views.ts'

/** Rows without a timing partner, by table. */
export type Nameless = ReadonlyMap<string, number>

/**
 * Gives the tables of events and races the key (timing_partner_id, id) (M3). Whoever has no timing partner gets the
 * single holder, or moves to a table of its own. The foreign keys by the id alone go with the old key: until the new
 * ones stand, a step later, nothing but the scripts' own care keeps a participant to its event.
 */
export function adoptKeys(catalogue: Catalogue, nameless: Nameless): Unit[] {
  return keyedTablesIn(catalogue).flatMap((keyed) => {
    const table = catalogue.tables.get(keyed.table)!
    if (hasNewKey(table, keyed)) return []
    const index = `${keyed.table}_partner_key`
    const sql = `CREATE UNIQUE INDEX CONCURRENTLY ${index} ON ${keyed.table} (timing_partner_id, ${keyed.key})`
    return [
      ...(nameless.get(keyed.table) ? [assign(keyed, nameless.get(keyed.table)!)] : []),
      ...buildIndex(table, index, sql),
      swap(catalogue, keyed, table, index),
    ]
  })
}

function hasNewKey(table: CatalogueTable, { key }: KeyedTable): boolean {
  return table.constraints.some(
    ({ kind, columns }) =>
      kind === 'primary' && columns.includes('timing_partner_id') && columns.includes(key),
  )
}

function assign(keyed: KeyedTable, rows: number): Unit {
  const { table, key } = keyed
  return alone(
    `timing partners of ${table}`,
    statement(
      `WITH assigned AS (
    UPDATE ${table} e SET timing_partner_id = h.partner FROM (
  ${singleHolders(keyed)}) h
    WHERE e.${key} = h.key AND e.timing_partner_id IS NULL RETURNING e.${key}, e.timing_partner_id
  )
  ${noting(table, 'partner', 'assigned', { id: key, partner: 'timing_partner_id' })}`,
      rows,
    ),
  )
}

/** Children first: a script that inserts a participant locks in the same order, and none waits for another in a circle. */
function swap(catalogue: Catalogue, keyed: KeyedTable, table: CatalogueTable, index: string): Unit {
  const { table: name, key, children } = keyed
  const old = table.constraints.find(({ kind }) => kind === 'primary')
  const lock = [...children.map((child) => child.table), name].join(', ')
  return together(`key of ${name}`, [
    statement(`LOCK TABLE ${lock} IN ACCESS EXCLUSIVE MODE`),
    ...children.flatMap((child) => dropForeignKeys(catalogue.tables.get(child.table)!, name)),
    ...setAside(keyed),
    ...(old === undefined ? [] : [statement(`ALTER TABLE ${name} DROP CONSTRAINT ${identifier(old.name)}`)]),
    statement(
      `ALTER TABLE ${name} ADD CONSTRAINT ${name}_pkey PRIMARY KEY USING INDEX ${index}`,
      table.estimate,
    ),
    // Readers still look events up by their id alone.
    statement(`CREATE INDEX IF NOT EXISTS ${name}_${key} ON ${name} (${key})`, table.estimate),
  ])
}

function dropForeignKeys(child: CatalogueTable, parent: string): Statement[] {
  return child.constraints
    .filter(({ target }) => target?.table === parent && !target.columns.includes('timing_partner_id'))
    .map(({ name }) => statement(`ALTER TABLE ${child.name} DROP CONSTRAINT ${identifier(name)}`))
}

/** A row nobody holds cannot have the new key. It is kept whole, and shown by `doctor`. */
function setAside({ table, unassigned }: KeyedTable): Statement[] {
  return [
    statement(`CREATE TABLE IF NOT EXISTS ${unassigned} (LIKE ${table})`),
    statement(`ALTER TABLE ${unassigned} ALTER COLUMN timing_partner_id DROP NOT NULL`),
    statement(`WITH moved AS (DELETE FROM ${table} WHERE timing_partner_id IS NULL RETURNING *)
  INSERT INTO ${unassigned} SELECT * FROM moved`),
  ]
}
