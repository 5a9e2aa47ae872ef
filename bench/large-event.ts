import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { type Db, openPool } from '../src/store/database.ts'
import { Program } from '../test/cli/run-startlist.ts'
import { type Running, startRun } from '../test/helpers/running.ts'
import { quantile } from './board/load.ts'
import { EVENT, fill } from './export/fill.ts'
import { readings } from './large-event/readings.ts'
import { withServer } from './runsignup-night/database.ts'

/**
 * What a timing partner waits for whose event is very large: pages, search and files by HTTP, each beside the plain SQL
 * that reads as much. See bench/README.md.
 */

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '10000,100000' }, times: { type: 'string', default: '15' } },
})
const sizes = values.rows.split(',').map(Number)
const times = Number(values.times)
if (![...sizes, times].every((n) => Number.isInteger(n) && n > 0))
  throw new Error('--rows takes numbers such as 10000,100000, --times one such as 15')
/** Longer than an answer is shared: the board is read anew each time. */
const SHARED_MS = 2_100

for (const rows of sizes)
  await withServer(async (db, url) => {
    await fill(db, rows)
    await prepare(db)
    const program = new Program({
      DATABASE_URL: url,
      STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
      STARTLIST_API_REQUESTS_PER_SECOND: '100000',
    })
    const { lines } = await program.json(['tokens', 'create', '--partner', '1', '--name', 'bench'])
    const run = await startRun(program.env, ['--port', '0'])
    try {
      await compare(url, run, { rows, token: String(lines[0]?.token) })
    } finally {
      run.kill('SIGTERM')
      await run.ended
      program.dispose()
    }
  })

/** A race of this morning that was read to its end, with a feed that tells of everybody. */
async function prepare(db: Db): Promise<void> {
  await sql`UPDATE haku_events SET starts_at = startlist.clock() + interval '2 hours' WHERE event_id = ${EVENT}`.execute(
    db,
  )
  await sql`INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
    SELECT 'haku', 1, event_id, row_number() OVER (ORDER BY participant_id), participant_id, 'added',
      jsonb_build_object('bib_number', jsonb_build_array(NULL, bib_number), 'last_name', jsonb_build_array(NULL, last_name)),
      startlist.clock() - interval '1 day' FROM haku_participants`.execute(db)
  await sql`INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id, state, since, feed_position)
    SELECT 'haku', 1, event_id, 1, 'current', startlist.clock(), max(position) FROM participant_changes GROUP BY event_id`.execute(
    db,
  )
  await sql`VACUUM ANALYZE`.execute(db)
}

async function compare(
  url: string,
  run: Running,
  { rows, token }: { rows: number; token: string },
): Promise<void> {
  const pool = openPool(url, { max: 1 })
  const client = await pool.connect()
  const before = residentPeak(run.pid)
  for (const { what, path, plain, shared } of readings) {
    const [asked, queried]: [number[], number[]] = [[], []]
    let bytes = 0
    resetPeak(run.pid)
    for (let n = 0; n < times; n++) {
      if (shared) await new Promise((resolve) => setTimeout(resolve, SHARED_MS))
      asked.push(
        await took(async () => {
          const answer = await run.get(path, { headers: { authorization: `Bearer ${token}` } })
          if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`)
          bytes = 0
          for await (const piece of answer.body ?? []) bytes += (piece as Uint8Array).length
        }),
      )
      queried.push(await took(() => plain(client)))
    }
    const [ms, beside] = [quantile(asked, 0.5), quantile(queried, 0.5)]
    process.stdout.write(
      `${rows} rows, ${what}: ${ms.toFixed(1)} ms, plain SQL ${beside.toFixed(1)} ms, x ${(ms / beside).toFixed(1)}, ${(bytes / 1024).toFixed(0)} KiB, peak RSS ${mib(residentPeak(run.pid))} MiB\n`,
    )
  }
  process.stdout.write(`${rows} rows: peak RSS before ${mib(before)} MiB\n`)
  client.release()
  await pool.end()
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Bytes. */
function residentPeak(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

/** From here on. */
function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
