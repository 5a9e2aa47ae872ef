import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { Program } from '../cli/run-startlist.ts'
import { killRuns, type Running, startRun } from '../helpers/running.ts'
import { differences } from '../helpers/truth.ts'

const CLIENT = '7a4e0f'.repeat(4)
const SECRET = 'a-secret-of-the-partner'
const EVENT = 'harbor'
const EVERY_MS = 5_000
/** N3. */
const TAKE_OVER_MS = 25_000
const LIMIT = 500

export interface TakeOverOptions {
  url: string
  db: Db
  seed: number
  /** How long the two run, the kill a third of the way in. */
  forMs: number
}

export interface TakeOverReport {
  /** From the kill to the first call of the other process. */
  tookMs: number
  /** Longest time without a call after that. */
  longestGapMs: number
  calls: number
}

/**
 * Two real `startlist run` on one database and one account, in real time; the one that makes a call is killed outright
 * while the call is in flight (N3).
 * @throws AssertionError when the other takes longer than 25 s, repeats more than that call, loses a row, or when the
 * ledger and the provider disagree
 */
export async function watchTakeOver({ url, db, seed, forMs }: TakeOverOptions): Promise<TakeOverReport> {
  const scene = world({ clock: systemClock, seed })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  scene.addEvent(organization, { id: EVENT, participants: 8, startsAt: scene.now() + 2 * 3_600_000 })
  const haku = await startHaku({ world: scene })
  const startlist = Program.on(url, haku)
  try {
    await addAccount(startlist)
    const env = {
      STARTLIST_HOME: startlist.home,
      DATABASE_URL: url,
      STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
      HAKU_API_URL: haku.apiUrl,
      HAKU_TOKEN_URL: haku.tokenUrl,
      HAKU_MIN_SPACING_MS: '0',
      HAKU_QUOTA_PER_HOUR: String(LIMIT),
    }
    const runs = [await startRun(env, ['--no-api']), await startRun(env, ['--no-api'])]
    const began = systemClock.now()
    await until(() => isComplete(db))
    await sql`UPDATE haku_events SET cadence = ${`${EVERY_MS / 1000}s`}`.execute(db)
    await until(async () => systemClock.now() - began > forMs / 3)
    const killed = await killAtCall(db, haku, runs)
    await until(async () => haku.calls.last > killed.call, TAKE_OVER_MS + 5_000)
    const tookMs = systemClock.now() - killed.at
    assert.ok(tookMs < TAKE_OVER_MS, `taken over after ${tookMs} ms`)
    const longestGapMs = await watchCalls(haku, began + forMs)
    assert.ok(longestGapMs < 2 * EVERY_MS + 5_000, `no call for ${longestGapMs} ms`)
    const survivor = runs.find((run) => run !== killed.run)
    survivor?.kill('SIGTERM')
    await survivor?.ended
    await compare(db, haku)
    return { tookMs, longestGapMs, calls: haku.calls.last }
  } finally {
    killRuns()
    await haku.stop()
    startlist.dispose()
  }
}

async function addAccount(startlist: Program): Promise<void> {
  const commands: [args: string[], input?: string][] = [
    [['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York']],
    [
      [
        'credentials',
        'add',
        '--partner',
        '1',
        '--provider',
        'haku',
        '--org',
        'Lantern Bay',
        '--principal',
        CLIENT,
        '--secret-stdin',
      ],
      SECRET,
    ],
  ]
  for (const [args, input] of commands) {
    const { code, stderr } = await startlist.run(args, input === undefined ? {} : { input })
    assert.equal(code, 0, stderr)
  }
}

/** Kills the process that makes the next call, while the call is in flight. */
async function killAtCall(db: Db, haku: Haku, runs: readonly Running[]) {
  const call = haku.calls.last + 1
  const { promise, resolve } = Promise.withResolvers<void>()
  haku.atCall(call, () => resolve())
  haku.faults.add({ fault: { kind: 'slow', ms: 1_000 }, times: 1 })
  await promise
  const { rows } = await sql<{ holder: string }>`SELECT holder FROM lanes WHERE holder IS NOT NULL`.execute(
    db,
  )
  const pid = Number(rows[0]?.holder.split(':')[1])
  const run = runs.find((one) => one.pid === pid)
  assert.ok(run, `nobody holds the lane: ${JSON.stringify(rows)}`)
  run.kill('SIGKILL')
  await run.ended
  return { run, call, at: systemClock.now() }
}

/** The longest time between two calls until an instant. */
async function watchCalls(haku: Haku, untilAt: number): Promise<number> {
  let longest = 0
  let last = haku.calls.last
  for (let at = systemClock.now(); systemClock.now() < untilAt; ) {
    await systemClock.sleep(50)
    if (haku.calls.last > last) at = systemClock.now()
    last = haku.calls.last
    longest = Math.max(longest, systemClock.now() - at)
  }
  return longest
}

/** What the provider counted stands in the ledger, within the limit; and what it has is stored. */
async function compare(db: Db, haku: Haku): Promise<void> {
  const { rows } = await sql<{ calls: number; open: number }>`
    SELECT count(*)::int AS calls, count(*) FILTER (WHERE ended_at IS NULL)::int AS open FROM api_calls`.execute(
    db,
  )
  assert.equal(rows[0]?.calls, haku.calls.last)
  assert.ok((rows[0]?.open ?? 0) <= 1, 'more than the call in flight has no end')
  assert.ok(haku.calls.last <= LIMIT)
  const event = haku.truth().get(EVENT)
  assert.ok(event)
  assert.deepEqual(await differences(db, event, { partnerId: 1 }), [])
}

async function isComplete(db: Db): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    SELECT coalesce(bool_and(complete_at IS NOT NULL), false) AS done FROM sync_state`.execute(db)
  return rows[0]?.done ?? false
}

async function until(holds: () => Promise<boolean>, withinMs = 300_000): Promise<void> {
  const began = systemClock.now()
  while (!(await holds())) {
    assert.ok(systemClock.now() - began < withinMs, `it did not come true within ${withinMs} ms`)
    await systemClock.sleep(20)
  }
}
