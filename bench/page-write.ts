import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import type { Db } from '../src/store/database.ts'
import { assertSameFeed, assertSameRows } from './page-write/compare.ts'
import type { Contender } from './page-write/contender.ts'
import { copyMerge } from './page-write/copy-merge.ts'
import { type BenchDatabase, withDatabase } from './page-write/database.ts'
import { type Walk, walk, walkTraced } from './page-write/measure.ts'
import { ours } from './page-write/ours.ts'
import { makeStage, Race } from './page-write/race.ts'
import { type Expectation, lineOf, printed, type Report, ratio, type Series } from './page-write/report.ts'
import { guardedUnnest, perRow } from './page-write/rivals.ts'

/**
 * How fast a page of registrations becomes rows, startlist beside the usual ways to do it. From parsed records to the
 * commit, all in one run and taking turns, because only ratios carry over to another machine. See bench/README.md.
 */

const PAGES = [
  { pageSize: 500, rows: 2500 },
  { pageSize: 25, rows: 1000 },
] as const
const CHANGED = [0, 0.02, 1] as const
const EVENTS = { rows: 'bench-per-row', guarded: 'bench-guarded', ours: 'bench-ours', copy: 'bench-copy' }

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, repeat: { type: 'string', default: '9' } },
})
const repetitions = Number(options.repeat)
if (!Number.isInteger(repetitions) || repetitions < 1) throw new Error('--repeat takes a number from 1 on')

const report = await withDatabase(run)
process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : printed(report))

async function run({ db, client }: BenchDatabase): Promise<Report> {
  const stage = await makeStage(db, Object.values(EVENTS))
  const startlist = ours(db, stage, EVENTS.ours)
  const guarded = guardedUnnest(client, stage, EVENTS.guarded)
  const copy = await copyMerge(client, stage, EVENTS.copy)
  const contenders = [perRow(client, stage, EVENTS.rows), guarded, startlist, copy]
  const race = new Race(Math.max(...PAGES.map(({ rows }) => rows)))
  for (const contender of contenders) await walk(contender, race.records, 500)

  const all: Series[] = []
  const wal: Report['wal'] = []
  for (const { pageSize, rows } of PAGES) {
    const series = CHANGED.flatMap((changed) =>
      contenders.map(({ name }): Series => ({ contender: name, pageSize, changed, walks: [] })),
    )
    // The first round warms up and is not counted.
    for (let repetition = -1; repetition < repetitions; repetition++) {
      for (const changed of CHANGED) {
        await settle(db, contenders, race.records.slice(0, pageSize))
        race.change(changed, rows)
        const walks = await takeTurns(contenders, repetition, race.records.slice(0, rows), pageSize)
        if (repetition < 0) continue
        for (const one of series) if (one.changed === changed) one.walks.push(walks.get(one.contender)!)
      }
    }
    all.push(...series)
    for (const contender of [guarded, startlist]) {
      const traces = await walkTraced(db, contender, race.records.slice(0, rows), pageSize)
      wal.push({ contender: contender.name, pageSize, ...traces })
    }
  }
  await assertSameRows(db, Object.values(EVENTS))
  const feedEntries = await assertSameFeed(db, EVENTS.ours, EVENTS.copy)

  const find = (contender: Contender, pageSize: number, changed: number) =>
    all.find((s) => s.contender === contender.name && s.pageSize === pageSize && s.changed === changed)!
  const lines = all.map((series) => lineOf(series, find(startlist, series.pageSize, series.changed)))
  const { rows: size } = await sql<{ bytes: number }>`
    SELECT avg(octet_length(raw_data::text))::int AS bytes FROM haku_participants`.execute(db)
  const quiet = versus(find(startlist, 500, 0), find(guarded, 500, 0))
  const busy = versus(find(startlist, 500, 1), find(copy, 500, 1))
  const traces = wal.filter(({ contender }) => contender === startlist.name)
  return {
    rows: race.records.length,
    rawBytes: size[0]!.bytes,
    repetitions,
    lines,
    wal,
    feedEntries,
    expectations: [
      {
        what: '500 rows, 0 %: at least 5 x guarded unnest',
        measured: quiet.text,
        met: quiet.transactions >= 5,
      },
      notWritten(traces),
      littleWal(traces),
      {
        what: '500 rows, 100 %: at least half of COPY + merge',
        measured: busy.text,
        met: busy.transactions >= 0.5,
      },
    ],
  }
}

/** Clears away what the walks before left dead, and brings both sessions back to their stride with a quiet page. */
async function settle(db: Db, contenders: readonly Contender[], page: Race['records']): Promise<void> {
  await sql`VACUUM ANALYZE haku_participants, participant_changes, partner_sync, rejected_records, lanes`.execute(
    db,
  )
  for (const contender of contenders) await walk(contender, page, page.length)
}

/** One walk of each contender over the same records; who begins goes round. */
async function takeTurns(
  contenders: readonly Contender[],
  round: number,
  records: Race['records'],
  pageSize: number,
): Promise<Map<string, Walk>> {
  const walks = new Map<string, Walk>()
  for (let i = 0; i < contenders.length; i++) {
    const contender = contenders[(i + round + contenders.length) % contenders.length]!
    walks.set(contender.name, await walk(contender, records, pageSize))
  }
  return walks
}

/**
 * startlist by a rival. The transactions alone decide, and they are the harder measure: a rival's mapping is then
 * free, while startlist's happens inside, as it needs the stored rows. Only its fingerprints are outside as well.
 */
function versus(startlist: Series, rival: Series): { transactions: number; text: string } {
  const transactions = ratio(rival, startlist, (walk) => walk.writeMs)
  const whole = ratio(startlist, rival)
  return {
    transactions,
    text: `${transactions.toFixed(2)} x (from parsed records to commit ${whole.toFixed(2)} x)`,
  }
}

function notWritten(traces: Report['wal']): Expectation {
  const tuples = traces.reduce((sum, { tuplesWritten }) => sum + tuplesWritten, 0)
  return {
    what: '0 %: haku_participants is not written',
    measured: `${tuples} rows inserted, updated or deleted`,
    met: tuples === 0,
  }
}

function littleWal(traces: Report['wal']): Expectation {
  const most = Math.max(...traces.map(({ walBytesPerPage }) => walBytesPerPage))
  return {
    what: '0 %: under 1 kB of WAL a page, fence and commit included',
    measured: `${Math.round(most)} bytes at most`,
    met: most < 1000,
  }
}
