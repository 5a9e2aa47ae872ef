import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { assignBibs, edit, editRunner, register, remove } from '../../../src/simulator/runsignup/index.ts'
import { installRunSignUp, type RaceInstallation, type RaceOptions } from '../../helpers/runsignup.ts'

const START = '2026-05-01T16:00:00Z'
const MINUTE = 60_000

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** A race of three events, discovered. */
async function oneRace(options: Partial<RaceOptions> = {}) {
  const r = await installRunSignUp({ clock: new VirtualClock(START), ...options })
  running = r
  const race = r.world.addRace(r.account, { name: 'Harbor Marathon Weekend', timezone: 'America/Chicago' })
  const [marathon, half, relay] = ['2026-05-02T07:00:00', '2026-05-02T08:00:00', '2026-05-03T07:00:00'].map(
    (startsAt, i) => r.world.addEvent(race, { startsAt, participants: [40, 30, 10][i] ?? 0 }),
  )
  if (!marathon || !half || !relay) throw new Error('no events')
  await r.discover()
  return { ...r, race, marathon, half, relay }
}

describe('a first sync', () => {
  it.each(['v1', 'v2'] as const)(
    'with a key of form %s stores every event of the race by one list',
    async (form) => {
      const r = await oneRace({ form })
      const outcome = await r.sync()
      expect(outcome).toMatchObject({ stopped: null, events: [{ error: null, held: false }] })
      expect(await r.differences()).toEqual([])
    },
  )

  it('reads on behind pages that the server cuts short', async () => {
    const r = await oneRace({ traits: { pageCap: 25 } })
    await r.sync()
    expect(await r.differences()).toEqual([])
  })
})

describe('a poll', () => {
  it('of a race without news costs one call, whatever number of events it has', async () => {
    const r = await oneRace()
    await r.sync()
    r.clock.advance(MINUTE)
    await r.sync()
    r.clock.advance(MINUTE)
    expect(await r.callsOf(() => r.sync())).toEqual({ participants: 1 })
  })

  it('of changed bibs costs the page and its end, and stores them', async () => {
    const r = await oneRace()
    await r.sync()
    r.clock.advance(MINUTE)
    assignBibs(r.world, r.half.id)
    editRunner(r.world, r.relay.id, [...r.relay.registrations.keys()][0] ?? '', { lastName: 'Zqxj' })
    expect(await r.callsOf(() => r.sync())).toEqual({ participants: 2 })
    expect(await r.differences()).toEqual([])
  })

  it('of a newcomer also asks who is gone', async () => {
    const r = await oneRace()
    await r.sync()
    r.clock.advance(MINUTE)
    register(r.world, r.half.id)
    expect(await r.callsOf(() => r.sync())).toEqual({ participants: 2, removed: 1 })
    expect(await r.differences()).toEqual([])
  })

  it('sees a removal that nobody was added with within a quarter of an hour', async () => {
    const r = await oneRace()
    await r.sync()
    const [gone = ''] = r.half.registrations.keys()
    r.clock.advance(MINUTE)
    remove(r.world, r.half.id, gone, 'deferred')
    await r.sync()
    expect(await r.differences()).toEqual([`${r.half.id}/${gone} is live, and gone in truth`])
    r.clock.advance(15 * MINUTE)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it('finds a change on a page that was read before, made while the next one was read', async () => {
    const r = await oneRace({ traits: { pageCap: 25 } })
    await r.sync()
    r.clock.advance(MINUTE)
    assignBibs(r.world, r.marathon.id)
    const [first = ''] = r.marathon.registrations.keys()
    r.server.atPage(r.marathon.id, 2, (world) => {
      r.clock.advance(30_000)
      edit(world, r.marathon.id, first, { bib: '9001' })
      r.clock.advance(30_000)
    })
    await r.sync()
    r.clock.advance(MINUTE)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it('finds what changed within the second of the last poll', async () => {
    const r = await oneRace()
    await r.sync()
    const [one = ''] = r.half.registrations.keys()
    r.clock.advance(MINUTE)
    await r.sync()
    edit(r.world, r.half.id, one, { bib: '777' })
    r.clock.advance(MINUTE)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })
})
