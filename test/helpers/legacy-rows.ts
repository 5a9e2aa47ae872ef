import { sql } from 'kysely'
import type { Db } from '../../src/store/database.ts'
import { SHADOWED } from '../../src/store/shadow/tables.ts'

/** Every row of every legacy table as a sum, its version included: a row that is only touched differs too. */
export async function legacyRows(db: Db): Promise<Record<string, string>> {
  const sums: Record<string, string> = {}
  for (const table of [...SHADOWED.map((one) => one.table), 'providers', 'sync_queue']) {
    const { rows } = await sql<{ sum: string }>`SELECT count(*) || ' ' ||
      coalesce(md5(string_agg(t.xmin || t.ctid::text || t::text, '' ORDER BY t::text)), '') AS sum
      FROM ${sql.table(`public.${table}`)} t`.execute(db)
    sums[table] = rows[0]!.sum
  }
  return sums
}
