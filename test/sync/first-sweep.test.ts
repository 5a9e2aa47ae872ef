import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { editPerson, register, setBib } from '../../src/simulator/index.ts'
import { register as registerAtRunSignUp } from '../../src/simulator/runsignup/index.ts'
import { START } from '../helpers/installation.ts'
import { installRunSignUp } from '../helpers/runsignup.ts'
import { feedFaults, stateOf, stopRace } from './crash/race.ts'
import { large, SOON } from './long-list.ts'

let stop: (() => Promise<void>) | undefined
afterEach(async () => {
  await stopRace()
  await stop?.()
  stop = undefined
})

describe('a first sweep of a large list shortly before the start (W8)', () => {
  it('stores who registers and who gets a bib meanwhile before it ends', async () => {
    const r = await large(12)
    const known = r.nth(3)
    let late = ''
    r.minuteAt(4, () => {
      late = register(r.world, r.event.id).number
      setBib(r.world, r.event.id, known, '4711')
    })
    r.breakAt(8)
    await r.sync()
    expect(r.pages().slice(0, 8)).toEqual([1, 2, 3, 4, 1, 5, 6, 7])
    expect(await r.stored(late)).toBeDefined()
    expect(await r.stored(known)).toMatchObject({ bib: '4711' })
    expect(await stateOf(r.db, r.event.id)).toMatchObject({ complete_at: null, pass: expect.anything() })
    r.haku.faults.clear()
    await r.poll()
    await r.poll()
    expect(await stateOf(r.db, r.event.id)).toMatchObject({ complete_at: expect.anything(), pass: null })
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('reads of 60 changes the pages that show them, and no further', async () => {
    const r = await large(12)
    r.minuteAt(4, () => {
      for (const number of r.numbers().slice(0, 60)) setBib(r.world, r.event.id, number, '7')
    })
    r.minuteAt(10, () => {})
    await r.sync()
    // Three pages to what the sweep began with; then one without news.
    expect(r.pages().slice(0, 15)).toEqual([1, 2, 3, 4, 1, 2, 3, 5, 6, 7, 8, 9, 10, 1, 11])
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('misses nobody of 400 bibs that were given in one second, read or unread so far', async () => {
    const r = await large(30)
    r.minuteAt(12, () => {
      for (const number of r.numbers().filter((_, i) => i % 2 === 0)) setBib(r.world, r.event.id, number, '7')
    })
    await r.sync()
    await r.poll()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('is not read once more because of those whom the poll met before it did', async () => {
    const r = await large(12, { traits: { envelope: 'own', totals: 'meta' } })
    // From pages that are not read yet to the head.
    r.minuteAt(4, () => {
      for (let i = 0; i < 5; i++) editPerson(r.world, r.event.id, r.nth(i), { firstName: 'Ada' })
    })
    await r.sync()
    expect(r.pages().filter((page) => page === 1)).toHaveLength(2)
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('goes by order where rows bear no stamp (W6)', async () => {
    const r = await large(12, { traits: { listStamp: false } })
    let late = ''
    r.minuteAt(4, () => {
      late = register(r.world, r.event.id).number
    })
    r.breakAt(8)
    await r.sync()
    expect(r.pages().slice(0, 8)).toEqual([1, 2, 3, 4, 1, 5, 6, 7])
    expect(await r.stored(late)).toBeDefined()
  })

  it('reads the head as often as the cadence asks, and not at all once the race is over', async () => {
    for (const [startsAt, heads] of [
      ['2026-05-02T07:00:00', 1],
      ['2026-03-02T07:00:00', 1],
    ] as const) {
      const r = await large(8, { startsAt })
      r.minuteAt(4, () => {})
      await r.sync({ eventId: r.event.id })
      expect(r.pages().filter((page) => page === 1)).toHaveLength(heads)
    }
  })
})

it('a race at RunSignUp is asked for its changes while its first list is read (W8)', async () => {
  const r = await installRunSignUp({ clock: new VirtualClock(START), traits: { pageCap: 25 } })
  stop = r.stop
  const race = r.world.addRace(r.account, { name: 'Harbor Mile', timezone: 'America/New_York' })
  const event = r.world.addEvent(race, { startsAt: SOON, participants: 240 })
  await r.discover()
  r.server.atPage(event.id, 4, () => {
    r.clock.advance(61_000)
    registerAtRunSignUp(r.world, event.id)
  })
  await r.sync()
  const asked = r.server.calls.list({ endpoint: 'participants' })
  const since = asked.findIndex(({ query }) => query.modified_after_timestamp !== undefined)
  expect(since).toBeGreaterThan(0)
  expect(asked.slice(since + 2).length).toBeGreaterThan(4)
  expect(await r.differences()).toEqual([])
})

it('a provider that gives the whole list for its changes is read to its end in little more than twice the calls', async () => {
  const r = await installRunSignUp({
    clock: new VirtualClock(START),
    traits: { pageCap: 25, modifiedAfter: 'ignored' },
  })
  stop = r.stop
  const race = r.world.addRace(r.account, { name: 'Harbor Mile', timezone: 'America/New_York' })
  const event = r.world.addEvent(race, { startsAt: SOON, participants: 490 })
  await r.discover()
  for (let call = 1; call < 100; call++)
    r.server.atCall(r.server.calls.last + call, () => r.clock.advance(20_000))
  await r.sync()
  const pages = r.server.calls.list({ endpoint: 'participants' }).length
  expect(pages).toBeGreaterThan(30)
  expect(pages).toBeLessThan(50)
  expect(event.registrations.size).toBe(490)
  expect(await r.differences()).toEqual([])
})
