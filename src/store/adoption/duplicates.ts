import { alone, type Statement, statement, together, type Unit } from '../steps/unit.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'
import { buildIndex } from './engine-columns.ts'
import { type KeyedTable, keyedTables } from './keyed-tables.ts'
import { type ParticipantsTable, participantsTables } from './participants-tables.ts'
import { noting } from './record.ts'

/** What was counted in a table of registrations. */
export interface ParticipantCounts {
  /** Rows that are older than another one of the same registration. */
  duplicates: number
  /** Rows whose registration number is an empty text. */
  blank: number
  /** Rows without a timing partner. */
  nameless: number
}

/**
 * One row a registration in its event, or in its race where that has one list, and the constraint that keeps it so (M4):
 * the newest by `fetched_date`, then by `id`, stays; the others move to a table of their own. A bib that only an older
 * one of the same event has becomes the local bib of the newest. A row without a registration number stays where it is.
 */
export function adoptParticipants(
  catalogue: Catalogue,
  counts: ReadonlyMap<string, ParticipantCounts>,
): Unit[] {
  return participantsTables.flatMap((shape) => {
    const table = catalogue.tables.get(shape.table)
    const counted = counts.get(shape.table)
    if (table === undefined || counted === undefined) return []
    return [...settleRows(shape, counted), ...uniqueness(table, shape)]
  })
}

function settleRows(shape: ParticipantsTable, { duplicates, blank, nameless }: ParticipantCounts): Unit[] {
  const { table, key } = shape
  const statements: Statement[] = []
  if (blank > 0) {
    statements.push(
      statement(
        `WITH blank AS MATERIALIZED (
    SELECT id, ${key} AS was FROM ${table} WHERE btrim(${key}) = '' FOR UPDATE
  ), emptied AS (
    UPDATE ${table} p SET ${key} = NULL FROM blank b WHERE p.id = b.id RETURNING p.id, b.was
  )
  ${noting(table, 'key', 'emptied', { id: 'id', was: 'was' })}`,
        blank,
      ),
    )
  }
  if (duplicates > 0) statements.push(...moveOlder(shape, duplicates))
  if (nameless > 0) {
    statements.push(
      statement(
        `WITH assigned AS (
    UPDATE ${table} p SET timing_partner_id = h.partner FROM (
  ${holdersOfNameless(table)}) h
    WHERE p.event_id = h.event_id AND p.timing_partner_id IS NULL RETURNING p.id, p.timing_partner_id
  )
  ${noting(table, 'partner', 'assigned', { id: 'id', partner: 'timing_partner_id' })}`,
        nameless,
      ),
    )
  }
  return statements.length === 0 ? [] : [together(`one row a registration in ${table}`, statements)]
}

const eventsOf = (table: string): KeyedTable =>
  keyedTables.find(
    ({ key, children }) => key === 'event_id' && children.some((child) => child.table === table),
  )!

/** The single timing partner of each event that has participants without one. */
function holdersOfNameless(table: string): string {
  return `SELECT event_id, min(timing_partner_id) AS partner FROM (
      SELECT event_id, timing_partner_id FROM ${eventsOf(table).table}
      UNION ALL SELECT event_id, timing_partner_id FROM ${table}) AS known
    WHERE timing_partner_id IS NOT NULL AND event_id IN (SELECT event_id FROM ${table} WHERE timing_partner_id IS NULL)
    GROUP BY event_id HAVING count(DISTINCT timing_partner_id) = 1`
}

/** Rows by registration, the newest first; with a timing partner that a row is about to get. */
export function rankedRows({ table, key, place }: ParticipantsTable): string {
  return `SELECT p.id, row_number() OVER registration AS nth, first_value(p.id) OVER registration AS kept
    FROM ${table} p LEFT JOIN (
    ${holdersOfNameless(table)}) h ON h.event_id = p.event_id AND p.timing_partner_id IS NULL
    WHERE p.event_id IS NOT NULL AND btrim(p.${key}::text) <> '' AND coalesce(p.timing_partner_id, h.partner) IS NOT NULL
    WINDOW registration AS (PARTITION BY coalesce(p.timing_partner_id, h.partner), ${place}, p.${key}
      ORDER BY p.fetched_date DESC NULLS LAST, p.id DESC)`
}

function moveOlder(shape: ParticipantsTable, rows: number): Statement[] {
  const { table, bib, duplicates } = shape
  const hasBib = (alias: string) => `nullif(btrim(${alias}.${bib}), '') IS NOT NULL`
  return [
    statement(
      `CREATE TABLE IF NOT EXISTS ${duplicates} (LIKE ${table}, why text NOT NULL, moved_at timestamptz NOT NULL)`,
    ),
    statement(
      `WITH ranked AS (
    ${rankedRows(shape)}
  ), older AS MATERIALIZED (SELECT id, nth, kept FROM ranked WHERE nth > 1),
  bibs AS (
    SELECT DISTINCT ON (o.kept) o.kept, o.id, btrim(p.${bib}) AS bib, k.${bib} AS was
    FROM older o JOIN ${table} p ON p.id = o.id JOIN ${table} k ON k.id = o.kept AND k.event_id = p.event_id
    WHERE ${hasBib('p')} AND NOT ${hasBib('k')} ORDER BY o.kept, o.nth
  ), saved AS (
    UPDATE ${table} k SET local_bib = b.bib, ${bib} = b.bib FROM bibs b WHERE k.id = b.kept RETURNING k.id, b.was
  ), noted AS (
    ${noting(table, 'bib', 'saved', { id: 'id', was: 'was' })}
  ), gone AS (
    DELETE FROM ${table} p USING older o WHERE p.id = o.id RETURNING p AS whole, p.id, o.kept
  )
  INSERT INTO ${duplicates} SELECT (g.whole).*, 'older than row ' || g.kept || CASE WHEN b.id IS NULL THEN ''
    ELSE '; its bib ' || b.bib || ' became the local bib there, which had none' END, startlist.clock()
  FROM gone g LEFT JOIN bibs b ON b.id = g.id`,
      rows,
    ),
  ]
}

/** `ON CONFLICT (event_id, key, timing_partner_id)` needs it, ours and the scripts' own. */
function uniqueness(table: CatalogueTable, { key, constraint }: ParticipantsTable): Unit[] {
  if (isUnique(table, key)) return []
  const sql = `CREATE UNIQUE INDEX CONCURRENTLY ${constraint} ON ${table.name} (event_id, ${key}, timing_partner_id)`
  return [
    ...buildIndex(table, constraint, sql),
    alone(
      `constraint ${constraint}`,
      statement(`ALTER TABLE ${table.name} ADD CONSTRAINT ${constraint} UNIQUE USING INDEX ${constraint}`),
    ),
  ]
}

/** Whether one registration can have two rows no more, whoever made it so and under whatever name. */
export function isUnique(table: CatalogueTable, key: string): boolean {
  const wanted = ['event_id', key, 'timing_partner_id'].sort().join()
  return table.indexes.some(
    ({ unique, plain, valid, columns, name }) =>
      unique &&
      plain &&
      valid &&
      [...columns].sort().join() === wanted &&
      table.constraints.some((one) => one.name === name),
  )
}
