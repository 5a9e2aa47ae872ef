import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backup, restore } from '../../../src/store/backup/backup.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { readIsolation } from '../../../src/store/isolation/roles.ts'
import { asTenant } from '../../../src/store/isolation/tenant.ts'
import { assertSchema } from '../../../src/store/migrate.ts'
import { beginShadow } from '../../../src/store/shadow/begin.ts'
import { discardShadow } from '../../../src/store/shadow/discard.ts'
import { shadowedSince } from '../../../src/store/shadow/tables.ts'
import { goLive } from '../../../src/sync/go-live.ts'
import { testDatabase } from '../../helpers/database.ts'

/** PostgreSQL's client programs are not startlist's to bring; where they fit the server, the real thing is tried. */
const fits = (tool: string, server: number): boolean => {
  try {
    return Number(/\) (\d+)/.exec(execFileSync(tool, ['--version'], { encoding: 'utf8' }))?.[1]) >= server
  } catch {
    return false
  }
}

let directory: string
let path: string | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'startlist-backup-'))
  path = process.env.PATH
})
afterEach(() => {
  process.env.PATH = path
  rmSync(directory, { recursive: true })
})

async function source() {
  const database = await testDatabase()
  await sql`INSERT INTO timing_partners (company_name) VALUES ('Lantern Timing')`.execute(database.db)
  await sql`INSERT INTO accounts (provider, principal) VALUES ('haku', 'c1')`.execute(database.db)
  return database
}

async function serverOf(url: string): Promise<number> {
  const db = openDatabase(url)
  const { rows } = await sql<{
    v: number
  }>`SELECT current_setting('server_version_num')::int / 10000 AS v`.execute(db)
  await db.destroy()
  return rows[0]!.v
}

describe('a backup', () => {
  it('is restored whole into an empty database, where every hour counts as spent (L5); or the tools do not fit, and that is said', async () => {
    const { db, url } = await source()
    const file = join(directory, 'x.dump')
    if (!fits('pg_dump', await serverOf(url))) {
      await expect(backup(db, url, file)).rejects.toMatchObject({ code: expect.stringMatching(/^TOOL_/) })
      expect(existsSync(`${file}.part`)).toBe(false)
      return
    }
    const { rows } = await backup(db, url, file)
    expect(rows).toMatchObject({ 'public.timing_partners': 1, 'public.accounts': 1 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const target = await testDatabase({ empty: true })
    await restore(target.url, file)
    await assertSchema(target.db)
    const { rows: paused } = await sql`SELECT pause_reason FROM accounts`.execute(target.db)
    expect(paused).toEqual([{ pause_reason: 'restored' }])
    await expect(restore(target.url, file)).rejects.toMatchObject({ code: 'DATABASE_NOT_EMPTY' })
  })

  it('of a shadowed installation is restored shadowed, with what isolates partners, and goes live or is discarded there', async () => {
    const { db, url } = await source()
    await beginShadow(db)
    await sql`INSERT INTO haku_events (event_id, timing_partner_id, row_hash) VALUES ('e1', 1, '')`.execute(
      db,
    )
    await sql`INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, mapping_version)
      VALUES ('e1', 1, 'R1', 1)`.execute(db)
    const file = join(directory, 'x.dump')
    if (!fits('pg_dump', await serverOf(url))) {
      await expect(backup(db, url, file)).rejects.toMatchObject({ code: expect.stringMatching(/^TOOL_/) })
      return
    }
    await backup(db, url, file)
    for (const [leave, rows] of [
      [goLive, 1],
      [discardShadow, 0],
    ] as const) {
      const target = await testDatabase({ empty: true })
      await restore(target.url, file)
      expect(await shadowedSince(target.db)).toBe(await shadowedSince(db))
      expect(await readIsolation(target.db)).toMatchObject({ admitted: true, gaps: [] })
      const seen = await asTenant(target.db, 1, (trx) =>
        sql`SELECT event_id FROM startlist.list_events`.execute(trx),
      )
      expect(seen.rows).toEqual([{ event_id: 'e1' }])
      expect(await leave(target.db)).not.toBe(null)
      const { rows: live } = await sql`SELECT participant_id FROM haku_participants`.execute(target.db)
      expect(live).toHaveLength(rows)
    }
  })

  it('says what to install when pg_dump is not there, and leaves nothing behind', async () => {
    const { db, url } = await source()
    process.env.PATH = directory
    const file = join(directory, 'x.dump')
    await expect(backup(db, url, file)).rejects.toMatchObject({ code: 'TOOL_MISSING' })
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false)
  })

  it('gives a tool no secret as an argument', async () => {
    const { db, url } = await source()
    // Stands in for pg_dump: writes down what everybody on the machine could read of it.
    const seen = join(directory, 'arguments')
    writeFileSync(
      join(directory, 'pg_dump'),
      `#!/bin/sh\n[ "$1" = --version ] && echo 'pg_dump (PostgreSQL) 99.1' && exit 0\necho "$*" > ${seen}\nexit 1\n`,
      { mode: 0o755 },
    )
    process.env.PATH = `${directory}:${path}`
    await expect(backup(db, url, join(directory, 'x.dump'))).rejects.toMatchObject({ code: 'TOOL_FAILED' })
    const password = new URL(url).password
    expect(password).not.toBe('')
    expect(readFileSync(seen, 'utf8')).not.toContain(password)
  })
})

describe('a restore', () => {
  it('refuses a database that is shadowed, as any that is not empty, and touches nothing of it', async () => {
    const { db, url } = await source()
    await beginShadow(db)
    const since = await shadowedSince(db)
    const file = join(directory, 'x.dump')
    writeFileSync(file, 'a backup')
    const sha256 = createHash('sha256').update('a backup').digest('hex')
    const manifest = { format: 1, takenAt: '2026-11-01T00:00:00Z', server: 15, sha256, rows: {} }
    writeFileSync(`${file}.json`, JSON.stringify(manifest))
    writeFileSync(join(directory, 'pg_restore'), `#!/bin/sh\necho 'pg_restore (PostgreSQL) 99.1'\n`, {
      mode: 0o755,
    })
    process.env.PATH = `${directory}:${path}`
    await expect(restore(url, file)).rejects.toMatchObject({ code: 'DATABASE_NOT_EMPTY' })
    expect(await shadowedSince(db)).toBe(since)
    const { rows } = await sql`SELECT company_name FROM timing_partners`.execute(db)
    expect(rows).toEqual([{ company_name: 'Lantern Timing' }])
  })

  it('refuses a file that its manifest does not describe', async () => {
    const { url } = await testDatabase({ empty: true })
    const file = join(directory, 'x.dump')
    await expect(restore(url, file)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
    writeFileSync(file, 'half of it')
    const manifest = {
      format: 1,
      takenAt: '2026-11-01T00:00:00Z',
      server: 18,
      sha256: 'a'.repeat(64),
      rows: {},
    }
    writeFileSync(`${file}.json`, JSON.stringify(manifest))
    await expect(restore(url, file)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
  })
})
