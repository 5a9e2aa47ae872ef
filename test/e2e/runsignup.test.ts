import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type RunSignUp, startRunSignUp, transfer, world } from '../../src/simulator/runsignup/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'

const DAY = 86_400_000

let server: RunSignUp
let startlist: Program
const w = world({ clock: systemClock, seed: 5 })
const account = w.addAccount()
const race = w.addRace(account, { name: 'Cedar Ridge Marathon Weekend' })
const events = [6, 4].map((participants, i) =>
  w.addEvent(race, { name: `Race ${i + 1}`, startsAt: systemClock.now() + (3 + i) * DAY, participants }),
)
const ids = events.map(({ id }) => id)

beforeAll(async () => {
  server = await startRunSignUp({ world: w })
  const { url } = await testDatabase()
  startlist = new Program({
    ...{ DATABASE_URL: url, STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64') },
    ...{ RUNSIGNUP_API_URL: server.apiUrl, RUNSIGNUP_MIN_SPACING_MS: '0' },
  })
})
afterAll(async () => {
  startlist.dispose()
  await server.stop()
})

it('a key of version 1 is added, tested, and its races are read and shown', async () => {
  const key = account.keys.find(({ form }) => form === 'v1')
  await startlist.run(['partners', 'add', '--name', 'Alder Timing', '--timezone', 'America/New_York'])
  const add = ['credentials', 'add', '--partner', '1', '--provider', 'runsignup', '--org', 'Test Races']
  const added = await startlist.run([...add, '--principal', key?.key ?? '', '--secret-stdin'], {
    input: key?.secret ?? '',
  })
  expect(added).toMatchObject({ code: 0 })
  expect(await startlist.json(['credentials', 'test', '1'])).toMatchObject({ code: 0, lines: [{ ok: true }] })
  const { lines: found } = await startlist.json(['discover'])
  expect(found).toMatchObject([{ provider: 'runsignup', events: 2, new: 2 }])
  const { code, lines } = await startlist.json(['sync'])
  expect([code, lines]).toMatchObject([
    0,
    [{ provider: 'runsignup', eventId: race.id, kind: 'sweep', inserted: 10 }],
  ])
  const { lines: status } = await startlist.json(['status'])
  expect(JSON.stringify(status)).toContain('Cedar Ridge Marathon Weekend')
})

it('participants of a race, or of one of its events, are listed', async () => {
  const of = async (id: string) => (await startlist.json(['participants', '--event', id])).lines.length
  expect([await of(race.id), await of(ids[0] ?? ''), await of(ids[1] ?? '')]).toEqual([10, 6, 4])
})

it('a transfer is one poll, by the id of either event', async () => {
  transfer(w, ids[0] ?? '', [...(events[0]?.registrations.keys() ?? [])][0] ?? '', ids[1] ?? '')
  const { lines } = await startlist.json(['sync', '--event', ids[1] ?? ''])
  expect(lines).toMatchObject([{ eventId: race.id, kind: 'poll', inserted: 1 }])
  const of = async (id: string) => (await startlist.json(['participants', '--event', id])).lines.length
  expect([await of(ids[0] ?? ''), await of(ids[1] ?? '')]).toEqual([5, 5])
})

it('what a person decides of a race holds for it; a start is one event’s', async () => {
  const set = await startlist.json(['events', 'set', '--event', race.id, '--cadence', '2h'])
  expect(set.lines).toMatchObject([
    { eventId: race.id, cadence: expect.stringContaining('2h'), cadenceSource: 'event' },
  ])
  const both = await startlist.run(['events', 'set', '--event', race.id, '--start', '2027-05-01T08:00'])
  expect([both.code, both.stderr]).toMatchObject([2, expect.stringContaining(ids[0] ?? '')])
  const one = await startlist.json(['events', 'set', '--event', ids[0] ?? '', '--start', '2027-05-01T08:00'])
  expect(one).toMatchObject({ code: 0, lines: [{ overrideStart: '2027-05-01T08:00' }] })
})

it('providers are compared by what they can do and what is there of each', async () => {
  const { lines } = await startlist.json(['providers'])
  expect(lines).toMatchObject([
    { provider: 'haku', pageSize: 100, callsPerHour: 500, credentials: 0 },
    { provider: 'runsignup', pageSize: 2500, callsPerHour: 1000, credentials: 1, events: 2, lists: 1 },
  ])
  const { stdout } = await startlist.run(['providers'])
  expect(stdout).toMatch(/Removed +by comparison of whole lists +\/race\/\{id\}\/removed-participants/)
})
