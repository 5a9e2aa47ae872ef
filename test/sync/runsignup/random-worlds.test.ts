import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { Rng } from '../../../src/simulator/random.ts'
import { randomMove } from '../../../src/simulator/runsignup/index.ts'
import { installRunSignUp, type RaceInstallation } from '../../helpers/runsignup.ts'

const MINUTE = 60_000

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** A world that moves while it is read, with ways of the provider that nobody has recorded, and calls that fail. */
async function play(seed: number): Promise<string[]> {
  const rng = new Rng(seed)
  const r = await installRunSignUp({
    clock: new VirtualClock('2026-05-01T16:00:00Z'),
    transferIds: rng.pick(['new', 'same'] as const),
    traits: {
      pageCap: rng.pick([7, 25, 2_500]),
      pageOver: rng.pick(['all', 'event'] as const),
      empty: rng.pick(['list', 'null', 'absent', 'no-element'] as const),
      shape: rng.pick(['array', 'object'] as const),
      modifiedAfter: rng.pick(['inclusive', 'exclusive', 'ignored'] as const),
      errorStatus: rng.pick(['ok', 'http'] as const),
    },
  })
  running = r
  const race = r.world.addRace(r.account)
  // Within two hours of the start the list's changes are asked for each minute, amid its first sweep as well (W8).
  const startsAt = rng.pick(['2026-05-09T07:00:00', '2026-05-01T14:00:00'])
  for (const participants of [30, 20, 5]) r.world.addEvent(race, { startsAt, participants })
  await r.discover()
  for (let round = 0; round < 6; round++) {
    for (let moves = rng.int(5); moves > 0; moves--)
      r.server.atCall(r.server.calls.last + 1 + rng.int(6), (world) => {
        r.clock.advance(rng.chance(0.3) ? 61_000 : rng.int(20_000))
        randomMove(rng, world, { erase: true })
      })
    if (rng.chance(0.3))
      r.server.faults.add({
        times: 1 + rng.int(3),
        after: rng.int(3),
        fault: { kind: 'status', status: 502 },
      })
    await r.sync({ full: rng.chance(0.3), past: true }).catch(() => {})
    r.clock.advance(rng.int(5) * MINUTE)
  }
  r.server.faults.clear()
  r.clock.advance(MINUTE)
  await r.discover()
  for (let i = 0; i < 3; i++) {
    await r.sync({ full: true, past: true })
    r.clock.advance(MINUTE)
  }
  return r.differences()
}

describe('when the provider has gone quiet, the tables equal the truth', () => {
  it.each(Array.from({ length: 6 }, (_, i) => i + 20))('in random world %i', async (seed) => {
    expect(await play(seed)).toEqual([])
  })
})
