import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { VirtualClock } from '../../src/domain/clock.ts'
import { type Db, openDatabase } from '../../src/store/database.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { HOME_PREFIX, TEMPLATE } from '../helpers/names.ts'

/** The PostgreSQL of a soak: its own, in a temporary home that the next test run removes if this one is killed. */
export interface Databases {
  open(options?: {
    virtualClock?: VirtualClock
    empty?: boolean
  }): Promise<{ db: Db; url: string; drop(): Promise<void> }>
  stop(): Promise<void>
}

/** Starts the server and makes the migrated template that every seed's database is a copy of. */
export async function startDatabases(): Promise<Databases> {
  const home = mkdtempSync(join(tmpdir(), `${HOME_PREFIX}${process.pid}-`))
  const { url, release } = await openEmbedded(home, { fast: true })
  process.once('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  const admin = new pg.Pool({ connectionString: url, max: 2 })
  admin.on('error', () => {})
  const urlOf = (name: string): string => {
    const own = new URL(url)
    own.pathname = `/${name}`
    return own.href
  }
  await admin.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE template0`)
  const template = openDatabase(urlOf(TEMPLATE))
  await migrate(template)
  await template.destroy()
  let made = 0
  return {
    async open({ empty = false, ...options } = {}) {
      const name = `soak_${++made}`
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : TEMPLATE}`)
      const db = openDatabase(urlOf(name), options)
      return {
        db,
        url: urlOf(name),
        async drop() {
          await db.destroy()
          await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
        },
      }
    },
    async stop() {
      await admin.end()
      await release()
    },
  }
}
