import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { killRuns, startRun } from '../helpers/running.ts'

let haku: Haku
let database: TestDatabase
let startlist: Program

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 11 })
  const organization = scene.addOrganization({ name: 'Riverbend Runners' })
  scene.addEvent(organization, { id: 'e1', participants: 5, startsAt: scene.now() + 5 * 86_400_000 })
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  const add = [
    '--provider',
    'haku',
    '--org',
    'Riverbend',
    '--principal',
    organization.clientId,
    '--secret-stdin',
  ]
  await startlist.run(['partners', 'add', '--name', 'Birch Timing'])
  await startlist.run(['credentials', 'add', '--partner', '1', ...add], { input: organization.secrets[0]! })
}, 60_000)

afterAll(async () => {
  killRuns()
  startlist.dispose()
  await haku.stop()
})

const count = async (table: string) =>
  (await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.table(table)}`.execute(database.db)).rows[0]!
    .n

it('run --shadow works beside the legacy tables, every later command stays there, and shadow end goes live', async () => {
  expect(await startlist.json(['shadow', 'diff'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'BAD_INPUT' } }],
  })
  const running = await startRun(startlist.env, ['--shadow', '--port', '0'])
  expect(running.lines).toContainEqual(
    expect.objectContaining({ msg: 'run began', shadowed: expect.stringMatching(/Z$/) }),
  )
  await running.line((line) => line.accountId === 1 && String(line.msg).startsWith('no calls are set aside'))
  await running.line((line) => line.msg === 'turn')
  running.kill('SIGTERM')
  await running.ended
  expect(await startlist.json(['partners', 'add', '--name', 'Cedar Timing'])).toMatchObject({
    code: 1,
    lines: [{ error: { code: 'SHADOWED' } }],
  })
  // Nobody has to say it again.
  expect(await startlist.run(['discover'])).toMatchObject({ code: 0 })
  expect(await startlist.run(['sync'])).toMatchObject({ code: 0 })
  for (const table of ['haku_events', 'haku_participants', 'sync_history'])
    expect(await count(`public.${table}`)).toBe(0)
  expect((await startlist.json(['doctor'])).lines).toContainEqual(
    expect.objectContaining({
      check: 'writers',
      state: 'ok',
      detail: expect.stringContaining('in the shadow since'),
    }),
  )

  const counts = await startlist.json(['shadow', 'diff'])
  expect(counts.lines).toMatchObject([
    { kind: 'event', eventId: 'e1', here: 5, there: 0, registrations: 5 },
    { kind: 'summary', events: 1, differing: 1 },
  ])
  const people = await startlist.json(['shadow', 'diff', '--event', 'e1'])
  expect(people.lines.filter((line) => line.kind === 'row' && line.registration !== null)).toHaveLength(5)

  const calls = haku.calls.last
  expect(await startlist.json(['shadow', 'end'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'USAGE' } }],
  })
  expect(await startlist.json(['shadow', 'end', '--yes'])).toMatchObject({ code: 0 })
  expect(haku.calls.last).toBe(calls)
  expect(await count('public.haku_participants')).toBe(5)
  expect(await startlist.json(['sync'])).toMatchObject({
    code: 0,
    lines: [{ kind: 'poll', calls: 1, unchanged: 5 }],
  })
  // What startlist writes by the real clock is not another program's.
  expect((await startlist.json(['doctor'])).lines).toContainEqual(
    expect.objectContaining({ check: 'writers', state: 'ok' }),
  )
}, 120_000)

it('shadow discard asks first, leaves the legacy tables alone, and the next sync reads all of it', async () => {
  expect(await startlist.json(['shadow', 'discard', '--yes'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'BAD_INPUT' } }],
  })
  await sql`TRUNCATE haku_events, haku_participants CASCADE`.execute(database.db)
  expect(await startlist.run(['shadow', 'begin'])).toMatchObject({ code: 0 })
  expect(await startlist.run(['discover'])).toMatchObject({ code: 0 })
  expect(await startlist.run(['sync'])).toMatchObject({ code: 0 })
  expect(await count('startlist_shadow.haku_participants')).toBe(5)
  expect(await startlist.json(['shadow', 'discard'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'USAGE', hint: expect.stringContaining('startlist run') } }],
  })
  const gone = await startlist.json(['shadow', 'discard', '--yes'])
  expect(gone).toMatchObject({
    code: 0,
    lines: [{ kind: 'discarded', lists: 1, feeds: 1, remembered: 0 }],
  })
  for (const table of ['haku_events', 'haku_participants']) expect(await count(table)).toBe(0)
  expect(await startlist.run(['discover'])).toMatchObject({ code: 0 })
  expect(await startlist.json(['sync'])).toMatchObject({ code: 0, lines: [{ kind: 'sweep', inserted: 5 }] })
}, 120_000)
