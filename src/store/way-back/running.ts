import { type Kysely, sql } from 'kysely'
import type { Database } from '../schema.ts'
import type { InTheWay } from './in-the-way.ts'

/** Processes of startlist that are at work in the database: lanes that are held, and what a `run` keeps connected. */
export async function runningProcesses(db: Kysely<Database>): Promise<InTheWay[]> {
  const { rows: lanes } = await sql<{ text: string }>`
    SELECT 'account ' || account_id || ' by ' || holder AS text FROM lanes
    WHERE holder IS NOT NULL AND lease_until > startlist.clock() ORDER BY account_id`.execute(db)
  // A command that reads calls itself by the program's name alone, as this one does; it has nothing to lose.
  const { rows: processes } = await sql<{ text: string }>`
    SELECT DISTINCT application_name || ' (pid ' || pid || ' of the database'
      || coalesce(', from ' || host(client_addr), '') || ')' AS text
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND application_name ~ '^(startlist[ -]|pgboss)' ORDER BY 1`.execute(db)
  const told = (what: string, found: { text: string }[]): InTheWay[] =>
    found.length === 0
      ? []
      : [{ kind: 'running', table: null, what, count: found.length, keys: found.map(({ text }) => text) }]
  return [
    ...told('another process of startlist works in the database', processes),
    ...told('lanes are held', lanes),
  ]
}
