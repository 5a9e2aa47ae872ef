import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/store/database.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { buildWhatIsStale } from './built-dashboard.ts'
import { TEMPLATE } from './names.ts'
import { makeRunHome, type RunHome, removeLeftovers } from './run-home.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Administrator's URL of the run's PostgreSQL. */
    postgresUrl: string
    /** How a database is copied there. */
    copy: RunHome['copy']
    /** Where further homes are best made: in memory, where there is room. */
    scratch: string
  }
}

/**
 * One PostgreSQL for the whole run, in a temporary home: it ignores DATABASE_URL, .env and STARTLIST_HOME. And the
 * dashboard as its sources have it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers()
  await buildWhatIsStale()
  const { path: home, copy } = makeRunHome()
  const { url, release } = await openEmbedded(home, { fast: true })
  // A run that is cut off has no teardown. Listeners run in order: openEmbedded's own has told the server to stop.
  const onExit = () => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  process.once('exit', onExit)
  await makeTemplate(url)
  project.provide('postgresUrl', url)
  project.provide('copy', copy)
  project.provide('scratch', dirname(home))
  return async () => {
    await release()
    rmSync(home, { recursive: true, force: true })
    process.off('exit', onExit)
  }
}

async function makeTemplate(admin: string): Promise<void> {
  const client = new pg.Client({ connectionString: admin })
  await client.connect()
  await client.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE template0`)
  await client.end()
  const url = new URL(admin)
  url.pathname = `/${TEMPLATE}`
  const db = openDatabase(url.href)
  await migrate(db)
  await db.destroy()
}
