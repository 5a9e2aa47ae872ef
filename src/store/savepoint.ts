import { sql } from 'kysely'
import type { Trx } from './database.ts'

/**
 * Runs `work` under a savepoint: if it fails, only what it wrote is undone, and the transaction can go on (S2, D2).
 * @returns what `work` returned, or the error that it threw
 */
export async function attempt<T>(
  trx: Trx,
  work: () => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; error: unknown }> {
  await sql`SAVEPOINT attempt`.execute(trx)
  try {
    const value = await work()
    await sql`RELEASE SAVEPOINT attempt`.execute(trx)
    return { ok: true, value }
  } catch (error) {
    await sql`ROLLBACK TO SAVEPOINT attempt`.execute(trx)
    await sql`RELEASE SAVEPOINT attempt`.execute(trx)
    return { ok: false, error }
  }
}
