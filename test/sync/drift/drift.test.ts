import { describe, expect, it } from 'vitest'
import { testDatabase } from '../../helpers/database.ts'
import { driftInMemory } from './memory.ts'
import { driftOnPostgres } from './postgres.ts'

/** `npm run soak -- --only page-drift` plays a thousand, `--only page-drift-on-postgres` fifty. */
const IN_MEMORY = 200
const ON_POSTGRES = [1, 2, 3, 4, 5]

describe('a list that changes at every page boundary', () => {
  it('has nobody removed who is alive, and nobody lost after the next quiet sweep (W1, W2, A1)', () => {
    const seeds = Array.from({ length: IN_MEMORY }, (_, i) => i + 1)
    const outcomes = seeds.map((seed) => ({ seed, ...driftInMemory(seed) }))
    const broken = outcomes.filter(({ falselyRemoved, lost }) => falselyRemoved.length + lost.length > 0)
    expect(broken).toEqual([])
    // The histories are what they should be: many removals, and some that blow the fuse.
    expect(outcomes.filter(({ removed }) => removed > 0).length).toBeGreaterThan(IN_MEMORY / 2)
    expect(outcomes.some(({ held }) => held)).toBe(true)
  })

  it.each(ON_POSTGRES)('keeps that promise on PostgreSQL: history %i', async (seed) => {
    expect(await driftOnPostgres(seed, testDatabase)).toMatchObject({ falselyRemoved: [], wrong: [] })
  })
})
