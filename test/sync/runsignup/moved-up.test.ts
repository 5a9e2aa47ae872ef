import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { assignBibs, remove } from '../../../src/simulator/runsignup/index.ts'
import { installRunSignUp, type RaceInstallation, type RaceOptions } from '../../helpers/runsignup.ts'

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** A race of two events that are listed together, on pages of ten. */
async function twoEvents(traits: RaceOptions['traits'] = {}, participants: [number, number] = [25, 12]) {
  const clock = new VirtualClock('2026-05-01T16:00:00Z')
  const r = await installRunSignUp({ clock, traits: { pageCap: 10, ...traits } })
  running = r
  const race = r.world.addRace(r.account)
  const [event, other] = participants.map((count) =>
    r.world.addEvent(race, { startsAt: '2026-05-09T07:00:00', participants: count }),
  )
  await r.discover()
  const lowest = () => [...event!.registrations.keys()][0] ?? ''
  return {
    ...r,
    event: event!,
    other: other!,
    /** The first of the list leaves before a page is asked for: all behind move up by one. */
    leavesBefore: (page: number) =>
      r.server.atPage(event!.id, page, () => remove(r.world, event!.id, lowest())),
    /** A minute passes. */
    poll: () => {
      clock.advance(60_000)
      return r.sync()
    },
  }
}

describe('who moves up to a page that was read, because somebody left (W1)', () => {
  it.each([2, 3, 4])('is in the list after a first sweep, when it was before page %i', async (page) => {
    const r = await twoEvents()
    r.leavesBefore(page)
    await r.sync()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('is in it when page 1 was full, and nobody was left for page 2', async () => {
    const r = await twoEvents({}, [6, 5])
    r.leavesBefore(2)
    await r.sync()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it.each([2, 3])('has the bib that a poll of many was to read, when it was before page %i', async (page) => {
    const r = await twoEvents()
    await r.sync()
    await r.poll()
    assignBibs(r.world, r.event.id)
    r.leavesBefore(page)
    await r.poll()
    // Of those who left alone a poll knows within a quarter of an hour.
    r.clock.advance(15 * 60_000)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it('costs a list without removals nothing, and a poll of many one look at who is gone', async () => {
    const r = await twoEvents()
    const { participants } = await r.callsOf(() => r.sync())
    // Four pages, and the empty one behind them.
    expect(participants).toBe(5)
    await r.poll()
    assignBibs(r.world, r.event.id, 5)
    expect(await r.callsOf(() => r.poll())).toEqual({ participants: 2 })
    r.clock.advance(60_000)
    assignBibs(r.world, r.event.id)
    // Three pages, for those of a moment ago are read again, and the empty one.
    expect(await r.callsOf(() => r.poll())).toEqual({ participants: 4, removed: 1 })
  })
})
