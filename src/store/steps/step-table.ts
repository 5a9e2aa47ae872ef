import { type Kysely, sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Db } from '../database.ts'
import { asDatabaseError, sqlState } from '../database-error.ts'
import type { Database } from '../schema.ts'
import { type Statement, statement } from './unit.ts'

/** PostgreSQL 15: `security_invoker` views and `MERGE`; asked as `server_version_num`. */
const OLDEST_SERVER = 150_000
/** A table, or the schema it would be in, that does not exist. */
const MISSING_TABLE = new Set(['42P01', '3F000'])

/** What must be there before the first step: the table that steps are recorded in. As Kysely's migrator made it. */
export const stepTable: readonly Statement[] = [
  statement('CREATE SCHEMA IF NOT EXISTS startlist'),
  statement(
    'CREATE TABLE IF NOT EXISTS startlist.migrations (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)',
  ),
]

/** The statement that records a step. @param name of ours, without a quote in it */
export const recordStep = (name: string): Statement =>
  statement(
    `INSERT INTO startlist.migrations (name, timestamp)
  VALUES ('${name}', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
  )

/** What a database says of its schema. */
export interface SchemaState {
  /** Steps that it has, whoever applied them. */
  applied: readonly string[]
  /** A release works with this schema if it knows this step, whatever later ones there are; null where nobody said. */
  floor: string | null
}

/** Says which step a release has to know to work with this schema: a comment, so that every release can read it. */
export const setFloor = (step: string): Statement =>
  statement(`COMMENT ON TABLE startlist.migrations IS '${step}'`)

/**
 * The applied steps; null when there is no step table at all. One cheap query.
 * @throws StartlistError DATABASE_TOO_OLD, DATABASE_UNREACHABLE or DATABASE
 */
export async function schemaState(db: Db | Kysely<Database>): Promise<SchemaState | null> {
  try {
    const { rows } = await sql<SchemaState & { version: number }>`
      SELECT current_setting('server_version_num')::int AS version,
        coalesce((SELECT array_agg(name::text ORDER BY name) FROM startlist.migrations), '{}') AS applied,
        obj_description(to_regclass('startlist.migrations'), 'pg_class') AS floor`.execute(db)
    const { version, applied, floor } = rows[0]!
    assertVersion(version)
    return { applied, floor }
  } catch (error) {
    if (!MISSING_TABLE.has(sqlState(error) ?? '')) throw asDatabaseError(error)
  }
  const { rows } = await sql<{
    version: number
  }>`SELECT current_setting('server_version_num')::int AS version`.execute(db)
  assertVersion(rows[0]!.version)
  return null
}

function assertVersion(version: number): void {
  if (version >= OLDEST_SERVER) return
  throw new StartlistError('DATABASE_TOO_OLD', `The server is PostgreSQL ${Math.floor(version / 10_000)}.`)
}
