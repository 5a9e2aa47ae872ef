import { describe, expect, it } from 'vitest'
import { testDatabase } from '../../helpers/database.ts'
import fc from '../../helpers/fast-check.ts'
import { runWorld } from './model.ts'
import { plans } from './plan.ts'

/** `STARTLIST_SEED=17 npx vitest run test/sync/property` plays one world again and takes away what does not matter. */
const replayed = process.env.STARTLIST_SEED
const SEEDS = replayed ? [Number(replayed)] : Array.from({ length: 50 }, (_, i) => i + 1)
/** Taking a plan to pieces is for a person who waits for it. */
const SHRINK_MS = 240_000

describe('after the provider went quiet, tables and feed equal the truth', () => {
  it.each(SEEDS)(
    'in random world %i',
    async (seed) => {
      let worlds = 0
      const property = fc.asyncProperty(plans, async (plan) => {
        worlds++
        await runWorld(plan, testDatabase)
      })
      const details = await fc.check(property, {
        seed,
        numRuns: 1,
        ...(replayed ? { interruptAfterTimeLimit: SHRINK_MS } : { endOnFailure: true }),
      })
      expect(worlds).toBeGreaterThan(0)
      if (details.failed) {
        const why = details.errorInstance instanceof Error ? details.errorInstance.message : 'interrupted'
        const plan = JSON.stringify(details.counterexample?.[0])
        throw new Error(
          `${why}\n\nThe plan: ${plan}\nAgain, and smaller: STARTLIST_SEED=${seed} npx vitest run test/sync/property`,
        )
      }
    },
    replayed ? SHRINK_MS + 60_000 : 30_000,
  )
})
