import { expect, it } from 'vitest'
import { testDatabase } from '../../helpers/database.ts'
import { runWorld } from './model.ts'
import type { Plan, SyncStep } from './plan.ts'

/** What random worlds found, as small as it became: each of these lost something, or never ended. */

const plan = (given: Partial<Plan>): Plan => ({
  world: 1,
  traits: { pageCap: 10, registrationsList: 'whole' },
  events: [{ size: 0, days: 12 }],
  shared: false,
  invisible: 0,
  eventsMove: false,
  cadence: null,
  steps: [],
  ...given,
})

const sync = (given: Partial<SyncStep> = {}) => ({
  do: 'sync' as const,
  sync: { full: false, details: false, event: null, during: [], cut: null, fault: null, ...given },
})

const bibs = (count: number) => ({ do: 'bibs' as const, event: 0, count })
const wait = (ms: number) => ({ do: 'wait' as const, ms })
const HOUR = 3_600_000

const FOUND: [name: string, plan: Plan][] = [
  [
    'registrations that came while a sweep stood still (W3)',
    plan({
      events: [{ size: 101, days: 12 }],
      steps: [sync({ cut: 4 }), wait(HOUR), { do: 'move', moves: { count: 3, seed: 1577235939 } }],
    }),
  ],
  [
    'the end of a clamping list whose rows of one stamp change places (W2)',
    plan({
      traits: { pageCap: 10, registrationsList: 'whole', ties: 'shuffled', pastEnd: 'clamp' },
      events: [{ size: 45, days: 12 }],
      steps: [sync({ full: true }), wait(60_000), bibs(45), wait(20_000), sync(), sync({ full: true })],
    }),
  ],
  [
    'the bibs of whole lists that turn thin (F3)',
    plan({
      events: [{ size: 12, days: 12 }],
      steps: [
        sync(),
        wait(60_000),
        sync(),
        { do: 'turn', traits: { registrationsList: 'thin' } },
        sync(),
        sync(),
      ],
    }),
  ],
  [
    'the sweeps of an event most of which its list hides (A2)',
    plan({
      events: [{ size: 12, days: 12 }],
      steps: [
        sync(),
        wait(60_000),
        { do: 'vanish', event: 0, share: 0.7, hidden: true },
        sync({ full: true }),
      ],
    }),
  ],
  [
    'the reason why somebody is cancelled',
    plan({ events: [{ size: 1, days: 12 }], steps: [{ do: 'move', moves: { count: 1, seed: 1 } }, sync()] }),
  ],
]

it.each(FOUND)('is not lost: %s', async (_, found) => {
  expect((await runWorld(found, testDatabase)).calls).toBeGreaterThan(0)
})
