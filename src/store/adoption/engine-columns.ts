import { engineTables } from '../migrations/engine-tables.ts'
import { steps } from '../migrations/index.ts'
import { alone, type Statement, statement, type Unit } from '../steps/unit.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'

/**
 * The columns, checks and indexes that the first step gives the large tables, taken from that step and made beforehand
 * in ways that hold nobody up: there each would read a million rows under a lock that lets no reader in.
 */

const LARGE: ReadonlySet<string> = new Set(['haku_participants', 'runsignup_participants', 'sync_history'])
const ADDED = /ADD COLUMN IF NOT EXISTS (\w+) ([\s\S]*)/
const CHECK = /\s+CHECK \(((?:[^()]|\([^()]*\))*)\)/
const FOREIGN = /\s+REFERENCES [\s\S]*/

interface AddedColumn {
  name: string
  definition: string
  check: string | null
}

/** Columns that the first step adds to a large table. Those that point to tables of its own are left to it. */
function addedTo(table: string): AddedColumn[] {
  const text = engineTables.find((one) => one.startsWith(`ALTER TABLE ${table}\n`))
  if (text === undefined || !LARGE.has(table)) return []
  return text
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/,\s*(?=ADD COLUMN)/)
    .flatMap((part) => {
      const match = ADDED.exec(part)
      if (match === null || FOREIGN.test(match[2]!)) return []
      const check = CHECK.exec(match[2]!)?.[1] ?? null
      return [{ name: match[1]!, definition: match[2]!.replace(CHECK, '').trim(), check }]
    })
}

/** Adds what is missing; a default is kept in the catalogue, so no row is written. */
export function engineColumns(table: CatalogueTable): string[] {
  return addedTo(table.name)
    .filter(({ name }) => !table.columns.has(name))
    .map(({ name, definition }) => `ADD COLUMN ${name} ${definition}`)
}

/** Checks first believed of new rows alone, then proven of the old ones beside readers and writers. */
export function adoptChecks(catalogue: Catalogue): Unit[] {
  return [...catalogue.tables.values()].flatMap((table) =>
    addedTo(table.name).flatMap(({ name, check }) => {
      const constraint = `${table.name}_${name}_check`
      const there = table.constraints.find((one) => one.name === constraint)
      if (check === null || there?.validated) return []
      const add = `ALTER TABLE ${table.name} ADD CONSTRAINT ${constraint} CHECK (${check}) NOT VALID`
      const validate = `ALTER TABLE ${table.name} VALIDATE CONSTRAINT ${constraint}`
      return [
        ...(there ? [] : [alone(`check ${constraint}`, statement(add))]),
        alone(`prove ${constraint}`, statement(validate, table.estimate)),
      ]
    }),
  )
}

const INDEX = /^CREATE (UNIQUE )?INDEX IF NOT EXISTS (\w+)\s+ON (\w+) \(/

/** The indexes of all steps on large tables, built beside writers. */
export function adoptIndexes(catalogue: Catalogue): Unit[] {
  return steps
    .flatMap((step) => step.statements)
    .flatMap((text) => {
      const match = INDEX.exec(text)
      const table = catalogue.tables.get(match?.[3] ?? '')
      if (!match || table === undefined || !LARGE.has(table.name)) return []
      return buildIndex(table, match[2]!, text.replace('INDEX IF NOT EXISTS', 'INDEX CONCURRENTLY'))
    })
}

/**
 * Builds an index unless it is there. One that is INVALID, because whoever built it was cut off, goes first.
 * @param sql with CONCURRENTLY
 */
export function buildIndex(table: CatalogueTable, name: string, sql: string): Unit[] {
  const there = table.indexes.find((index) => index.name === name)
  if (there?.valid) return []
  const build: Statement = statement(sql, table.estimate)
  const drop = alone(`drop ${name}, which is INVALID`, statement(`DROP INDEX CONCURRENTLY ${name}`))
  return [...(there ? [drop] : []), alone(`index ${name}`, build)]
}
