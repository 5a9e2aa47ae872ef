import { describe, expect, it } from 'vitest'
import { measure } from '../../src/simulate/judge/figures.ts'
import { judge } from '../../src/simulate/judge/verdict.ts'
import { playPlanner } from '../../src/simulate/planner/play.ts'
import { readScenario } from '../../src/simulate/scenario-file.ts'

/** Three hours around the start of the races of some accounts. */
const scenarioOf = (races: number, more = '') =>
  readScenario(
    `name: planned
about: Planner and ledger alone.
engine: planner
start: 2026-05-02T05:00:00-04:00
duration: 3h
accounts:
  - name: Club
    count: 3
    partners: [Tidewater Timing]
    events: [{ name: Race, count: ${races}, participants: 100, starts: 2026-05-02T07:00, changesPerHour: 4 }]
${more}`,
    'planned.yaml',
    30_000,
  )

describe('planner and ledger alone', () => {
  it('keep every promise where the quota suffices, for every account', async () => {
    const scenario = scenarioOf(5, 'expect: { p99: 75s, max: 120s, late: 0 }')
    const figures = measure(await playPlanner(scenario))
    expect(judge(scenario, figures).filter(({ ok }) => !ok)).toEqual([])
    expect(figures.accounts.map(({ name }) => name)).toEqual(['Club 1', 'Club 2', 'Club 3'])
    for (const { polls } of figures.accounts) expect(polls).toBeGreaterThan(5 * 170)
    expect(figures.staleness[0]?.changes).toBeGreaterThan(150)
  })

  it('stretch the intervals of all races alike where it does not, within the limit', async () => {
    const figures = measure(await playPlanner(scenarioOf(12)))
    for (const { mostInHour, spread, calls } of figures.accounts) {
      expect(mostInHour).toBeLessThanOrEqual(500 - 30)
      expect(calls).toBeGreaterThan(1_200)
      expect(spread).toBeLessThan(0.05)
    }
  })

  it('play the same for the same seed, and otherwise for another', async () => {
    const seenAt = async (seed: number) =>
      measure(await playPlanner(scenarioOf(2, `seed: ${seed}`))).seen.map((seen) => seen.seenAt)
    expect(await seenAt(1)).toEqual(await seenAt(1))
    expect(await seenAt(1)).not.toEqual(await seenAt(2))
  })
})
