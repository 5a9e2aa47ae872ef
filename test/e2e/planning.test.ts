import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'

const HOUR = 3_600_000
const CLIENT = 'client-of-the-plans'
const SECRET = 'a secret of the plans'

let haku: Haku
let startlist: Program
let eventId: string

beforeAll(async () => {
  const { url } = await testDatabase()
  const w = world({ clock: systemClock, seed: 3 })
  const organization = w.addOrganization({ clientId: CLIENT, secret: SECRET })
  const startsAt = new Date(systemClock.now() + 2 * HOUR).toISOString()
  eventId = w.addEvent(organization, { name: 'Harbor Half', startsAt, participants: 5 }).id
  haku = await startHaku({ world: w, traits: { registrationsList: 'whole' } })
  startlist = Program.on(url, haku)
  await startlist.run(['partners', 'add', '--name', 'Lantern Timing'])
  const account = ['--partner', '1', '--provider', 'haku', '--org', 'Harbor', '--principal', CLIENT]
  await startlist.run(['credentials', 'add', ...account, '--secret-stdin'], { input: `${SECRET}\n` })
  await startlist.run(['discover'])
  await startlist.run(['sync'])
}, 60_000)

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
})

it('why says when an event is polled next, and why then', async () => {
  const { code, lines } = await startlist.json(['why', '--event', eventId])
  expect(code).toBe(0)
  expect(lines).toEqual([
    expect.objectContaining({ eventId, every: 60_000, reason: 'due every 1 min', blocked: null, limit: 500 }),
  ])
  const next = Date.parse(String(lines[0]?.nextPollAt))
  expect(Math.abs(next - systemClock.now())).toBeLessThan(61_000)
  const told = await startlist.run(['why', '--event', eventId])
  expect(told.stdout).toMatch(/Harbor Half\n {2}Next poll .*due every 1 min/)
})

it('quota says what was spent, and adds up to what the provider counted', async () => {
  const { lines } = await startlist.json(['quota'])
  const [account] = lines as { used: number; limit: number; spent: { calls: number }[] }[]
  expect(account).toMatchObject({ used: haku.calls.last, limit: 500 })
  expect(account?.spent.reduce((sum, { calls }) => sum + calls, 0)).toBe(haku.calls.last)
  expect((await startlist.run(['quota'])).stdout).toMatch(
    /Harbor \(haku, account 1\): \d+ of 500 calls this hour, \d+ reserved/,
  )
})

it('an account has numbers of its own: the lowest limit holds and is shown, and bad ones are refused', async () => {
  const set = ['quota', 'set', '--account', '1']
  const { lines } = await startlist.json([
    ...set,
    '--limit',
    '400',
    '--external-use',
    '25%',
    '--reserve',
    '50',
  ])
  expect(lines).toEqual([
    expect.objectContaining({ configured: 500, set: 400, limit: 300, externalUse: 0.25 }),
  ])
  expect((await startlist.run(['quota'])).stdout).toMatch(
    /of 300 calls .* 62 reserved.*\n.*lowest limit holds: 500 configured, 400 set .* 25 % left/,
  )
  const higher = await startlist.json([...set, '--limit', '900', '--external-use', 'default'])
  expect(higher.lines).toEqual([expect.objectContaining({ configured: 500, set: 900, limit: 500 })])
  for (const bad of [['--limit', '0'], ['--reserve', '-1'], ['--external-use', '100%'], []])
    expect((await startlist.json([...set, ...bad])).code).toBe(2)
})

it('after quota spent no call is made', async () => {
  expect((await startlist.run(['quota', 'spent', '--account', '1'])).code).toBe(0)
  const before = haku.calls.last
  expect((await startlist.run(['sync'])).code).toBe(3)
  expect(haku.calls.last).toBe(before)
})

it('an event that nobody knows ends with 2', async () => {
  expect(await startlist.json(['why', '--event', 'nowhere'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'NO_SUCH_EVENT' } }],
  })
})

it('forecast fits where the quota does, and says by how much every race is late where it does not', async () => {
  const plenty = await startlist.json(['forecast', '--hours', '24'])
  expect(plenty.code).toBe(0)
  expect(plenty.lines.filter(({ kind }) => kind === 'hour')).toHaveLength(24)
  expect(plenty.lines.at(-1)).toMatchObject({ kind: 'summary', fits: true, limit: 500 })
  const env = { HAKU_QUOTA_PER_HOUR: '60' }
  const { lines } = await startlist.json(['forecast', '--hours', '24'], { env })
  const late = lines.find(({ kind }) => kind === 'late')
  // A poll a minute, of 60 calls less a reserve of 30 and 3 for upkeep.
  expect(late).toMatchObject({ eventId, every: 60_000, late: true })
  expect(Number(late?.polledEvery) / 60_000).toBeCloseTo(60 / 27, 0)
  const advice = lines.find((line) => line.kind === 'advice') as { changes: { cadence: string }[] }
  const told = await startlist.run(['forecast', '--hours', '24'], { env })
  expect(told.stdout).toMatch(/Does not fit: polls ask for 60 of 27 calls/)
  expect(told.stdout).toContain(`events set --event ${eventId} --cadence "${advice.changes[0]?.cadence}"`)
})

it('forecast draws a picture, and refuses a span that makes no sense', async () => {
  const file = join(startlist.home, 'forecast.svg')
  expect(await startlist.run(['forecast', '--svg', file])).toMatchObject({ code: 0 })
  const svg = readFileSync(file, 'utf8')
  expect(svg).toMatch(/^<svg .*role="img"/)
  expect(svg).toContain('<title')
  expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  for (const hours of ['0', '-3', '1.5', '9999', 'week'])
    expect(await startlist.run(['forecast', '--hours', hours])).toMatchObject({ code: 2 })
  expect(await startlist.run(['forecast', '--svg', '/nonexistent/x.svg'])).toMatchObject({ code: 2 })
})
