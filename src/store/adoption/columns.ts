import { type Statement, statement, together, type Unit } from '../steps/unit.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'
import { engineColumns } from './engine-columns.ts'
import { actualName, respell } from './spelling.ts'
import { type TargetTable, targetTables } from './target.ts'
import { dropViews, isKnownView, makeAgain, type SavedView } from './views.ts'

/**
 * Brings the columns of the legacy tables to the names and types that this release reads. Nothing here rewrites a table
 * or reads it through: varchar and text are stored alike, and a new column of an old row is empty. A transaction a
 * table, so that no two tables are locked for longer than each needs.
 */
export function adoptColumns(catalogue: Catalogue, views: readonly SavedView[]): Unit[] {
  return targetTables.flatMap((target) => {
    const table = catalogue.tables.get(target.name)
    if (table === undefined) return []
    const changes = columnChanges(table, target)
    if (changes.length === 0) return []
    const retyped = new Set(retypedColumns(table, target))
    // A view of the whole row, or of several tables, is found by any of its columns.
    const seen = new Set(
      catalogue.dependents
        .filter(({ kind, name, column }) => kind === 'view' && isKnownView(name) && retyped.has(column))
        .filter((one) => one.table === table.name)
        .map(({ name }) => name),
    )
    const affected = views.filter(({ name }) => seen.has(name))
    return together(`columns of ${table.name}`, [
      statement(
        `LOCK TABLE ${lockOrder(catalogue, table.name, retyped).join(', ')} IN ACCESS EXCLUSIVE MODE`,
      ),
      ...dropViews(affected),
      ...changes,
      ...affected.flatMap(makeAgain),
    ])
  })
}

/** Tables whose foreign keys PostgreSQL makes anew come before: who inserts a row locks it before what it points to. */
function lockOrder({ tables }: Catalogue, name: string, retyped: ReadonlySet<string>): string[] {
  const pointsHere = (table: CatalogueTable) =>
    table.constraints.some(
      ({ target }) => target?.table === name && target.columns.some((column) => retyped.has(column)),
    )
  const children = targetTables
    .map((target) => tables.get(target.name))
    .filter((table) => table !== undefined)
  return [
    ...children
      .filter(pointsHere)
      .map((child) => child.name)
      .reverse(),
    name,
  ]
}

function columnChanges(table: CatalogueTable, target: TargetTable): Statement[] {
  const parts = [
    ...missingColumns(table, target),
    ...retypedColumns(table, target).map(
      (name) => `ALTER COLUMN ${currentName(table, target, name)} TYPE text`,
    ),
    ...lifted(table, target).map((name) => `ALTER COLUMN ${name} DROP NOT NULL`),
    ...engineColumns(table),
  ]
  const alter = parts.length === 0 ? [] : [statement(`ALTER TABLE ${table.name}\n  ${parts.join(',\n  ')}`)]
  return [...respell(table), ...alter]
}

/** Actual names of the columns that are varchar and become text: a phone number of 21 characters loses no event (D2). */
export function retypedColumns(table: CatalogueTable, target: TargetTable): string[] {
  return target.columns
    .map(({ name }) => actualName(table, name))
    .filter((name) => table.columns.get(name)?.type.startsWith('character varying'))
}

/** What an actual name is once the columns are respelled. */
function currentName(table: CatalogueTable, target: TargetTable, actual: string): string {
  return target.columns.find(({ name }) => actualName(table, name) === actual)?.name ?? actual
}

/** Old rows stay empty there: a default that says "now" would be a lie about them. */
function missingColumns(table: CatalogueTable, target: TargetTable): string[] {
  return target.columns
    .filter(({ name }) => !table.columns.has(actualName(table, name)))
    .flatMap((column) => [
      `ADD COLUMN ${column.name} ${column.type}`,
      ...(column.default === null ? [] : [`ALTER COLUMN ${column.name} SET DEFAULT ${column.default}`]),
    ])
}

/** Columns that legacy scripts demand and this release may leave empty, or does not know at all. */
function lifted(table: CatalogueTable, target: TargetTable): string[] {
  const isDemanded = new Set(
    target.columns.filter(({ notNull }) => notNull).map(({ name }) => actualName(table, name)),
  )
  const key = table.constraints.find(({ kind }) => kind === 'primary')?.columns ?? []
  return [...table.columns]
    .filter(
      ([name, { notNull, filled }]) => notNull && !filled && !isDemanded.has(name) && !key.includes(name),
    )
    .map(([name]) => currentName(table, target, name))
}
