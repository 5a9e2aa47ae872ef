import { sql } from 'kysely'
import { keyedTables } from '../adoption/keyed-tables.ts'
import { participantsTables } from '../adoption/participants-tables.ts'
import type { Db } from '../database.ts'

/** What adopting a legacy database left for a person to look at; all none where startlist made the tables. */
export interface AdoptionLeftovers {
  /** Rows that were put aside, by the table they are in. */
  aside: { table: string; rows: number }[]
  /** Registrations without a number, which no provider can be asked about, by table. */
  keyless: { table: string; rows: number }[]
  /** Rows that hold a copy of a secret that lies in plain text, by table. */
  exposed: { table: string; rows: number }[]
}

/** Tables that adoption may have made. */
const ASIDE = [
  ...keyedTables.map(({ unassigned }) => unassigned),
  ...participantsTables.map(({ duplicates }) => duplicates),
  'partner_provider_credentials_duplicates',
]

/** Tables into which the older system wrote what it fetched a row with. */
const COPIED = [...keyedTables.map(({ table }) => table), ...participantsTables.map(({ table }) => table)]

/** Counts what adoption put aside or could not settle. Reads the tables of registrations through, once. */
export async function adoptionLeftovers(db: Db): Promise<AdoptionLeftovers> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM unnest(${ASIDE}::text[]) name WHERE to_regclass('public.' || name) IS NOT NULL`.execute(
    db,
  )
  const count = async (table: string, where = sql`true`) => {
    const result = await sql<{
      n: number
    }>`SELECT count(*)::int AS n FROM ${sql.table(table)} WHERE ${where}`.execute(db)
    return { table, rows: result.rows[0]!.n }
  }
  const aside = await Promise.all(rows.map(({ name }) => count(name)))
  const keyless = await Promise.all(
    participantsTables.map(({ table, key }) => count(table, sql`${sql.ref(key)} IS NULL`)),
  )
  const secrets = sql`credentials_used IN (SELECT secret FROM partner_provider_credentials WHERE secret <> '')`
  const exposed = await Promise.all(COPIED.map((table) => count(table, secrets)))
  const some = (found: { rows: number }) => found.rows > 0
  return { aside: aside.filter(some), keyless: keyless.filter(some), exposed: exposed.filter(some) }
}
