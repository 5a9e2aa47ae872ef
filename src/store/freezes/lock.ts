import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** First key of the advisory lock between those who freeze lists and those who erase people from them. */
const LOCK = 7413

/**
 * Works while nobody is erased: a snapshot that still has a person must not be written after that person was forgotten.
 * The lock is the connection's and comes before the snapshot, which a transaction takes with its first statement.
 */
export async function whileNobodyIsErased<T>(db: Db, work: (one: Db) => Promise<T>): Promise<T> {
  return db.connection().execute(async (one) => {
    await sql`SELECT pg_advisory_lock_shared(${LOCK}::int, 0)`.execute(one)
    try {
      return await work(one)
    } finally {
      await sql`SELECT pg_advisory_unlock_shared(${LOCK}::int, 0)`.execute(one).catch(() => {})
    }
  })
}

/** Waits for those who freeze a list, and keeps others from it until the transaction ends. */
export async function keepFromFreezing(trx: Trx): Promise<void> {
  // A large list takes its time, and the person is to be gone from it.
  await sql`SELECT set_config('lock_timeout', '10min', true), set_config('statement_timeout', '10min', true)`.execute(
    trx,
  )
  await sql`SELECT pg_advisory_xact_lock(${LOCK}::int, 0)`.execute(trx)
}
