import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { assignBibs } from '../src/bibs/assign.ts'
import { checkList } from '../src/check/check-list.ts'
import { type BibList, bibLists } from '../src/store/bibs/lists.ts'
import type { Db } from '../src/store/database.ts'
import { withDatabase } from './page-write/database.ts'

/** Bibs and the pre-race check of an event of 100,000 people. See bench/README.md. */

const PEOPLE = 100_000
const EVENT = 'large'
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

await withDatabase(async ({ db }) => {
  const list = await largeEvent(db)
  await sql`VACUUM ANALYZE`.execute(db)
  const before = process.memoryUsage().rss
  const plain = await timed('one plain query over the event', () =>
    sql`SELECT count(DISTINCT bib_number), count(DISTINCT lower(last_name))
      FROM haku_participants WHERE event_id = ${EVENT}`.execute(db),
  )
  const check = await timed('check', () => db.transaction().execute((trx) => checkList(trx, list, 100)))
  const one = await timed('bibs set', () => give(db, list, [1], 200_000))
  await timed('bibs import, previewed', () => give(db, list, range(PEOPLE), 300_000, true))
  await timed('bibs import', () => give(db, list, range(PEOPLE), 300_000))
  print(`check / plain query`, `${(check / plain).toFixed(1)} x`)
  print(`bibs set / plain query`, `${(one / plain).toFixed(2)} x`)
  print('memory of all of it', `${Math.round((process.memoryUsage().rss - before) / 2 ** 20)} MiB more`)
})

function give(db: Db, list: BibList, numbers: number[], from: number, preview = false) {
  const wanted = numbers.map((n) => ({ line: n, registration: `R${n}`, person: null, bib: String(from + n) }))
  return assignBibs(db, list, { wanted, takesBack: false, allowDuplicates: false, preview })
}

async function timed(what: string, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  print(what, `${ms.toFixed(0)} ms`)
  return ms
}

function print(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(32)}${value.padStart(12)}\n`)
}

/** Every tenth has no bib, every hundredth no sex, and every thousandth a bib that another has. */
async function largeEvent(db: Db): Promise<BibList> {
  const partner = await sql<{ id: number }>`
    INSERT INTO timing_partners (company_name) VALUES ('Alder Timing') RETURNING timing_partner_id AS id`.execute(
    db,
  )
  const partnerId = partner.rows[0]!.id
  const account = await sql<{ id: number }>`
    INSERT INTO accounts (provider, principal) VALUES ('haku', 'bench') RETURNING account_id AS id`.execute(
    db,
  )
  const accountId = account.rows[0]!.id
  await sql`INSERT INTO haku_events (timing_partner_id, event_id, account_id, event_name, start_day)
    VALUES (${partnerId}, ${EVENT}, ${accountId}, 'Harbor Marathon', '2026-05-02')`.execute(db)
  await sql`INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
    VALUES ('haku', ${partnerId}, ${EVENT}, ${accountId})`.execute(db)
  await sql`
    INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name, last_name, gender,
      date_of_birth, category, bib_number, provider_bib, raw_data, mapping_version)
    SELECT ${EVENT}, ${partnerId}, 'R' || n, 'First' || n % 977, 'Last' || n, CASE WHEN n % 100 > 0 THEN 'F' END,
      DATE '1950-01-01' + n % 20000, 'Marathon', b.bib, b.bib,
      jsonb_build_object('list', jsonb_build_object('notes', repeat('x', 1500)), 'detail', null), 1
    FROM generate_series(1, ${PEOPLE}::int) n
    CROSS JOIN LATERAL (SELECT CASE WHEN n % 10 = 0 THEN NULL WHEN n % 1000 = 1 THEN 'twice' || n / 2000 ELSE n::text END AS bib) b`.execute(
    db,
  )
  const [list] = await bibLists(db, { eventId: EVENT })
  return list!
}
