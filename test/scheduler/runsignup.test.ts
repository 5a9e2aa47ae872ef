import { afterEach, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { takeTurn } from '../../src/scheduler/turn.ts'
import { assignBibs, transfer } from '../../src/simulator/runsignup/index.ts'
import { installRunSignUp, type RaceInstallation } from '../helpers/runsignup.ts'

const MINUTE = 60_000

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

it('turns find a race, read it, and poll it every minute of its morning by one call each', async () => {
  const r = await installRunSignUp({ clock: new VirtualClock('2026-05-02T10:00:00Z') })
  running = r
  const race = r.world.addRace(r.account)
  const [half, ten] = ['2026-05-02T07:30:00', '2026-05-02T08:30:00'].map((startsAt) =>
    r.world.addEvent(race, { startsAt, participants: 20 }),
  )
  const turns = async (minutes: number) => {
    const until = r.clock.now() + minutes * MINUTE
    while (r.clock.now() < until) {
      const { next, error } = await takeTurn(r.services, r.accountId)
      expect(error).toBeNull()
      r.clock.advance(Math.max(1_000, Math.min(next ?? until, until) - r.clock.now()))
    }
  }
  await turns(2)
  expect(await r.differences()).toEqual([])

  const quiet = await r.callsOf(() => turns(10))
  expect(quiet.participants).toBeGreaterThanOrEqual(9)
  expect(quiet.participants).toBeLessThanOrEqual(12)
  expect(quiet.removed ?? 0).toBeLessThanOrEqual(1)

  assignBibs(r.world, half?.id ?? '')
  transfer(r.world, half?.id ?? '', [...(half?.registrations.keys() ?? [])][0] ?? '', ten?.id ?? '')
  await turns(2)
  expect(await r.differences()).toEqual([])
})

it.each([
  { concurrency: '2', together: 2 },
  { concurrency: '1', together: 1 },
])(
  'with $concurrency calls at once a slow answer keeps no other race waiting',
  async ({ concurrency, together }) => {
    const r = await installRunSignUp({
      clock: new VirtualClock('2026-05-02T10:00:00Z'),
      env: { RUNSIGNUP_CONCURRENCY: concurrency },
    })
    running = r
    for (let race = 0; race < 4; race++) {
      const { id } = r.world.addEvent(r.world.addRace(r.account), {
        startsAt: '2026-05-02T07:30:00',
        participants: 5,
      })
      assignBibs(r.world, id)
    }
    await r.discover()
    await r.sync()
    r.clock.advance(2 * MINUTE)

    let most = 0
    const underWay = new Set<Promise<unknown>>()
    const met = Promise.withResolvers<void>()
    // Answers come when as many calls are under way as may be: a turn that makes fewer would wait for good.
    const slow: typeof fetch = async (input, init) => {
      const call = met.promise.then(() => fetch(input, init))
      underWay.add(call)
      most = Math.max(most, underWay.size)
      if (underWay.size === together) met.resolve()
      return call.finally(() => underWay.delete(call))
    }
    const { polls, error } = await takeTurn({ ...r.services, fetch: slow }, r.accountId)
    expect({ error, most }).toEqual({ error: null, most: together })
    expect(polls).toBeGreaterThanOrEqual(4)
    expect(await r.differences()).toEqual([])
  },
)
