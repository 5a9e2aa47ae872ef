import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** The accounts that whoever reads may know of. */
export async function visibleAccounts(db: Db | Trx): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ id: number }>`SELECT account_id AS id FROM accounts`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
