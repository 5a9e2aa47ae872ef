import { type Kysely, type Migration, type MigrationProvider, Migrator, sql } from 'kysely'
import { StartlistError } from '../domain/errors.ts'
import type { Db } from './database.ts'
import { asDatabaseError, sqlState } from './database-error.ts'
import { type Step, steps } from './migrations/index.ts'
import type { Database } from './schema.ts'

const SCHEMA = 'startlist'
const TABLE = 'migrations'
const LOCK_TABLE = 'migrations_lock'
/** PostgreSQL 15: `security_invoker` views and `MERGE`; asked as `server_version_num`. */
const OLDEST_SERVER = 150_000
/** A table, or the schema it would be in, that does not exist. */
const MISSING_TABLE = new Set(['42P01', '3F000'])

/**
 * Brings the database to this release's schema, all pending steps in one transaction; nothing to do is no error.
 * A second `migrate` waits for the first and then finds nothing to do.
 *
 * @returns the names of the steps that this call applied
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE; nothing is changed then
 */
export async function migrate(db: Db): Promise<{ applied: string[] }> {
  await pendingMigrations(db)
  try {
    return await db.connection().execute(async (connection) => {
      // The wait for another migrate is a lock wait too, and building an index is one long statement.
      const before = await setTimeouts(connection, { statement: '0', lock: '0' })
      try {
        return await runMigrator(connection)
      } finally {
        await setTimeouts(connection, before)
      }
    })
  } catch (error) {
    throw asDatabaseError(error)
  }
}

interface Timeouts {
  statement: string
  lock: string
}

/** Returns what was in force before. */
async function setTimeouts(db: Kysely<Database>, { statement, lock }: Timeouts): Promise<Timeouts> {
  const { rows } = await sql<Timeouts>`
    WITH before AS MATERIALIZED (
      SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock
    )
    SELECT before.*, set_config('statement_timeout', ${statement}, false), set_config('lock_timeout', ${lock}, false)
    FROM before`.execute(db)
  return rows[0]!
}

async function runMigrator(db: Kysely<Database>): Promise<{ applied: string[] }> {
  const migrator = new Migrator({
    db,
    provider: providerOf(steps),
    migrationTableSchema: SCHEMA,
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
  return { applied: (results ?? []).filter((r) => r.status === 'Success').map((r) => r.migrationName) }
}

/**
 * The steps that `migrate` would apply, for `migrate --check`. One query, no lock, no change.
 *
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE
 */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const applied = (await appliedMigrations(db)) ?? []
  return steps.map((step) => step.name).filter((name) => !applied.includes(name))
}

/**
 * Says whether this release can work with the database, before a call is spent (promise 5). One cheap query.
 *
 * @throws StartlistError SCHEMA_MISSING, SCHEMA_NEWER, DATABASE_TOO_OLD, DATABASE_UNREACHABLE or DATABASE
 */
export async function assertSchema(db: Db): Promise<void> {
  const pending = await pendingMigrations(db)
  if (pending.length > 0) {
    throw new StartlistError(
      'SCHEMA_MISSING',
      `The database lacks startlist's schema: ${pending.join(', ')}.`,
    )
  }
}

/** Names of the applied steps; null when there is no bookkeeping at all. */
async function appliedMigrations(db: Db): Promise<string[] | null> {
  let row: { version: number; names: string[] }
  try {
    const result = await sql<{ version: number; names: string[] }>`
      SELECT current_setting('server_version_num')::int AS version,
        coalesce((SELECT array_agg(name ORDER BY name) FROM ${sql.table(`${SCHEMA}.${TABLE}`)}), '{}')::text[] AS names`.execute(
      db,
    )
    row = result.rows[0]!
  } catch (error) {
    if (!MISSING_TABLE.has(sqlState(error) ?? '')) throw asDatabaseError(error)
    await assertServerVersion(db)
    return null
  }
  assertVersion(row.version)
  const unknown = row.names.filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0) {
    throw new StartlistError(
      'SCHEMA_NEWER',
      `The database was migrated by a later release: ${unknown.join(', ')}.`,
    )
  }
  return row.names
}

async function assertServerVersion(db: Db): Promise<void> {
  const { rows } = await sql<{
    version: number
  }>`SELECT current_setting('server_version_num')::int AS version`.execute(db)
  assertVersion(rows[0]!.version)
}

function assertVersion(version: number): void {
  if (version >= OLDEST_SERVER) return
  throw new StartlistError('DATABASE_TOO_OLD', `The server is PostgreSQL ${Math.floor(version / 10_000)}.`)
}

function providerOf(all: readonly Step[]): MigrationProvider {
  const migrations: Record<string, Migration> = {}
  for (const step of all) {
    migrations[step.name] = {
      async up(db) {
        for (const statement of step.statements) await sql.raw(statement).execute(db)
      },
    }
  }
  return { getMigrations: async () => migrations }
}
