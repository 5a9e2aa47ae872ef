import { alone, type Statement, statement, type Unit } from '../steps/unit.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'
import { type Child, type KeyedTable, keyedTablesIn } from './keyed-tables.ts'
import { noting } from './record.ts'
import { identifier } from './views.ts'

/** Distinct rows that a parent lacks, by `parent child`. */
export type Lacking = ReadonlyMap<string, number>

export const lackingKey = (parent: KeyedTable, child: Child): string => `${parent.table} ${child.table}`

/**
 * Every participant gets its own partner's event, and foreign keys that say so (M3). Where a partner has participants
 * and no event, the event is copied from another partner; where nobody has it any more, a row with nothing but its id
 * takes its place. The foreign key binds new rows first; what came in before it is copied then, and proven last.
 */
export function adoptForeignKeys(catalogue: Catalogue, lacking: Lacking): Unit[] {
  return keyedTablesIn(catalogue).flatMap((parent) =>
    parent.children.flatMap((child) => {
      const table = catalogue.tables.get(child.table)!
      const there = newForeignKey(table, parent)
      if (there?.validated) return []
      const rows = lacking.get(lackingKey(parent, child)) ?? null
      const name = there?.name ?? `${child.table}_timing_partner_id_${parent.key}_fkey`
      const bind = `ALTER TABLE ${child.table} ADD CONSTRAINT ${name} FOREIGN KEY (timing_partner_id, ${parent.key})
  REFERENCES ${parent.table} (timing_partner_id, ${parent.key}) ON DELETE CASCADE NOT VALID`
      const validate = `ALTER TABLE ${child.table} VALIDATE CONSTRAINT ${identifier(name)}`
      const copy = () => copyMissing(catalogue, parent, child, rows)
      return [
        alone(`rows that ${parent.table} lacks`, copy()),
        ...(there
          ? []
          : [alone(`foreign key ${name}`, statement(bind)), alone('rows that came meanwhile', copy())]),
        alone(`prove ${name}`, statement(validate, table.estimate)),
      ]
    }),
  )
}

function newForeignKey(child: CatalogueTable, { table, key }: KeyedTable) {
  return child.constraints.find(
    ({ target }) =>
      target?.table === table && target.columns.includes('timing_partner_id') && target.columns.includes(key),
  )
}

/** The pairs of partner and id that children have and the parent lacks. */
export function lackingPairs({ table, key }: KeyedTable, child: Child): string {
  return `SELECT c.timing_partner_id, c.${key}${child.tells.map((name) => `, min(c.${name}) AS ${name}`).join('')}
    FROM ${child.table} c
    WHERE c.timing_partner_id IS NOT NULL AND c.${key} IS NOT NULL
      AND NOT EXISTS (SELECT FROM ${table} e WHERE e.timing_partner_id = c.timing_partner_id AND e.${key} = c.${key})
    GROUP BY 1, 2`
}

function copyMissing(catalogue: Catalogue, parent: KeyedTable, child: Child, rows: number | null): Statement {
  const { table, key, unassigned } = parent
  const told = new Set(['timing_partner_id', key, ...child.tells])
  const copied = [...catalogue.tables.get(table)!.columns.keys()].filter((name) => !told.has(name))
  const list = copied.join(', ')
  const named = ['timing_partner_id', key, ...child.tells].map((name) => `l.${name}`).join(', ')
  // The row that was fetched last knows best.
  return statement(
    `WITH lacking AS (
    ${lackingPairs(parent, child)}
  ), known AS (
    SELECT ${key}, ${list} FROM ${table} UNION ALL SELECT ${key}, ${list} FROM ${unassigned}
  ), best AS (
    SELECT DISTINCT ON (${key}) * FROM known WHERE ${key} IN (SELECT ${key} FROM lacking)
    ORDER BY ${key}, fetched_date DESC NULLS LAST
  ), made AS (
    INSERT INTO ${table} (${[...told].join(', ')}, ${list})
    SELECT ${named}, ${copied.map((name) => `b.${name}`).join(', ')} FROM lacking l LEFT JOIN best b ON b.${key} = l.${key}
    ON CONFLICT DO NOTHING RETURNING timing_partner_id, ${key}
  )
  ${noting(table, 'made', 'made', { id: key, partner: 'timing_partner_id' })}`,
    rows,
  )
}
