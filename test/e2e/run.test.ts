import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, register, startHaku, type World, world } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { pendingTurns } from '../../src/store/turns.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { killRuns, startRun } from '../helpers/running.ts'
import { differences } from '../helpers/truth.ts'

const CLIENT = 'c1ie47'.repeat(4)
const SECRET = 'a-secret-of-the-partner'
const HOUR = 3_600_000

let scene: World
let haku: Haku
let database: TestDatabase
let startlist: Program
let env: Record<string, string>

beforeAll(async () => {
  scene = world({ clock: systemClock, seed: 11 })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  scene.addEvent(organization, {
    id: 'soon',
    name: 'Harbor Half',
    participants: 12,
    startsAt: scene.now() + 2 * HOUR,
  })
  haku = await startHaku({ world: scene })
})
afterAll(() => haku?.stop())

beforeEach(async () => {
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  env = {
    STARTLIST_HOME: startlist.home,
    DATABASE_URL: database.url,
    STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
    HAKU_API_URL: haku.apiUrl,
    HAKU_TOKEN_URL: haku.tokenUrl,
    HAKU_MIN_SPACING_MS: '0',
  }
  return () => {
    killRuns()
    startlist.dispose()
  }
})

async function addAccount(): Promise<void> {
  expect(
    await startlist.run(['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York']),
  ).toMatchObject({ code: 0 })
  const args = ['credentials', 'add', '--partner', '1', '--provider', 'haku', '--org', 'Lantern Bay']
  expect(
    await startlist.run([...args, '--principal', CLIENT, '--secret-stdin'], { input: SECRET }),
  ).toMatchObject({ code: 0 })
}

async function isComplete(db: Db): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    SELECT coalesce(bool_and(complete_at IS NOT NULL), false) AS done FROM sync_state`.execute(db)
  return rows[0]?.done ?? false
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(50)
}

function truth() {
  const event = haku.truth().get('soon')
  if (event === undefined) throw new Error('the world has no such event')
  return event
}

describe('startlist run', () => {
  it('discovers, reads everything, and says so without a name or a secret (N2, N5)', async () => {
    await addAccount()
    const run = await startRun(env, ['--no-api'])
    await until(() => isComplete(database.db))
    await until(async () => (await differences(database.db, truth(), { partnerId: 1 })).length === 0)
    const turn = await run.line((line) => line.msg === 'turn' && Number(line.calls) > 0)
    expect(turn).toMatchObject({
      level: 'info',
      accountId: 1,
      why: expect.any(String),
      ms: expect.any(Number),
    })
    const text = JSON.stringify(run.lines)
    for (const told of [SECRET, CLIENT, 'Harbor', 'Lantern']) expect(text).not.toContain(told)
    run.kill('SIGTERM')
    expect(await run.ended).toBe(143)
    expect((await pendingTurns(database.db, 'turns')).map((waiting) => waiting.state)).toEqual(['waiting'])
  })

  it('answers whoever watches it, and shows what it measures', async () => {
    await addAccount()
    const run = await startRun(env, ['--port', '0'])
    await until(() => isComplete(database.db))
    await run.line((line) => line.msg === 'turn' && Number(line.calls) > 0)
    expect((await run.get('/healthz')).status).toBe(200)
    const ready = await run.get('/readyz')
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [] }])
    const text = await (await run.get('/metrics')).text()
    expect(text).toMatch(/^startlist_turns_total\{result="ok"\} [1-9]/m)
    expect(text).toMatch(/^startlist_quota_limit_calls\{account="1"\} 500$/m)
    expect(text).toMatch(/^startlist_quota_used_calls\{account="1"\} [1-9]/m)
    expect(text).toMatch(/^startlist_polled_events\{every="60"\} 1$/m)
    expect(text).not.toContain(CLIENT)
    run.kill('SIGINT')
    expect(await run.ended).toBe(130)
  })

  it('shows a token its races, and syncs at once when it is asked to', async () => {
    await addAccount()
    const run = await startRun(env, ['--port', '0'])
    await until(() => isComplete(database.db))
    const made = await startlist.run(['tokens', 'create', '--partner', '1', '--name', 'board', '--json'])
    const { token } = JSON.parse(made.stdout) as { token: string }
    const ask = (path: string, method = 'GET') =>
      run.get(`/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } })
    const board = await (await ask('/board')).json()
    expect(board).toMatchObject({
      standing: { running: true },
      races: [{ events: [{ key: 'haku:1:soon' }] }],
    })
    const polledAt = async () =>
      ((await (await ask('/events/haku:1:soon')).json()) as { polledAt: string }).polledAt
    const before = await polledAt()
    const asked = await ask('/events/haku:1:soon/sync', 'POST')
    expect([asked.status, await asked.json()]).toEqual([202, expect.objectContaining({ running: true })])
    const since = systemClock.now()
    await until(async () => (await polledAt()) !== before)
    // Its cadence would have it a minute later.
    expect(systemClock.now() - since).toBeLessThan(30_000)
    expect(JSON.stringify(run.lines)).not.toContain(token)
    run.kill('SIGTERM')
    expect(await run.ended).toBe(143)
  })

  it('polls a changed list within its interval, by itself', async () => {
    await addAccount()
    const { code } = await startlist.json(['partners', 'set', '1', '--cadence', '4h, 24h: 30s'])
    expect(code).toBe(0)
    const run = await startRun(env, ['--no-api'])
    expect(run.port).toBeNull()
    await until(() => isComplete(database.db))
    register(scene, 'soon')
    const before = systemClock.now()
    await until(async () => (await differences(database.db, truth(), { partnerId: 1 })).length === 0)
    expect(systemClock.now() - before).toBeLessThan(40_000)
    await startlist.json(['partners', 'set', '1', '--cadence', 'default'])
  }, 90_000)

  it('refuses a port that is taken before anything starts', async () => {
    const first = await startRun(env, ['--port', '0'])
    const second = await startlist.json(['run', '--port', String(first.port)])
    expect(second).toMatchObject({ code: 1, lines: [{ error: { code: 'PORT_TAKEN' } }] })
    expect(await startlist.json(['run', '--port', 'many'])).toMatchObject({
      code: 2,
      lines: [{ error: { code: 'BAD_INPUT' } }],
    })
  })

  it('ends at a second signal at once, in the middle of a call', async () => {
    await addAccount()
    haku.faults.add({ fault: { kind: 'hang' } })
    onTestFinished(() => haku.faults.clear())
    const before = haku.calls.last
    const run = await startRun(env, ['--no-api'])
    await until(async () => haku.calls.last > before)
    const began = systemClock.now()
    run.kill('SIGTERM')
    await run.line((line) => line.msg === 'run ends')
    run.kill('SIGTERM')
    expect(await run.ended).toBe(143)
    // The call itself would hang for 30 s.
    expect(systemClock.now() - began).toBeLessThan(10_000)
  })

  it('is stopped by startlist stop, and only that one', async () => {
    const run = await startRun(env, ['--no-api'])
    const elsewhere = mkdtempSync(join(tmpdir(), 'startlist-other-home-'))
    const other = await startRun({ ...env, STARTLIST_HOME: elsewhere }, ['--no-api'])
    expect(await startlist.json(['stop'])).toMatchObject({ code: 0, lines: [{ runs: 1 }] })
    expect(await run.ended).toBe(143)
    other.kill('SIGTERM')
    expect(await other.ended).toBe(143)
    expect(readdirSync(join(elsewhere, 'running'))).toEqual([])
    expect(existsSync(join(startlist.home, 'postgres'))).toBe(false)
    rmSync(elsewhere, { recursive: true })
  })
})
