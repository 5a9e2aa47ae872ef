import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { backfillAccount } from '../../../src/scheduler/backfill/account.ts'
import { CallBudget } from '../../../src/scheduler/backfill/budget.ts'
import { type TurnOutcome, takeTurn } from '../../../src/scheduler/turn.ts'
import { setBib } from '../../../src/simulator/index.ts'
import { testDatabase } from '../../helpers/database.ts'
import { installRunSignUp } from '../../helpers/runsignup.ts'
import { faultsOf, mixed, playCase, SMALL } from './cases.ts'
import { requestFor, type Scene, type SceneOptions, sceneClock, setScene } from './scene.ts'

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

describe('the cases of the older system', { timeout: 300_000 }, () => {
  for (const one of [SMALL, mixed(400, 'whole')]) {
    it(`${one.name}: the fewest calls, a proof each, small ones first`, async () => {
      const clock = sceneClock()
      const { db } = await testDatabase({ virtualClock: clock })
      const result = await playCase(db, clock, one)
      expect(faultsOf(one, result)).toEqual([])
      const pages = one.sizes.reduce((sum, size) => sum + Math.ceil(size / 100), 0)
      const people = one.sizes.reduce((sum, size) => sum + size, 0)
      expect(result.lowerBound).toBe(pages + (one === SMALL ? people : 0))
    })
  }
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

  it('gives the lane to a turn of run that found it busy (N6)', { timeout: 120_000 }, async () => {
    const s = await scene({ sizes: [30, 20, 10, 25], traits: whole, env: { HAKU_MIN_SPACING_MS: '0' } })
    const { services, haku, accountOf } = s.installation
    const accountId = await accountOf(s.organization.clientId)
    let turn: Promise<TurnOutcome> | null = null
    haku.atCall(6, () => {
      turn = takeTurn(services, accountId)
    })
    const { left } = await s.backfill()
    expect(await turn).toMatchObject({ error: { code: 'LANE_BUSY' }, calls: 0 })
    expect(left).toEqual([])
    // The work of seconds, in two shifts.
    const { rows } = await sql<{ fence: number }>`SELECT fence::int AS fence FROM lanes`.execute(
      s.installation.db,
    )
    expect(rows[0]?.fence).toBe(2)
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

  it('is polled while it is read makes no call beyond the limit, and counts as one that is only read (W8)', async () => {
    const limits = [15, 16, 17]
    for (const limit of limits) {
      const s = await scene({ sizes: [195], traits: { ...whole, pageCap: 10 }, firstDay: 0.1 })
      const { haku } = s.installation
      for (const page of [5, 7, 9, 12]) haku.atPage(s.eventIds[0] ?? '', page, () => s.clock.advance(61_000))
      await s.backfill({ budget: new CallBudget(limit) })
      expect(haku.calls.last).toBe(limit)
      const { tally } = await s.backfill()
      expect(await s.wrong()).toEqual([])
      const { calls, endProofs, lowerBound } = tally.counts()
      expect(calls - endProofs).toBe(lowerBound)
    }
  })

  it('moved, and whose head could not be read once more, is not done before it was (W1)', async () => {
    const s = await scene({ sizes: [55], traits: { ...whole, pageCap: 10 } })
    const [eventId = ''] = s.eventIds
    const last = [...(s.world.events.get(eventId)?.registrations.keys() ?? [])]
    const { haku } = s.installation
    haku.atPage(eventId, 3, () => {
      for (const number of [last.at(0), last.at(-1)]) setBib(s.world, eventId, number ?? '', '4711')
      // As if it were killed there: whatever asks for the head finds nobody.
      haku.faults.add({
        match: { endpoint: ['participants', 'registrations'], eventId, page: 1 },
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'status', status: 500 },
      })
    })
    const cut = await s.backfill()
    expect(cut.left.map((list) => list.eventId)).toEqual([eventId])
    haku.faults.clear()
    const before = haku.calls.last
    const { left } = await s.backfill()
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
    expect(haku.calls.list({ since: 0 }).length - before).toBeLessThanOrEqual(4)
  })

  it('has a look at its head that goes on where it was cut off, and moved under it (W1, W3)', async () => {
    const s = await scene({ sizes: [100], traits: { ...whole, pageCap: 10 } })
    const [eventId = ''] = s.eventIds
    const numbers = [...(s.world.events.get(eventId)?.registrations.keys() ?? [])]
    const { haku } = s.installation
    const jump = (from: number, to: number) => {
      for (const number of numbers.slice(from, to)) setBib(s.world, eventId, number, `${from}-${to}`)
    }
    const lists = {
      endpoint: ['participants', 'registrations'] as ('participants' | 'registrations')[],
      eventId,
    }
    haku.atPage(eventId, 9, () => {
      jump(0, 25)
      haku.faults.add({
        match: { ...lists, page: 3 },
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'status', status: 500 },
      })
    })
    expect((await s.backfill()).left).toHaveLength(1)
    haku.faults.clear()
    // From the part that was not read to the part that was.
    jump(22, 25)
    const before = haku.calls.list(lists).length
    const { left } = await s.backfill()
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
    const pages = haku.calls.list(lists).map(({ page }) => page)
    // The second look ends where the first began, among changes of one moment.
    expect(pages.slice(before)).toEqual([3, 1, 2, 3])
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

it('reads RunSignUp races by the same parts', { timeout: 120_000 }, async () => {
  const clock = sceneClock()
  const installation = await installRunSignUp({ clock })
  try {
    for (const days of [5, 40]) {
      const race = installation.world.addRace(installation.account, { name: `Race ${days}` })
      for (const participants of [30, 12])
        installation.world.addEvent(race, { startsAt: clock.now() + days * 86_400_000, participants })
    }
    const request = requestFor(installation.accountId)
    const { tally, left, stopped } = await backfillAccount(installation.services, request)
    expect({ left, stopped }).toEqual({ left: [], stopped: null })
    expect(await installation.differences()).toEqual([])
    expect(tally.counts().calls).toBe(installation.server.calls.last)
  } finally {
    await installation.stop()
  }
})
