import { type Kysely, sql } from 'kysely'
import type { Clock } from '../../domain/clock.ts'
import type { Database } from '../schema.ts'

/** The key under which Kysely's migrator locks: releases that used it and this one never work at the same time. */
const LOCK_KEY = '3853314791062309107'
const LOOK_EVERY_MS = 100

/**
 * Runs `work` on a connection while no other process migrates. Waits by asking: a session that waits inside
 * `pg_advisory_lock` holds a snapshot, and an index built CONCURRENTLY would wait for it in turn, in a circle.
 */
export async function withMigrationLock<T>(
  connection: Kysely<Database>,
  clock: Clock,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await isGranted(connection))) await clock.sleep(LOOK_EVERY_MS)
  try {
    return await work()
  } finally {
    await sql`SELECT pg_advisory_unlock(${sql.raw(LOCK_KEY)})`.execute(connection).catch(() => {
      // The connection is gone, and the lock with it.
    })
  }
}

async function isGranted(connection: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{
    granted: boolean
  }>`SELECT pg_try_advisory_lock(${sql.raw(LOCK_KEY)}) AS granted`.execute(connection)
  return rows[0]!.granted
}
