import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Db } from '../../../src/store/database.ts'
import { fillLegacy } from './legacy-rows.ts'
import { legacySchema } from './legacy-tables.ts'
import type { Variant } from './variant.ts'

/** Makes the tables of a variant in an empty database, and fills them. */
export async function makeLegacy(db: Db, v: Variant): Promise<void> {
  for (const text of legacySchema(v)) await sql.raw(text).execute(db)
  await fillLegacy(db, v)
}

type Row = Record<string, unknown>

/** Every legacy table with its rows as JSON, the tables of rows that were put aside included. */
export async function dump(db: Db): Promise<Map<string, Row[]>> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname ~ '^(timing_partners|providers|partner_provider|haku_|runsignup_|sync_queue|sync_history|raceroster)'`.execute(
    db,
  )
  const all = new Map<string, Row[]>()
  for (const { name } of tables) {
    const { rows } = await sql<{ row: Row }>`SELECT to_jsonb(t) AS row FROM ${sql.table(name)} t`.execute(db)
    all.set(
      name,
      rows.map(({ row }) => row),
    )
  }
  return all
}

/** Tables whose rows may be put aside, where to, and what else says which row is which. */
const ASIDE: Record<string, { to: string; id: string }> = {
  haku_participants: { to: 'haku_participants_duplicates', id: 'id' },
  runsignup_participants: { to: 'runsignup_participants_duplicates', id: 'id' },
  partner_provider_credentials: {
    to: 'partner_provider_credentials_duplicates',
    id: 'partner_provider_credential_id',
  },
  haku_events: { to: 'haku_events_unassigned', id: 'event_id' },
  runsignup_races: { to: 'runsignup_races_unassigned', id: 'race_id' },
  runsignup_events: { to: 'runsignup_events_unassigned', id: 'event_id' },
}
const BIB: Record<string, string> = { haku_participants: 'bib_number', runsignup_participants: 'bib_num' }

/** Fails unless every legacy row is still there, here or put aside, and says what it said. */
export function expectRowsKept(before: Map<string, Row[]>, after: Map<string, Row[]>): void {
  for (const [table, rows] of before) {
    const aside = ASIDE[table]
    const kept = [...(after.get(table) ?? []), ...(after.get(aside?.to ?? '') ?? [])]
    for (const row of rows) {
      const found = kept.filter((other) => says(table, row, other))
      expect(found, `${table} ${JSON.stringify(row)}`).not.toEqual([])
      if (aside?.id === 'id') expect(found).toHaveLength(1)
    }
    // Copies and stubs of events are new rows; nothing else may come into being.
    const isEvents = aside?.to.endsWith('unassigned')
    if (!isEvents) expect(kept.length, table).toBe(rows.length)
  }
}

function says(table: string, legacy: Row, now: Row): boolean {
  return Object.entries(legacy).every(([column, value]) => {
    if (JSON.stringify(now[column]) === JSON.stringify(value)) return true
    if (column === 'timing_partner_id') return value === null
    if (column === 'participant_id') return String(value).trim() === '' && now[column] === null
    return column === BIB[table] && (value ?? '') === '' && now.local_bib === now[column]
  })
}

let freshLines: string[] | undefined

/** Fails unless the schema is, name by name, at least what an empty database got. @param fresh such a one, migrated */
export async function expectShape(db: Db, fresh: Db): Promise<void> {
  freshLines ??= await shapeOf(fresh)
  const adopted = new Set(await shapeOf(db))
  expect(
    freshLines.filter((line) => !adopted.has(line) && !LEFT_ALONE.some((form) => form.test(line))),
  ).toEqual([])
  const { rows } = await sql`
    SELECT c.conname FROM pg_constraint c WHERE NOT convalidated
    UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid`.execute(db)
  expect(rows).toEqual([])
}

/** Where a legacy table stays as it is: widths of numbers, nulls that were allowed, keys to partners that it did without. */
const LEFT_ALONE = [
  /FOREIGN KEY \((timing_partner_id|provider_id)\)/,
  / INDEX providers_name_key /,
  /^haku_events\.distance numeric/,
  /^\w+\.\w+ (bigint|integer) /,
  /^\w+\.\w+ numeric/,
  /^\w+\.\w+ \w+ not null$/,
]

async function shapeOf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    SELECT format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END) AS line
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal`.execute(db)
  return rows.map(({ line }) => line)
}
