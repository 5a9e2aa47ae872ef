import { sql } from 'kysely'
import type { Db, Trx } from '../../../src/store/database.ts'
import { sqlState } from '../../../src/store/database-error.ts'

/** Who asks: a role of the database, and for a tenant the timing partner. */
export interface Asker {
  role: string
  partnerId?: number
}

/** Asks as somebody, and takes back whatever was changed. @returns what `work` says, or `refused` */
export async function askAs<T>(
  db: Db,
  { role, partnerId }: Asker,
  work: (trx: Trx) => Promise<T>,
): Promise<T | 'refused'> {
  const trx = await db.startTransaction().execute()
  try {
    await sql`SELECT set_config('startlist.tenant', ${partnerId === undefined ? '' : String(partnerId)}, true),
      set_config('role', ${role}, true)`.execute(trx)
    return await work(trx)
  } catch (error) {
    if (sqlState(error) === '42501') return 'refused'
    throw error
  } finally {
    await trx.rollback().execute()
  }
}
