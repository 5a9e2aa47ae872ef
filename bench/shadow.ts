import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { type Db, openDatabase } from '../src/store/database.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { beginShadow } from '../src/store/shadow/begin.ts'
import { goLive } from '../src/sync/go-live.ts'
import { Beside } from './adoption/beside.ts'
import { fillLegacy } from './adoption/fill.ts'
import { passOver } from './shadow/pass.ts'
import { Statements, type Timed } from './shadow/statements.ts'

/**
 * How long an installation takes into the shadow and out of it, beside a plain INSERT ... SELECT of the same rows, and
 * what those feel who work meanwhile: readers and scripts of the legacy tables, and readers and pages of startlist. See
 * bench/README.md.
 */

const { values: options } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
const rows = Number(options.rows)
if (!Number.isInteger(rows) || rows < 1_000) throw new Error('--rows takes a number from 1000 on')
const WHO = ['reader', 'script', 'startlist', 'page'] as const
/** The same with nothing else going on, for comparison, ms. */
const BEFORE_MS = 5_000
/** Statements shorter than this are not told one by one, ms. */
const SHORT_MS = 500
/** What the shadow copies, but for small tables. */
const COPIED = ['haku_participants', 'runsignup_participants']

const home = mkdtempSync(join(tmpdir(), 'startlist-bench-'))
const server = await openEmbedded(home)
const db = openDatabase(server.url, { max: 2, statementTimeoutMs: 0 })
try {
  await run()
} finally {
  await db.destroy()
  await server.release()
  rmSync(home, { recursive: true, force: true })
}

async function run(): Promise<void> {
  await fillLegacy(db, rows)
  await migrate(db)
  await sql`VACUUM ANALYZE`.execute(db)
  await sql`CHECKPOINT`.execute(db)
  const beside = new Beside(server.url, WHO)
  const quiet = { text: 'nothing else going on', from: performance.now(), to: 0 }
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MS))
  print({ ...quiet, to: performance.now() }, beside)
  const begin = await measured('shadow begin', beside, (timed) => beginShadow(timed))
  const plainly = await plain('the same rows by a plain INSERT ... SELECT', beside, COPIED)
  tellRatio('shadow begin', begin, plainly)

  await passOver(db)
  const beforeEnd = await plain('the rows of the shadow by a plain INSERT ... SELECT', beside, COPIED)
  const end = await measured('shadow end', beside, async (timed) => {
    for (const { table, rows: written } of (await goLive(timed))?.merged ?? [])
      if (written > 0) process.stdout.write(`  ${written} rows into ${table}\n`)
  })
  tellRatio('shadow end', end, beforeEnd)
  await beside.stop()
  for (const [who, all] of Map.groupBy(beside.answers, (answer) => answer.who))
    for (const [code, failed] of Map.groupBy(all, (answer) => answer.failed))
      if (code !== null) process.stdout.write(`failed: ${who} ${code} ${failed.length} x\n`)
  await count(beside.inserted)
}

/** Tells what a change takes, statement by statement. @returns ms */
async function measured(
  name: string,
  beside: Beside,
  work: (timed: Db) => Promise<unknown>,
): Promise<number> {
  const statements = new Statements(db)
  const from = performance.now()
  await work(db.withPlugin(statements))
  const all = { text: name, from, to: performance.now() }
  // Whoever waited for the last of it answers after it.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  print(all, beside)
  for (const one of statements.timed) if (one.to - one.from >= SHORT_MS) print(one, beside, '  ')
  return all.to - all.from
}

/** @returns ms */
async function plain(name: string, beside: Beside, tables: readonly string[]): Promise<number> {
  await sql`CREATE SCHEMA plain`.execute(db)
  const from = performance.now()
  for (const table of tables) {
    const copy = sql.id('plain', table)
    await sql`CREATE TABLE ${copy} (LIKE ${sql.id(table)} INCLUDING ALL)`.execute(db)
    const { rows: columns } = await sql<{ name: string }>`SELECT attname::text AS name FROM pg_attribute
      WHERE attrelid = ${`plain.${table}`}::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`.execute(
      db,
    )
    const names = sql.join(columns.map((column) => sql.ref(column.name)))
    await sql`INSERT INTO ${copy} (${names}) SELECT ${names} FROM ${sql.id(table)}`.execute(db)
  }
  const all = { text: name, from, to: performance.now() }
  print(all, beside)
  await sql`DROP SCHEMA plain CASCADE`.execute(db)
  await sql`CHECKPOINT`.execute(db)
  return all.to - all.from
}

function longest(beside: Beside, who: string, { from, to }: Timed): string {
  const felt = beside.answers.filter((one) => one.who === who && one.at < to && one.at + one.ms > from)
  return `${Math.round(Math.max(0, ...felt.map(({ ms }) => ms)))} ms`
}

function print(span: Timed, beside: Beside, indent = ''): void {
  const cells = [
    `${((span.to - span.from) / 1_000).toFixed(2)} s`.padStart(9),
    ...WHO.map((who) => `${who} ${longest(beside, who, span)}`.padStart(20)),
  ]
  process.stdout.write(`${cells.join('')}  ${indent}${span.text.slice(0, 110)}\n`)
}

function tellRatio(name: string, ms: number, plainMs: number): void {
  process.stdout.write(`${name}: x ${(ms / plainMs).toFixed(2)} of the plain INSERT ... SELECT\n`)
}

/** Fails unless every row is there: those of before, those of the script, and those that the passes brought. */
async function count(inserted: number): Promise<void> {
  const { rows: found } = await sql<{ old: number; met: number; fresh: number }>`
    SELECT count(*) FILTER (WHERE participant_id LIKE 'R-%')::int AS old,
      count(*) FILTER (WHERE participant_id LIKE 'R-%' AND mapping_version IS NOT NULL)::int AS met,
      count(*) FILTER (WHERE participant_id LIKE 'N-%')::int AS fresh FROM haku_participants`.execute(db)
  const { old, met, fresh } = found[0]!
  const { rows: all } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM haku_participants`.execute(db)
  const isWhole = old === met && all[0]!.n === old + fresh + inserted
  process.stdout.write(
    `${old} rows of before, ${fresh} new and ${inserted} of the script: ${isWhole ? 'met' : 'not met'}\n`,
  )
}
