import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it } from 'vitest'
import { ensureAccount } from '../../src/store/accounts.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { checkFence, renewLane, takeLane } from '../../src/store/lanes.ts'
import { migrate } from '../../src/store/migrate.ts'
import { HOME_PREFIX } from '../helpers/names.ts'

/** Asks again until the server has recovered. */
async function untilBack<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries >= 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

it('a lane is lost when a backend dies, though the server was not started anew (N1)', async () => {
  const home = mkdtempSync(join(tmpdir(), `${HOME_PREFIX}${process.pid}-crash-`))
  // Durable: the lane itself is still there afterwards.
  const { url, release } = await openEmbedded(home)
  const db = openDatabase(url)
  try {
    await migrate(db)
    const account = await ensureAccount(db, 'haku', 'client')
    const lane = await takeLane(db, account, 'holder', 60_000)
    expect(await renewLane(db, account, lane!.fence, 60_000)).toEqual({ wanted: false })

    // As the kernel does when memory is short. The server drops what was not written, and all connections.
    const [victim, witness] = [new pg.Client(url), new pg.Client(url)]
    for (const client of [victim, witness]) {
      client.on('error', () => {})
      await client.connect()
    }
    const { rows } = await victim.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const isDropped = new Promise((resolve) => witness.once('end', resolve))
    process.kill(rows[0]!.pid, 'SIGKILL')
    await isDropped

    expect(await untilBack(() => renewLane(db, account, lane!.fence, 60_000))).toBeNull()
    const write = db.transaction().execute((trx) => checkFence(trx, account, lane!.fence))
    await expect(write).rejects.toMatchObject({ code: 'FENCED' })
    expect(await takeLane(db, account, 'next', 60_000)).toEqual({ fence: lane!.fence + 1 })
  } finally {
    await db.destroy()
    await release()
    rmSync(home, { recursive: true, force: true })
  }
}, 120_000)
