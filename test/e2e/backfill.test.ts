import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

const SECRET = 'a-secret-of-the-partner'
const CLIENT = 'c1ie47'.repeat(4)
const DAY = 86_400_000

let haku: Haku
let database: TestDatabase
let startlist: Program

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 3 })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  const event = (id: string, participants: number, days: number) =>
    scene.addEvent(organization, { id, name: `Race ${id}`, participants, startsAt: scene.now() + days * DAY })
  event('soon', 12, 3)
  event('past', 5, -30)
  event('large', 60, 20)
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  startlist.env.STARTLIST_LARGE_EVENT = '40'
  await startlist.run(['partners', 'add', '--name', 'Alder Timing', '--timezone', 'America/New_York'])
  const credential = ['--partner', '1', '--provider', 'haku', '--org', 'Lantern Bay', '--principal', CLIENT]
  await startlist.run(['credentials', 'add', ...credential, '--secret-stdin'], { input: SECRET })
}, 120_000)

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
})

const summaryOf = ({ lines }: { lines: Record<string, unknown>[] }) => lines.at(-1)

describe('backfill, as a person runs it', { timeout: 120_000 }, () => {
  it('refuses a limit that is none', async () => {
    expect(await startlist.run(['backfill', '--limit', 'many'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('--dry-run makes no call, and calls unknown what nobody has shown', async () => {
    const before = haku.calls.last
    const first = await startlist.json(['backfill', '--dry-run'])
    expect(first).toMatchObject({ code: 0 })
    expect(haku.calls.last).toBe(before)
    await startlist.run(['discover'])
    const calls = haku.calls.last
    const { lines } = await startlist.json(['backfill', '--dry-run'])
    const told = lines.filter((line) => line.kind === 'plan').map(({ eventId, pages }) => [eventId, pages])
    expect(told).toEqual([
      ['soon', null],
      ['large', null],
      ['past', null],
    ])
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', left: 3, unknown: 3 })
    const people = await startlist.run(['backfill', '--dry-run'])
    expect(people.stdout).toContain('unknown')
    expect(haku.calls.last).toBe(calls)
  })

  it('ends with 3 at its limit, and says what is left', async () => {
    const limited = await startlist.json(['backfill', '--limit', '2'])
    expect(limited.code).toBe(3)
    expect(summaryOf(limited)).toMatchObject({ kind: 'summary', calls: 2, left: 3 })
  })

  it('--no-wait ends with 3 when the quota is spent, and says when it goes on', async () => {
    const spent = await startlist.json(['backfill', '--no-wait'], { env: { HAKU_QUOTA_PER_HOUR: '20' } })
    expect(spent.code).toBe(3)
    const { resumeAt, left } = summaryOf(spent) as { resumeAt: string; left: number }
    expect(Date.parse(resumeAt)).toBeGreaterThan(systemClock.now())
    expect(left).toBeGreaterThan(0)
  })

  it('goes on where it was, past events included, leaves the large one out and says so by 3', async () => {
    const done = await startlist.json(['backfill'])
    expect(done.code).toBe(3)
    expect(summaryOf(done)).toMatchObject({ left: 1, deferred: 1, resumeAt: null })
    const listed = await startlist.json([
      'query',
      'SELECT event_id, count(*)::int AS n FROM haku_participants GROUP BY 1 ORDER BY 1',
    ])
    expect(listed.lines).toEqual(
      expect.arrayContaining([
        { event_id: 'past', n: 5 },
        { event_id: 'soon', n: 12 },
      ]),
    )
    const people = await startlist.run(['backfill'])
    expect(people.code).toBe(3)
    expect(people.stderr).toContain('--process-large')
  })

  it('--process-large reads that one too; then there is nothing left to call for', async () => {
    const large = await startlist.json(['backfill', '--process-large'])
    expect(large.code).toBe(0)
    const summary = summaryOf(large) as Record<string, number>
    expect(summary).toMatchObject({ left: 0, deferred: 0, events: 1, participants: 60 })
    const line = large.lines.find((one) => one.eventId === 'large' && one.kind === 'sweep')
    expect(line).toMatchObject({ provider: 'haku', partnerId: 1, complete: true })
    const calls = haku.calls.last
    const again = await startlist.json(['backfill', '--process-large'])
    expect({ code: again.code, calls: haku.calls.last - calls }).toEqual({ code: 0, calls: 0 })
    expect(summaryOf(again)).toMatchObject({ calls: 0, callsLowerBound: 0, left: 0 })
  })

  it('spends nothing on a database that takes no writing', async () => {
    const url = new URL(database.url)
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    const calls = haku.calls.last
    const refused = await startlist.json(['backfill', '--process-large'], { env: { DATABASE_URL: url.href } })
    expect(refused.code).toBe(1)
    expect(refused.lines).toEqual([{ error: expect.objectContaining({ code: 'DATABASE_READONLY' }) }])
    expect(haku.calls.last).toBe(calls)
  })
})
