import { afterEach, describe, expect, it } from 'vitest'
import { CallBudget } from '../../../src/scheduler/backfill/budget.ts'
import { setBib } from '../../../src/simulator/index.ts'
import { testDatabase } from '../../helpers/database.ts'
import { type Scene, type SceneOptions, sceneClock, setScene } from './scene.ts'

let open: Scene | undefined
afterEach(async () => {
  await open?.installation.stop()
  open = undefined
})

async function scene(options: SceneOptions): Promise<Scene> {
  const clock = sceneClock()
  const { db } = await testDatabase({ virtualClock: clock })
  open = await setScene(db, clock, options)
  return open
}

const whole = { registrationsList: 'whole' } as const

/** The original's first case: 220 participants in 26 events. */
const SIZES_26 = [3, 12, 7, 25, 1, 9, 4, 15, 2, 8, 6, 11, 5, 14, 3, 10, 7, 9, 13, 2, 8, 6, 12, 4, 16, 8]
/** Its second: 26 small events among 17 of 400. */
const sizes43 = (large: number): number[] =>
  Array.from({ length: 43 }, (_, i) => ((i * 17) % 43 < 17 ? large : 2 + (i % 9)))

describe('the cases of the original', () => {
  it('26 events with 220 participants: a list call and its proof each, and a detail a person', {
    timeout: 120_000,
  }, async () => {
    expect(SIZES_26.reduce((sum, n) => sum + n)).toBe(220)
    const s = await scene({ sizes: SIZES_26 })
    const { tally, left } = await s.backfill()
    const counts = tally.counts()
    expect(counts.lowerBound).toBe(26 + 220)
    expect(counts.byPurpose).toMatchObject({ detail: 220 })
    expect((counts.byPurpose.list ?? 0) + 220 - counts.endProofs).toBeLessThanOrEqual(
      1.02 * counts.lowerBound,
    )
    expect(counts.endProofs).toBeLessThanOrEqual(26)
    expect(counts.calls).toBe(s.installation.haku.calls.last)
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })

  it('43 events, 17 of 400: small ones first, whatever they are called', { timeout: 300_000 }, async () => {
    const sizes = sizes43(400)
    expect(sizes.filter((n) => n === 400).length).toBe(17)
    const s = await scene({ sizes, traits: whole })
    const { tally, left } = await s.backfill()
    const counts = tally.counts()
    expect(counts.lowerBound).toBe(26 + 17 * 4)
    expect((counts.byPurpose.list ?? 0) - counts.endProofs).toBeLessThanOrEqual(1.02 * counts.lowerBound)
    expect(counts.endProofs).toBeLessThanOrEqual(43)
    const order = tally.finished.map((id) => sizes[s.eventIds.indexOf(id)] ?? 0)
    expect(order.slice(0, 26).every((n) => n < 400)).toBe(true)
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })
})

describe('a backfill', () => {
  it('has the first names after four calls: token, events and their end, a list', async () => {
    const s = await scene({ sizes: [30, 30, 30] })
    const { atLimit } = await s.backfill({ budget: new CallBudget(4) })
    expect(atLimit).toBe(true)
    expect(await s.rows()).toBe(30)
  })
})

describe('beside others', () => {
  it('takes no call that a poll needs, and goes on when the hour has room again', {
    timeout: 300_000,
  }, async () => {
    const waits: string[] = []
    const s = await scene({ sizes: [30, 20], env: { HAKU_QUOTA_PER_HOUR: '60' }, firstDay: 0.5 })
    const began = s.clock.now()
    const { left } = await s.backfill({ hooks: { onWait: ({ reason }) => waits.push(reason) } })
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
    expect(waits.length).toBeGreaterThan(0)
    expect(s.clock.now() - began).toBeGreaterThan(3_600_000)
    // Half of so small a limit stays for a person, whatever is left to read.
    expect(s.installation.haku.calls.maxInWindow()).toBeLessThanOrEqual(30)
  })

  it('gives the lane to a person who waits for it, after the page under way', {
    timeout: 120_000,
  }, async () => {
    const s = await scene({ sizes: [30, 20, 10, 25], env: { HAKU_MIN_SPACING_MS: '0' } })
    const { haku } = s.installation
    let person: Promise<unknown> | null = null
    haku.atCall(8, () => {
      person = s.installation.sync(s.organization.clientId, { eventId: s.eventIds[3] ?? '' })
    })
    const { left, stopped } = await s.backfill()
    expect(stopped).toBeNull()
    expect(await person).toMatchObject({ stopped: null })
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })

  it('two backfills of one account read every list once between them', { timeout: 240_000 }, async () => {
    const s = await scene({ sizes: [30, 20, 10, 25, 5, 7], traits: whole, env: { HAKU_MIN_SPACING_MS: '0' } })
    const both = await Promise.all([s.backfill(), s.backfill()])
    expect(both.map(({ stopped, left }) => ({ stopped, left: left.length }))).toEqual([
      { stopped: null, left: 0 },
      { stopped: null, left: 0 },
    ])
    const lists = s.installation.haku.calls.list({ endpoint: ['participants', 'registrations'] })
    // A list call and its proof each, and what is learnt of the account once.
    expect(lists.length).toBeLessThanOrEqual(6 * 2 + 1)
    expect(await s.wrong()).toEqual([])
  })
})

describe('a list that', () => {
  it('moves while it is read has its head read once more, and loses nobody (W1)', async () => {
    const s = await scene({ sizes: [55], traits: { ...whole, pageCap: 10 } })
    const [eventId = ''] = s.eventIds
    const event = s.world.events.get(eventId)
    const last = [...(event?.registrations.keys() ?? [])]
    s.installation.haku.atPage(eventId, 3, () => {
      for (const number of [last.at(0), last.at(-1)]) setBib(s.world, eventId, number ?? '', '4711')
    })
    const { left } = await s.backfill()
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })

  it('fails is put aside with its reason, and hides no other', { timeout: 120_000 }, async () => {
    const s = await scene({ sizes: [12, 12, 12] })
    const [broken = ''] = s.eventIds
    s.installation.haku.faults.add({
      match: { endpoint: ['participants', 'registrations'], eventId: broken },
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'status', status: 500 },
    })
    const { left, problems, stopped } = await s.backfill()
    expect(left.map(({ eventId }) => eventId)).toEqual([broken])
    expect([...problems].map(([eventId, { code }]) => [eventId, code])).toEqual([[broken, 'PROVIDER_DOWN']])
    expect(stopped).toBeNull()
    expect(await s.rows()).toBe(24)
  })
})

it('a database that goes away is waited for, no longer than it is told to, and no call is made meanwhile', async () => {
  const s = await scene({ sizes: [12, 12] })
  const { services, haku } = s.installation
  let fails = Number.POSITIVE_INFINITY
  const away = new Proxy(services.db, {
    get(db, name) {
      if (haku.calls.last >= 4 && fails-- > 0) throw new Error('Connection terminated unexpectedly')
      const value = Reflect.get(db, name, db)
      return typeof value === 'function' ? value.bind(db) : value
    },
  })
  services.db = away
  const gone = await s.backfill()
  expect(gone.stopped?.code).toBe('DATABASE_UNREACHABLE')
  const calls = haku.calls.last
  expect(calls).toBe(4)
  fails = 20
  const back = await s.backfill()
  expect(back).toMatchObject({ stopped: null, left: [] })
  expect(await s.wrong()).toEqual([])
})
