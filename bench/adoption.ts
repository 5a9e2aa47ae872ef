import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { openDatabase } from '../src/store/database.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { migrateDown, planMigrateDown } from '../src/store/migrate-down.ts'
import { Beside } from './adoption/beside.ts'
import { fillLegacy } from './adoption/fill.ts'

/**
 * How long adopting a legacy database takes, and what those feel who go on using it: a reader of start lists, and the
 * original's INSERT; and how long the way back takes. See bench/README.md.
 */

const { values: options } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
const rows = Number(options.rows)
if (!Number.isInteger(rows) || rows < 1_000) throw new Error('--rows takes a number from 1000 on')
/** The same without an adoption, for comparison, ms. */
const BEFORE_MS = 5_000

const home = mkdtempSync(join(tmpdir(), 'startlist-bench-'))
const server = await openEmbedded(home)
const db = openDatabase(server.url, { max: 1, statementTimeoutMs: 0 })
try {
  await run()
} finally {
  await db.destroy()
  await server.release()
  rmSync(home, { recursive: true, force: true })
}

interface Span {
  name: string
  from: number
  to: number
}

async function run(): Promise<void> {
  await fillLegacy(db, rows)
  await sql`CHECKPOINT`.execute(db)
  const beside = new Beside(server.url)
  const before: Span = { name: 'before, nothing else going on', from: performance.now(), to: 0 }
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MS))
  before.to = performance.now()
  const spans: Span[] = []
  const close = () => {
    const last = spans.at(-1)
    if (last !== undefined) last.to = performance.now()
  }
  await migrate(db, {
    onUnit(step, { about }) {
      close()
      spans.push({
        name: about === step ? step : `${step.slice(5)}: ${about}`,
        from: performance.now(),
        to: 0,
      })
    },
  })
  close()
  await beside.stop()
  for (const span of [before, ...spans]) print(span, beside)
  print({ name: 'all of it', from: spans[0]!.from, to: spans.at(-1)!.to }, beside)
  await count(beside)
  await back()
}

/** The way back holds everybody up from its locks to its commit: the row counts that a plan makes come before them too. */
async function back(): Promise<void> {
  const options = { key: Buffer.alloc(32).toString('base64'), accept: new Set<never>() }
  const from = performance.now()
  const { inTheWay } = await planMigrateDown(db, options)
  const planned = performance.now()
  if (inTheWay.length > 0) throw new Error(`in the way: ${JSON.stringify(inTheWay)}`)
  let [statement, began] = ['', planned]
  const slow: string[] = []
  const tell = () => {
    const s = (performance.now() - began) / 1_000
    if (s > 1)
      slow.push(`${s.toFixed(1).padStart(7)} s  ${statement.split('\n').slice(0, 2).join(' ').slice(0, 90)}`)
  }
  await migrateDown(db, {
    ...options,
    onStatement({ sql: text }) {
      if (statement !== '') tell()
      ;[statement, began] = [text, performance.now()]
    },
  })
  tell()
  const s = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
  process.stdout.write(
    `way back: plan ${s(planned - from)}, all ${s(performance.now() - planned)}\n${slow.join('\n')}\n`,
  )
  const { rows: found } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM haku_participants`.execute(
    db,
  )
  process.stdout.write(`${found[0]!.n} rows in haku_participants\n`)
}

function longest(beside: Beside, who: string, { from, to }: Span): string {
  const felt = beside.answers.filter((one) => one.who === who && one.at < to && one.at + one.ms > from)
  return `${Math.round(Math.max(0, ...felt.map(({ ms }) => ms)))}`
}

function print(span: Span, beside: Beside): void {
  const cells = [
    `${((span.to - span.from) / 1_000).toFixed(2)} s`.padStart(9),
    `${longest(beside, 'reader', span)} ms`.padStart(9),
    `${longest(beside, 'script', span)} ms`.padStart(9),
  ]
  process.stdout.write(`${cells.join('  ')}  ${span.name}\n`)
}

/** Fails unless every row is there, here or among the duplicates. */
async function count(beside: Beside): Promise<void> {
  const failures = Map.groupBy(beside.answers, ({ who, failed }) =>
    failed === null ? '' : `${who} ${failed}`,
  )
  for (const [what, all] of failures)
    if (what !== '') process.stdout.write(`failed: ${what} ${all.length} x\n`)
  const { rows: found } = await sql<{ kept: number; moved: number }>`
    SELECT (SELECT count(*)::int FROM haku_participants) AS kept,
      (SELECT count(*)::int FROM haku_participants_duplicates) AS moved`.execute(db)
  const { kept, moved } = found[0]!
  const met = kept + moved === rows + beside.inserted
  process.stdout.write(
    `${rows} rows and ${beside.inserted} of the script: ${kept} kept and ${moved} moved: ${met ? 'met' : 'not met'}\n`,
  )
}
