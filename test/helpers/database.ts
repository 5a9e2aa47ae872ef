import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { type DatabaseOptions, type Db, openDatabase } from '../../src/store/database.ts'
import { TEMPLATE } from './names.ts'

export interface TestDatabase {
  db: Db
  /** For a second pool, or a child process. */
  url: string
  /** Closes and removes the database now; otherwise it goes at the end of the test file. */
  drop(): Promise<void>
}

const open = new Set<TestDatabase>()
let made = 0
afterAll(async () => {
  for (const database of open) await database.drop()
})

/** A fresh, migrated database of the test run's PostgreSQL; `empty` for one without any table. */
export async function testDatabase(
  options: DatabaseOptions & { empty?: boolean } = {},
): Promise<TestDatabase> {
  const admin = inject('postgresUrl')
  const name = `test_${process.pid}_${++made}`
  const template = options.empty ? 'template0' : TEMPLATE
  await run(admin, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY ${inject('copy')}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  const db = openDatabase(url.href, options)
  const database: TestDatabase = {
    db,
    url: url.href,
    async drop() {
      if (!open.delete(database)) return
      await db.destroy()
      await run(admin, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
  open.add(database)
  return database
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
