import { type Kysely, sql } from 'kysely'
import type { Database } from '../schema.ts'
import type { Catalogue } from './catalogue.ts'
import { RANKED_CREDENTIALS } from './credentials.ts'
import { isUnique, type ParticipantCounts, rankedRows } from './duplicates.ts'
import { type Lacking, lackingKey, lackingPairs } from './foreign-keys.ts'
import { keyedTablesIn } from './keyed-tables.ts'
import type { Nameless } from './keys.ts'
import { participantsTables } from './participants-tables.ts'
import { type Serial, serialColumns } from './sequences.ts'
import { actualName } from './spelling.ts'

/** What has to be counted in the tables themselves before a step can say what it will do. Reading only. */

async function count(db: Kysely<Database>, query: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.raw(query)}`.execute(db)
  return rows[0]!.n
}

/** Events and races without a timing partner. */
export async function countNameless(db: Kysely<Database>, catalogue: Catalogue): Promise<Nameless> {
  const counts = new Map<string, number>()
  for (const { table } of keyedTablesIn(catalogue))
    counts.set(table, await count(db, `${table} WHERE timing_partner_id IS NULL`))
  return counts
}

/** What is to be settled in the tables of registrations. */
export async function countParticipants(
  db: Kysely<Database>,
  catalogue: Catalogue,
): Promise<Map<string, ParticipantCounts>> {
  const counts = new Map<string, ParticipantCounts>()
  for (const shape of participantsTables) {
    const table = catalogue.tables.get(shape.table)
    if (table === undefined) continue
    const { key, keyIsText, place } = shape
    const nameless = await count(db, `${shape.table} WHERE timing_partner_id IS NULL`)
    const blank = keyIsText ? await count(db, `${shape.table} WHERE btrim(${key}) = ''`) : 0
    // With the constraint, only rows that are about to get a timing partner can turn out to be doubled, or in two events.
    const canDouble = nameless > 0 || !isUnique(table, key) || place !== 'p.event_id'
    const duplicates = canDouble ? await count(db, `(${rankedRows(shape)}) ranked WHERE nth > 1`) : 0
    counts.set(shape.table, { duplicates, blank, nameless })
  }
  return counts
}

/** Events and races that a timing partner has participants of, and no row for. */
export async function countLacking(db: Kysely<Database>, catalogue: Catalogue): Promise<Lacking> {
  const counts = new Map<string, number>()
  for (const parent of keyedTablesIn(catalogue)) {
    for (const child of parent.children)
      counts.set(lackingKey(parent, child), await count(db, `(${lackingPairs(parent, child)}) lacking`))
  }
  return counts
}

/** Credentials that were entered more than once. */
export async function countDoubledCredentials(db: Kysely<Database>, catalogue: Catalogue): Promise<number> {
  if (!catalogue.tables.has('partner_provider_credentials')) return 0
  return count(db, `(${RANKED_CREDENTIALS}) ranked WHERE nth > 1`)
}

/** @param raw the catalogue as it is now, other spellings included */
export async function readSerials(db: Kysely<Database>, raw: Catalogue): Promise<Serial[]> {
  const serials: Serial[] = []
  for (const { table, column } of serialColumns) {
    const there = raw.tables.get(table)
    if (there === undefined) continue
    const actual = actualName(there, column)
    const { rows } = await sql<{ hasSequence: boolean; lags: boolean }>`
      SELECT s.name IS NOT NULL AS "hasSequence",
        coalesce(pg_sequence_last_value(s.name::regclass), 0) < coalesce(m.most, 0) AS lags
      FROM (SELECT max(${sql.ref(actual)}) AS most FROM ${sql.table(table)}) m,
        (SELECT pg_get_serial_sequence(${table}, ${actual}) AS name) s`.execute(db)
    serials.push({ table, column, ...rows[0]! })
  }
  return serials
}
