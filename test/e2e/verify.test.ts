import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, isMarked, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

const DAY = 86_400_000

let haku: Haku
let database: TestDatabase
let startlist: Program
let scratch: string

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 5 })
  const organization = scene.addOrganization({ name: 'Lantern Bay Runners' })
  const at = (days: number) => ({ startsAt: scene.now() + days * DAY })
  scene.addEvent(organization, { id: 'half', name: 'Harbor Half', participants: 40, ...at(3) })
  scene.addEvent(organization, { id: 'fun', name: 'Fun Run', participants: 9, ...at(9) })
  scene.addEvent(organization, { id: 'old', name: 'Old Mill 5K', participants: 60, ...at(-30) })
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  scratch = mkdtempSync(join(tmpdir(), 'startlist-verify-'))
  await startlist.run(['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York'])
  await startlist.run(
    [
      ...['credentials', 'add', '--partner', '1', '--provider', 'haku', '--org', organization.name],
      ...['--principal', organization.clientId, '--secret-stdin'],
    ],
    { input: organization.secrets[0] ?? '' },
  )
})

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

const callsSince = (n: number) => haku.calls.last - n

it('shows one partner from secret to poll, for people and for programs, in fewer than 30 calls', async () => {
  const before = haku.calls.last
  const human = await startlist.run(['verify', '--partner', '1'])
  const middle = haku.calls.last
  expect(human.code).toBe(0)
  expect(human.stdout).toMatch(/^ok {4}poll +one more poll of it was one call$/m)
  expect(human.stdout).toContain(`All is as it should be. ${middle - before} calls.`)
  expect(middle - before).toBeLessThan(30)
  const machine = await startlist.json(['verify', '--partner', '1'])
  expect(machine.code).toBe(0)
  const checks = machine.lines.filter((line) => 'check' in line)
  expect(checks.map(({ check, ok }) => [check, ok])).toEqual(
    [
      'schema',
      'secret',
      'token',
      'events',
      'event',
      'store',
      'compare',
      'poll',
      'schedule',
      'forecast',
      'quota',
    ].map((check) => [check, true]),
  )
  expect(machine.lines.at(-1)).toEqual({ kind: 'summary', ok: true, calls: callsSince(middle) })
  const { rows } = await sql<{ calls: number; classes: string[] }>`
    SELECT count(*)::int AS calls, array_agg(DISTINCT class) AS classes FROM api_calls`.execute(database.db)
  expect(rows).toEqual([{ calls: haku.calls.last, classes: ['person'] }])
})

it('writes a report and a recording without a secret or anybody’s data, for their owner alone', async () => {
  const report = join(scratch, 'verify.md')
  const record = join(scratch, 'verify.jsonl')
  const spec = join(scratch, 'spec.json')
  writeFileSync(spec, JSON.stringify({ swagger: '2.0', paths: { '/v2/events': { get: {} } } }))
  const { code, stdout, stderr } = await startlist.run([
    ...['verify', '--partner', '1', '--report', report, '--record', record, '--spec', spec],
  ])
  expect(code).toBe(1)
  expect(stdout).toMatch(/breaks {2}GET \/events\/\{id\}\/participants: the specification has no such path/)
  const texts = [readFileSync(report, 'utf8'), readFileSync(record, 'utf8'), stdout, stderr]
  const [organization] = haku.world.organizations.values()
  const numbers = [...haku.truth().values()].flatMap(({ registrations }) => [...registrations.keys()])
  for (const text of texts) {
    expect(isMarked(text)).toBe(false)
    expect(text).not.toContain(organization?.clientId)
    expect(numbers.filter((number) => text.includes(number))).toEqual([])
  }
  for (const path of [report, record]) expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(texts[0]).toContain('| GET /events/{}/participants |')
  expect(JSON.parse(texts[1] ?? '')).toMatchObject({ format: 'startlist-recording/1', provider: 'haku' })
})

it('shows what is known again without a call', async () => {
  const before = haku.calls.last
  const { code, lines } = await startlist.json(['verify', '--partner', '1', '--known'])
  expect(code).toBe(0)
  const answer = lines.find(({ question }) => question === 'page-cap')
  expect(answer).toMatchObject({ kind: 'answer', answer: '25', accountId: 1 })
  expect(Date.parse(String(answer?.at))).toBeGreaterThan(0)
  expect(lines.at(-1)).toEqual({ kind: 'summary', ok: true, calls: 0 })
  expect(callsSince(before)).toBe(0)
})

it('divides the calls among the accounts of a partner, and hides none behind another’s trouble', async () => {
  const [first] = haku.world.organizations.values()
  const other = haku.world.addOrganization({ name: 'Cedar Point' })
  haku.world.addEvent(other, {
    id: 'cedar',
    name: 'Cedar Mile',
    participants: 4,
    startsAt: haku.world.now() + DAY,
  })
  await startlist.run(
    [
      ...['credentials', 'add', '--partner', '1', '--provider', 'haku', '--org', other.name],
      ...['--principal', other.clientId, '--secret-stdin'],
    ],
    { input: other.secrets[0] ?? '' },
  )
  const kept = first!.secrets.splice(0)
  const before = haku.calls.last
  const { code, lines } = await startlist.json(['verify', '--partner', '1'])
  first!.secrets.push(...kept)
  expect(callsSince(before)).toBeLessThan(30)
  expect(code).toBe(3)
  const of = (accountId: number) => lines.filter((line) => 'check' in line && line.accountId === accountId)
  expect(of(1)).toContainEqual(expect.objectContaining({ check: 'token', ok: false, state: 'fail' }))
  expect(of(2)).toContainEqual(expect.objectContaining({ check: 'compare', ok: true }))
  expect(of(2)).toContainEqual(expect.objectContaining({ check: 'poll', ok: true }))
})

it('is a part of setup', async () => {
  const third = haku.world.addOrganization({ name: 'Maple Hill' })
  haku.world.addEvent(third, {
    id: 'maple',
    name: 'Maple Mile',
    participants: 4,
    startsAt: haku.world.now() + DAY,
  })
  const args = ['--name', 'Alder Timing', '--timezone', 'America/Chicago', '--org', third.name]
  const { code, stdout } = await startlist.run(
    ['setup', ...args, '--principal', third.clientId, '--secret-stdin'],
    {
      input: third.secrets[0] ?? '',
    },
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ok {4}poll /m)
  expect(stdout.indexOf('What this account answers')).toBeLessThan(stdout.indexOf('The next 60 days'))
})

it('says of a database without a schema that it is not ready, and calls nobody', async () => {
  const empty = await testDatabase({ empty: true })
  const elsewhere = Program.on(empty.url, haku)
  const before = haku.calls.last
  const { code, lines } = await elsewhere.json(['verify', '--partner', '1'])
  elsewhere.dispose()
  expect(code).toBe(1)
  expect(lines).toEqual([
    expect.objectContaining({ check: 'schema', ok: false }),
    { kind: 'summary', ok: false, calls: 0 },
  ])
  expect(callsSince(before)).toBe(0)
})

it.each([
  [['verify'], /--partner/],
  [['verify', '--partner', '99'], /no timing partner 99/],
  [['verify', '--partner', '1', '--spec', 'nowhere.yaml'], /cannot be read \(ENOENT\)/],
  [['verify', '--partner', '1', '--known', '--record', 'x'], /--known makes no call/],
] as const)('refuses %j', async (args, text) => {
  const before = haku.calls.last
  const { code, stderr } = await startlist.run(args)
  expect(code).toBe(2)
  expect(stderr).toMatch(text)
  expect(callsSince(before)).toBe(0)
})
