import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/store/database.ts'
import { openEmbedded, stopEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { buildWhatIsStale } from './built-dashboard.ts'
import { HOME_PREFIX, TEMPLATE } from './names.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Administrator's URL of the run's PostgreSQL. */
    postgresUrl: string
  }
}

/**
 * One PostgreSQL for the whole run, in a temporary home: it ignores DATABASE_URL, .env and STARTLIST_HOME. And the
 * dashboard as its sources have it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers()
  await buildWhatIsStale()
  const home = mkdtempSync(join(tmpdir(), `${HOME_PREFIX}${process.pid}-`))
  const { url, release } = await openEmbedded(home, { fast: true })
  // A run that is cut off has no teardown. Listeners run in order: openEmbedded's own has told the server to stop.
  const onExit = () => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  process.once('exit', onExit)
  await makeTemplate(url)
  project.provide('postgresUrl', url)
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

/** Stops and removes what runs left behind that were killed: their pid stands in the name. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(HOME_PREFIX)
      ? Number.parseInt(name.slice(HOME_PREFIX.length), 10)
      : Number.NaN
    if (Number.isNaN(pid) || isAlive(pid)) continue
    const home = join(tmpdir(), name)
    try {
      // Tests of the embedded database have their home one level down.
      for (const used of [home, join(home, 'home')]) await stopEmbedded(used)
      rmSync(home, { recursive: true, force: true })
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
