import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, expect, inject, it, onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/domain/clock.ts'
import { FeedHub } from '../../src/feed/hub.ts'
import { appendChanges, type PartnerEvent } from '../../src/store/changes.ts'
import { openDatabase } from '../../src/store/database.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { change, seedFeed } from './feeds.ts'

const hubs: FeedHub[] = []
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.stop()
})

/** Without the look every 30 s, which would make good what a notification should have brought. */
const noLook: Clock = {
  now: systemClock.now,
  sleep: (ms, signal) => systemClock.sleep(ms === 30_000 ? 1e9 : ms, signal),
}

function startHub({ db, url }: TestDatabase): FeedHub {
  const hub = new FeedHub({ db, url, clock: noLook, onProblem: () => {} })
  hub.start()
  hubs.push(hub)
  return hub
}

/** Follows until `last` has come; the positions in the order in which they came. */
async function positionsTo(
  hub: FeedHub,
  at: PartnerEvent,
  { after = 0, last, seen = [] }: { after?: number; last: number; seen?: number[] },
): Promise<number[]> {
  for await (const entries of hub.follow(at, after, { signal: AbortSignal.timeout(60_000) })) {
    seen.push(...entries.map(({ position }) => position))
    if ((seen.at(-1) ?? 0) >= last) break
  }
  return seen
}

const oneTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, i) => from + i)

async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 60_000; !isSo(); await pause(10))
    if (performance.now() > end) throw new Error('it never came')
}

it('two writers and a tailing reader: nothing is missed, nothing comes twice, all in order (D4)', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  const reading = positionsTo(startHub(database), at, { last: 120 })
  const write = async (sizes: readonly number[]) => {
    for (const size of sizes) await change(db, at, size)
  }
  await Promise.all([write(Array(20).fill(4)), write(Array(40).fill(1))])
  expect(await reading).toEqual(oneTo(120))
})

it('a writer that takes long, and one that gives up, leave no gap', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  const seen: number[] = []
  const reading = positionsTo(startHub(database), at, { last: 3, seen })
  const one = { key: 'r1', change: 'changed' as const, fields: {}, sourceUpdatedAt: null }
  const slow = await db.startTransaction().execute()
  await appendChanges(slow, at, null, [one])
  const quick = change(db, at, 2)
  await slow.rollback().execute()
  await quick
  await change(db, at)
  expect(await reading).toEqual([1, 2, 3])
})

it('each change is read once, however many listen', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  await change(db, at, 30)
  const hub = startHub(database)
  const listening = Array.from({ length: 200 }, () => [] as number[])
  const reading = listening.map((seen) => positionsTo(hub, at, { after: 30, last: 60, seen }))
  await until(() => hub.listening && hub.followers(at) === 200)
  const reads = countReads(db)
  for (let i = 0; i < 30; i++) await change(db, at)
  for (const seen of await Promise.all(reading)) expect(seen).toEqual(oneTo(60, 31))
  // A read may bring several, and one that finds nothing ends a round.
  expect(reads()).toBeLessThanOrEqual(62)
})

it('those who come back together share what is read', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  await change(db, at, 3_000)
  const hub = startHub(database)
  await hub
    .follow(at, 3_000, { signal: AbortSignal.timeout(1) })
    .next()
    .catch(() => {})
  const reads = countReads(db)
  const all = await Promise.all(
    Array.from({ length: 100 }, () => positionsTo(hub, at, { after: 5, last: 3_000 })),
  )
  for (const seen of all) expect(seen).toEqual(oneTo(3_000, 6))
  expect(reads()).toBeLessThan(30)
}, 60_000)

it('goes on without a gap when the database was away', async () => {
  const database = await testDatabase()
  const at = await seedFeed(database.db)
  const hub = startHub(database)
  const seen: number[] = []
  const reading = positionsTo(hub, at, { last: 12, seen })
  await change(database.db, at, 5)
  await until(() => seen.length === 5)
  const name = new URL(database.url).pathname.slice(1)
  const admin = new pg.Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
  await until(() => !hub.listening)
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
  await admin.end()
  // Some before it listens again, which nobody is notified of. The pool may still hold connections that were ended.
  const writer = openDatabase(database.url, { max: 1 })
  onTestFinished(() => writer.destroy())
  await change(writer, at, 4)
  await until(() => hub.listening)
  // By itself, and not because somebody changes something later.
  await until(() => seen.length === 9)
  await change(writer, at, 3)
  expect(await reading).toEqual(oneTo(12))
}, 60_000)

it('resumes behind what was last seen, also from memory', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  const hub = startHub(database)
  const first = positionsTo(hub, at, { last: 10 })
  await change(db, at, 10)
  await first
  await change(db, at, 5)
  expect(await positionsTo(hub, at, { after: 7, last: 15 })).toEqual(oneTo(15, 8))
})

it('says so when changes were purged, or the feed never came so far', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  await change(db, at, 10)
  await sql`UPDATE partner_sync SET feed_purged = 4`.execute(db)
  await sql`DELETE FROM participant_changes WHERE position <= 4`.execute(db)
  const hub = startHub(database)
  const gone = expect.objectContaining({ code: 'CHANGES_GONE' })
  await expect(positionsTo(hub, at, { after: 3, last: 10 })).rejects.toEqual(gone)
  await expect(positionsTo(hub, at, { after: 11, last: 12 })).rejects.toEqual(gone)
  expect(await positionsTo(hub, at, { after: 4, last: 10 })).toEqual(oneTo(10, 5))
})

it('ends a listener that was up to date and fell behind what is in memory', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  const hub = startHub(database)
  const signal = AbortSignal.timeout(60_000)
  const slow = hub.follow(at, 0, { signal, endSlow: true })
  const first = slow.next()
  await change(db, at)
  await first
  const quick = positionsTo(hub, at, { last: 4_001 })
  for (let i = 0; i < 4; i++) await change(db, at, 1_000)
  await quick
  await expect(slow.next()).rejects.toMatchObject({ code: 'LAGGING' })
}, 60_000)

it('tells watchers what changed, once for many changes, and ends with the hub', async () => {
  const database = await testDatabase()
  const { db } = database
  const at = await seedFeed(db)
  const hub = startHub(database)
  const watching = hub.watch(AbortSignal.timeout(60_000))
  // Listening begins with "anything may have changed".
  expect((await watching.next()).value).toMatchObject({ all: true })
  const key = `haku:${at.partnerId}:dawn`
  await change(db, at, 3)
  const news = (await watching.next()).value
  expect([...news.lists]).toEqual([[key, 3]])
  const ended = expect(watching.next()).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await hub.stop()
  await ended
})

/** Counts the reads of the feed from now on. */
function countReads(db: TestDatabase['db']): () => number {
  let reads = 0
  const executor = db.getExecutor()
  const original = executor.executeQuery.bind(executor)
  executor.executeQuery = ((query: { sql: string }, ...rest: unknown[]) => {
    if (query.sql.includes('startlist.changes')) reads++
    return (original as (...all: unknown[]) => unknown)(query, ...rest)
  }) as never
  return () => reads
}
