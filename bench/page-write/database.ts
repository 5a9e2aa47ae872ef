import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type pg from 'pg'
import { type Db, openDatabase, openPool } from '../../src/store/database.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'

export interface BenchDatabase {
  /** The product's pool, of one connection. */
  db: Db
  /** The rivals' connection, of the same kind. */
  client: pg.ClientBase
}

/**
 * Lends a PostgreSQL of its own in a temporary home, with the settings of production; both are gone afterwards.
 * Autovacuum is off, so that it does not run into one contender's time: the bench vacuums between them.
 */
export async function withDatabase<T>(work: (database: BenchDatabase) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'startlist-bench-'))
  const server = await openEmbedded(home)
  const stop = async () => {
    await server.release()
    rmSync(home, { recursive: true, force: true })
  }
  process.once('SIGINT', () => stop().finally(() => process.exit(130)))
  process.once('SIGTERM', () => stop().finally(() => process.exit(143)))
  const db = openDatabase(server.url, { max: 1 })
  const pool = openPool(server.url, { max: 1 })
  try {
    await sql`ALTER SYSTEM SET autovacuum = off`.execute(db)
    await sql`SELECT pg_reload_conf()`.execute(db)
    await migrate(db)
    const client = await pool.connect()
    try {
      return await work({ db, client })
    } finally {
      client.release()
    }
  } finally {
    await pool.end()
    await db.destroy()
    await stop()
  }
}
