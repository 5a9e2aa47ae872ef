import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { systemClock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import { markWindowsSpent } from '../accounts.ts'
import { type Db, openDatabase } from '../database.ts'
import { admitRoles } from '../isolation/roles.ts'
import { countRows } from './count-rows.ts'
import { majorOf, runTool } from './tools.ts'

/** What stands beside a backup, in `FILE.json`: enough to prove that a restore is whole. */
const manifestForm = z.object({
  format: z.literal(1),
  takenAt: z.iso.datetime(),
  /** major version of the server */
  server: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** rows, by schema-qualified table */
  rows: z.record(z.string(), z.int()),
})
export type Manifest = z.infer<typeof manifestForm>

/**
 * Writes the whole database to a file in `pg_dump`'s custom format, and beside it how many rows each table had in the
 * very snapshot that was dumped. The key that opens sealed secrets is in neither.
 * @throws StartlistError TOOL_MISSING, TOOL_TOO_OLD, TOOL_FAILED, DATABASE_UNREACHABLE
 */
export async function backup(db: Db, url: string, file: string): Promise<Manifest & { bytes: number }> {
  const server = await serverMajor(db)
  await assertFits('pg_dump', server)
  const part = `${file}.part`
  try {
    const { rows, takenAt } = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const snapshot = await sql<{ id: string; now: string }>`
          SELECT pg_export_snapshot() AS id, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now`.execute(
          trx,
        )
        const { id, now } = snapshot.rows[0]!
        await writeFile(part, '', { mode: 0o600 })
        await chmod(part, 0o600)
        await runTool('pg_dump', ['--format=custom', `--snapshot=${id}`, `--file=${part}`], url)
        return { rows: await countRows(trx), takenAt: now }
      })
    const manifest: Manifest = { format: 1, takenAt, server, sha256: await sha256(part), rows }
    await writeFile(`${file}.json`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
    await rename(part, file)
    return { ...manifest, bytes: (await stat(file)).size }
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/**
 * Fills an empty database from a backup, all or nothing, and compares every table's rows with the manifest. What was
 * called since the backup is not in its ledger: every account's hour counts as spent (L5).
 * @throws StartlistError BACKUP_DAMAGED, DATABASE_NOT_EMPTY, TOOL_MISSING, TOOL_TOO_OLD, TOOL_FAILED
 */
export async function restore(url: string, file: string): Promise<Manifest> {
  const manifest = await readManifest(file)
  if ((await sha256(file)) !== manifest.sha256)
    throw damaged(`${file} is not the file that ${file}.json describes`)
  const db = openDatabase(url)
  try {
    const server = await serverMajor(db)
    await assertFits('pg_restore', manifest.server)
    if (server < manifest.server)
      throw new StartlistError(
        'TOOL_TOO_OLD',
        `the backup is of PostgreSQL ${manifest.server}, this server is ${server}`,
      )
    await assertEmpty(db)
    await runTool(
      'pg_restore',
      [
        '--single-transaction',
        '--exit-on-error',
        '--no-owner',
        '--no-privileges',
        `--dbname=${nameOf(url)}`,
        file,
      ],
      url,
    )
    const rows = await countRows(db)
    const wrong = Object.entries(manifest.rows).filter(([table, count]) => rows[table] !== count)
    if (wrong.length > 0)
      throw damaged(
        wrong.map(([table, count]) => `${table} has ${rows[table] ?? 0} rows instead of ${count}`).join(', '),
      )
    await markWindowsSpent(db)
    await admitRoles(db, systemClock)
    return manifest
  } finally {
    await db.destroy()
  }
}

async function readManifest(file: string): Promise<Manifest> {
  try {
    return manifestForm.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')))
  } catch (error) {
    throw new StartlistError('BACKUP_DAMAGED', `${file}.json, which belongs to the backup, cannot be read`, {
      cause: error,
    })
  }
}

const damaged = (message: string) => new StartlistError('BACKUP_DAMAGED', message)
const nameOf = (url: string) => decodeURIComponent(new URL(url).pathname.slice(1))

async function serverMajor(db: Db): Promise<number> {
  const { rows } = await sql<{ major: number }>`
    SELECT current_setting('server_version_num')::int / 10000 AS major`.execute(db)
  return rows[0]!.major
}

/** A tool reads what its own version and older ones wrote. */
async function assertFits(tool: 'pg_dump' | 'pg_restore', server: number): Promise<void> {
  const major = await majorOf(tool)
  if (major >= server) return
  throw new StartlistError(
    'TOOL_TOO_OLD',
    `${tool} here is of PostgreSQL ${major}, and the database of ${server}`,
  )
}

async function assertEmpty(db: Db): Promise<void> {
  const tables = Object.keys(await countRows(db))
  if (tables.length === 0) return
  throw new StartlistError(
    'DATABASE_NOT_EMPTY',
    `the database has ${tables.length} tables already, such as ${tables[0]}`,
  )
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
