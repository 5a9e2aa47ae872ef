import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** What `doctor` asks the server. */
export interface ServerFacts {
  /** Such as `18.1`. */
  version: string
  /** Such as 18. */
  major: number
  /** The server's present, ms since the epoch. */
  now: number
}

/** Reads the server's version and time; needs no schema of ours. */
export async function serverFacts(db: Db): Promise<ServerFacts> {
  const { rows } = await sql<{ version: string; number: number; now: number }>`
    SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
      current_setting('server_version_num')::int AS number,
      (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`.execute(db)
  const { version, number, now } = rows[0]!
  return { version, major: Math.floor(number / 10_000), now }
}

/** The present as SQL sees it (T1), ms since the epoch. */
export async function databaseNow(db: Db): Promise<number> {
  const { rows } = await sql<{
    now: number
  }>`SELECT (extract(epoch FROM startlist.clock()) * 1000)::float8 AS now`.execute(db)
  return rows[0]!.now
}
