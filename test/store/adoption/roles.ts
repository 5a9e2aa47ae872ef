import { sql } from 'kysely'
import type { Db } from '../../../src/store/database.ts'

/** Roles are the server's, which all test files share: theirs go with their database. */
const made: { db: Db; role: string }[] = []

/** For `afterEach`. */
export async function dropRoles(): Promise<void> {
  for (const { db, role } of made.splice(0)) {
    await sql.raw(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`).execute(db)
  }
}

/** Makes a role of a name that no other database of the server has. */
export async function roleIn(db: Db, name: string): Promise<string> {
  const { rows } = await sql<{ name: string }>`SELECT ${name} || '_' || current_database() AS name`.execute(
    db,
  )
  const role = rows[0]!.name
  await sql.raw(`CREATE ROLE ${role}`).execute(db)
  made.push({ db, role })
  return role
}

/** Runs as another role. */
export async function readAs<T>(db: Db, role: string, work: (db: Db) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    await sql.raw(`SET ROLE ${role}`).execute(connection)
    try {
      return await work(connection as Db)
    } finally {
      await sql`RESET ROLE`.execute(connection)
    }
  })
}
