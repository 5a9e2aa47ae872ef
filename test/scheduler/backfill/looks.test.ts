import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { CallBudget } from '../../../src/scheduler/backfill/budget.ts'
import { takeTurn } from '../../../src/scheduler/turn.ts'
import { setBib, stampAt } from '../../../src/simulator/index.ts'
import { testDatabase } from '../../helpers/database.ts'
import { type Scene, type SceneOptions, sceneClock, setScene } from './scene.ts'

let open: Scene | undefined
afterEach(async () => {
  await open?.installation.stop()
  open = undefined
})

interface Look extends Scene {
  eventId: string
  /** `page` of each list call so far */
  pages(): (number | null)[]
  /** So many registrations change while a page is read. */
  jumpAt(page: number, count: number, andThen?: () => void): void
  /** The provider fails for a page until it is repaired. */
  breakPage(page: number): void
  state(): Promise<{ owed: boolean; seen: number }>
}

const DAY = 24 * 3_600_000

/** One list of whole registrations. */
async function list(options: SceneOptions): Promise<Look> {
  const clock = sceneClock()
  const { db } = await testDatabase({ virtualClock: clock })
  const traits = { registrationsList: 'whole', pageCap: 10, ...options.traits } as const
  const s = await setScene(db, clock, { ...options, traits })
  open = s
  const [eventId = ''] = s.eventIds
  const { haku } = s.installation
  const lists = {
    endpoint: ['participants', 'registrations'] as ('participants' | 'registrations')[],
    eventId,
  }
  return {
    ...s,
    eventId,
    pages: () => haku.calls.list(lists).map(({ page }) => page),
    jumpAt: (page, count, andThen) =>
      haku.atPage(eventId, page, () => {
        for (const number of numbersOf(s).slice(0, count)) setBib(s.world, eventId, number, '4711')
        andThen?.()
      }),
    breakPage: (page) =>
      haku.faults.add({
        match: { ...lists, page },
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'status', status: 500 },
      }),
    async state() {
      const { rows } = await sql<{ owed: boolean; seen: number }>`
        SELECT head_owed AS owed, (SELECT count(*)::int FROM sweep_seen) AS seen FROM sync_state
        WHERE event_id = ${eventId}`.execute(db)
      return rows[0]!
    },
  }
}

const numbersOf = ({ world, eventIds: [id = ''] }: Scene) => [
  ...(world.events.get(id)?.registrations.keys() ?? []),
]

describe('a look at the head of a list that moved (W1)', { timeout: 120_000 }, () => {
  it('is not taken where the server only repeats its last page', async () => {
    const s = await list({ sizes: [35], traits: { pastEnd: 'clamp' } })
    expect((await s.backfill()).left).toEqual([])
    // What is learnt of the account, four pages, and the repeat that proves the end.
    expect(s.pages()).toEqual([1, 1, 2, 3, 4, 5])
    expect(await s.wrong()).toEqual([])
  })

  it('sees a list that grew by a page exactly, which looks like a repeat until it goes on', async () => {
    const s = await list({ sizes: [55] })
    for (const [i, number] of numbersOf(s).entries())
      stampAt(s.world, s.eventId, number, s.clock.now() - DAY + i * 1_000)
    s.jumpAt(3, 10)
    expect((await s.backfill()).left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })

  it('comes to an end where rows without stamps are dealt anew at every call', async () => {
    const s = await list({ sizes: [35], traits: { ties: 'shuffled', listStamp: false } })
    for (const number of numbersOf(s)) stampAt(s.world, s.eventId, number, s.clock.now() - DAY)
    const { left, atLimit } = await s.backfill({ budget: new CallBudget(200) })
    expect(left).toEqual([])
    expect(atLimit).toBe(false)
    expect(await s.state()).toEqual({ owed: false, seen: 0 })
  })

  it('keeps to the number of calls that a backfill may make, and goes on in the next', async () => {
    const s = await list({ sizes: [100] })
    s.jumpAt(9, 35)
    const { haku } = s.installation
    let before = haku.calls.last
    // A token, the events and their end; eleven pages, their end and one of the learnt list; two of the look.
    const { atLimit } = await s.backfill({ budget: new CallBudget(18) })
    expect({ atLimit, calls: haku.calls.last - before }).toEqual({ atLimit: true, calls: 18 })
    expect((await s.state()).owed).toBe(true)
    before = s.pages().length
    expect((await s.backfill()).left).toEqual([])
    expect(s.pages().slice(before)[0]).toBeGreaterThan(1)
    expect(await s.wrong()).toEqual([])
    expect(await s.state()).toEqual({ owed: false, seen: 0 })
  })

  it('leaves no marks behind when a poll is made in its stead', async () => {
    const s = await list({ sizes: [55] })
    s.jumpAt(5, 25, () => s.breakPage(2))
    await s.backfill()
    expect(await s.state()).toEqual({ owed: true, seen: 10 })
    s.installation.haku.faults.clear()
    // Of several pages, under which the list may have moved again: the look is owed until one page has it all.
    await s.installation.sync(s.organization.clientId)
    expect(await s.state()).toEqual({ owed: true, seen: 0 })
    await s.installation.sync(s.organization.clientId)
    expect(await s.state()).toEqual({ owed: false, seen: 0 })
    expect(await s.wrong()).toEqual([])
  })

  it('is taken by `run` after the last sweep of a race, also when it was cut off in between', async () => {
    const s = await list({ sizes: [55], firstDay: 0.1 })
    const accountId = await s.installation.accountOf(s.organization.clientId)
    const { haku, services } = s.installation
    const turnsUntil = async (until: number) => {
      while (s.clock.now() < until) {
        const { next } = await takeTurn(services, accountId)
        s.clock.set(Math.max(s.clock.now() + 1, Math.min(next ?? until, until)))
      }
    }
    const over = s.clock.now() + 0.1 * DAY + 3_600_000
    await turnsUntil(over - 60_000)
    s.jumpAt(3, 5, () => s.breakPage(1))
    await turnsUntil(over + 10 * 60_000)
    expect((await s.state()).owed).toBe(true)
    haku.faults.clear()
    const before = s.pages().length
    await turnsUntil(over + 60 * 60_000)
    expect((await s.state()).owed).toBe(false)
    expect(s.pages().slice(before)).toEqual([1])
    expect(await s.wrong()).toEqual([])
  })
})
