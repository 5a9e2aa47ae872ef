import type { OpenDatabase } from '../sync/property/model.ts'
import { runWorld } from '../sync/property/model.ts'
import { planOf } from '../sync/property/plan.ts'

/** A long test: one seed after another, each in a fresh, migrated database. */
export interface Suite {
  name: string
  /** How many seeds make it complete. */
  seeds: number
  /** Plays one seed. @throws when a promise is broken */
  run(seed: number, open: OpenDatabase): Promise<void>
  /** How a person plays one seed again. */
  replay(seed: number): string
}

/** All of them, in the order in which they are run. */
export const suites: readonly Suite[] = [
  {
    name: 'random-worlds',
    seeds: 1_000,
    async run(seed, open) {
      await runWorld(planOf(seed), open)
    },
    replay: (seed) => `STARTLIST_SEED=${seed} npx vitest run test/sync/property`,
  },
]
