import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** How many rows each table has, by schema-qualified name; PostgreSQL's own schemas apart. */
export async function countRows(db: Db | Trx): Promise<Record<string, number>> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    SELECT n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    ORDER BY 1, 2`.execute(db)
  const counts: Record<string, number> = {}
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::float8 AS n FROM ${sql.id(schema, name)}`.execute(db)
    counts[`${schema}.${name}`] = rows[0]!.n
  }
  return counts
}
