import { legacyProviders } from '../migrations/legacy-tables.ts'
import { type Statement, statement, together, type Unit } from '../steps/unit.ts'
import type { Catalogue } from './catalogue.ts'
import { SHAPE } from './shape.ts'
import { actualName } from './spelling.ts'

/**
 * What adoption writes down so that it can be taken back (M5): the shape of the legacy tables before anything was
 * changed, and each row in which a step changes a value that was there, adds one, or makes the row itself.
 */

/** What a step did to a row. */
export type RowChange =
  /** It had no timing partner and got this one. */
  | 'partner'
  /** Its registration number was a blank text and became null. */
  | 'key'
  /** Its bib was blank and became that of an older row of the registration. */
  | 'bib'
  /** It did not exist. */
  | 'made'

const TABLES: readonly Statement[] = [
  statement(`CREATE TABLE IF NOT EXISTS startlist.adopted_shape (
    kind text NOT NULL,
    "table" text NOT NULL,
    name text NOT NULL,
    shape jsonb NOT NULL,
    PRIMARY KEY (kind, "table", name)
  )`),
  // Only what was blank is kept of a value, so nobody is in it.
  statement(`CREATE TABLE IF NOT EXISTS startlist.adopted_rows (
    "table" text NOT NULL,
    change text NOT NULL CHECK (change IN ('partner', 'key', 'bib', 'made')),
    id text NOT NULL,
    timing_partner_id integer,
    was text
  )`),
  statement('CREATE INDEX IF NOT EXISTS adopted_rows_id ON startlist.adopted_rows ("table", change, id)'),
]

/**
 * The first step of all. An adoption that an earlier release began has changed the tables already: of such a one no shape is
 * recorded. Its first unit makes the clock, so that tells it.
 */
export function recordAdopted({ tables }: Catalogue): Unit[] {
  const providers = tables.get('providers')
  const unchanged = `to_regprocedure('startlist.clock()') IS NULL`
  const seeds = legacyProviders.map((name) => `('${name}')`).join(', ')
  return [
    together('what is found', [
      ...TABLES,
      statement(`INSERT INTO startlist.adopted_shape (kind, "table", name, shape)
  SELECT * FROM (${SHAPE}) AS parts
  WHERE ${unchanged} AND NOT EXISTS (SELECT FROM startlist.adopted_shape)`),
      ...(providers === undefined
        ? []
        : [
            statement(`INSERT INTO startlist.adopted_rows ("table", change, id)
  SELECT 'providers', 'made', seed.name FROM (VALUES ${seeds}) AS seed (name)
  WHERE ${unchanged} AND NOT EXISTS (SELECT FROM startlist.adopted_rows)
    AND NOT EXISTS (SELECT FROM providers p WHERE lower(p.${actualName(providers, 'name')}) = lower(seed.name))`),
          ]),
    ]),
  ]
}

/**
 * Ends a statement that begins with `WITH`: writes down the rows that one of its queries returned.
 * @param from the query's name, or one with joins
 * @param columns of adopted_rows as expressions
 */
export const noting = (
  table: string,
  change: RowChange,
  from: string,
  { id, partner = 'NULL', was = 'NULL' }: { id: string; partner?: string; was?: string },
): string => `INSERT INTO startlist.adopted_rows ("table", change, id, timing_partner_id, was)
  SELECT '${table}', '${change}', ${id}::text, ${partner}, ${was} FROM ${from}`
