import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { type DatabaseOptions, type Db, openDatabase } from '../../src/store/database.ts'
import { TEMPLATE } from './names.ts'

export interface TestDatabase {
  db: Db
  name: string
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

export interface TestDatabaseOptions extends DatabaseOptions {
  /** Without any table. */
  empty?: boolean
  /** A copy of this one, whose pool is closed for it. Nobody else may be connected. */
  from?: TestDatabase
}

/** A fresh, migrated database of the test run's PostgreSQL. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const admin = inject('postgresUrl')
  const name = `test_${process.pid}_${++made}`
  await options.from?.db.destroy()
  const template = options.from?.name ?? (options.empty ? 'template0' : TEMPLATE)
  await run(admin, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY ${inject('copy')}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  const db = openDatabase(url.href, options)
  const database: TestDatabase = {
    db,
    name,
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
