import { type Kysely, sql } from 'kysely'
import { type Db, SEARCH_PATH } from '../database.ts'
import type { Database } from '../schema.ts'

interface Timeouts {
  statement: string
  lock: string
}

/**
 * Works on one connection without the bounds of other statements: building an index is one long statement, and has to
 * wait for every transaction that is open.
 */
export async function withoutTimeouts<T>(
  db: Db,
  work: (connection: Kysely<Database>) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (connection) => {
    const before = await setTimeouts(connection, { statement: '0', lock: '0' })
    try {
      return await work(connection)
    } finally {
      await setTimeouts(connection, before)
    }
  })
}

/** The same, and names mean the legacy tables, shadowed or not. */
export async function inPublic<T>(db: Db, work: (connection: Kysely<Database>) => Promise<T>): Promise<T> {
  return withoutTimeouts(db, async (connection) => {
    try {
      await lookIn(connection, 'public')
      return await work(connection)
    } finally {
      await lookIn(connection, SEARCH_PATH)
    }
  })
}

const lookIn = (db: Kysely<Database>, path: string) =>
  sql`SELECT set_config('search_path', ${path}, false)`.execute(db)

/** Returns what was in force before. */
async function setTimeouts(
  db: Kysely<Database>,
  { statement: statementMs, lock }: Timeouts,
): Promise<Timeouts> {
  const { rows } = await sql<Timeouts>`
    WITH before AS MATERIALIZED (
      SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock
    )
    SELECT before.*, set_config('statement_timeout', ${statementMs}, false), set_config('lock_timeout', ${lock}, false)
    FROM before`.execute(db)
  return rows[0]!
}
