import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Db, openDatabase } from '../../src/store/database.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'

/** Lends a migrated PostgreSQL of its own, as production has it, and its address; it is gone afterwards. */
export async function withServer(work: (db: Db, url: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'startlist-night-'))
  const server = await openEmbedded(home)
  const db = openDatabase(server.url)
  try {
    await migrate(db)
    await work(db, server.url)
  } finally {
    await db.destroy()
    await server.release()
    rmSync(home, { recursive: true, force: true })
  }
}
