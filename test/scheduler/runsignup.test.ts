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
