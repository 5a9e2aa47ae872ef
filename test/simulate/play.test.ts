import { describe, expect, it } from 'vitest'
import { measure } from '../../src/simulate/judge/figures.ts'
import { judge } from '../../src/simulate/judge/verdict.ts'
import { play } from '../../src/simulate/play.ts'
import { reportHtml } from '../../src/simulate/report/page.ts'
import { readScenario } from '../../src/simulate/scenario-file.ts'
import { testDatabase } from '../helpers/database.ts'

/** Two small races, two hours before their start. */
function scenarioOf(duration: string, more = ''): string {
  return `name: short
about: Two small races.
start: 2026-05-02T05:00:00-04:00
duration: ${duration}
accounts:
  - name: Lantern Bay Runners
    partners: [Tidewater Timing, Granite Splits]
    events:
      - { name: Lantern Bay Race, count: 2, participants: 6, starts: 2026-05-02T07:00, changesPerHour: 30 }
${more}`
}

async function played(text: string) {
  const scenario = readScenario(text, 'short.yaml', 30_000)
  const { url } = await testDatabase()
  const figures = measure(await play(scenario, { url }))
  const checks = judge(scenario, figures)
  return { scenario, figures, checks, missed: checks.filter(({ ok }) => !ok) }
}

describe('a scenario', { timeout: 60_000 }, () => {
  it('is played by the engine itself, judged by the provider’s log, and reported', async () => {
    const { scenario, figures, checks, missed } = await played(
      scenarioOf('20m', 'expect: { p99: 75s, max: 120s, late: 0 }'),
    )
    expect(missed).toEqual([])
    const [tier] = figures.staleness
    expect(tier).toMatchObject({ every: 60_000, missed: 0 })
    expect(tier?.changes).toBeGreaterThan(9)
    expect(tier?.p50).toBeGreaterThan(1_000)
    const [account] = figures.accounts
    expect(account?.polls).toBeGreaterThan(30)
    expect(figures.ledger.reduce((sum, { count }) => sum + count, 0)).toBe(account?.calls)
    const page = reportHtml(scenario, figures, checks)
    expect(page.match(/<circle/g)?.length).toBe(figures.seen.length)
    expect(page).toContain('What a simulation replaces')
    expect(page).not.toContain('[object')
  })

  it('is played at RunSignUp as well: bibs in the list, and who withdraws in a list of their own', async () => {
    const { figures, missed } = await played(
      scenarioOf(
        '40m',
        `provider: { name: runsignup }
happenings:
  - { what: outage, at: 10m, for: 3m }
expect: { max: 16m, late: 0 }`,
      ),
    )
    expect(missed).toEqual([])
    expect(figures.staleness[0]).toMatchObject({ every: 60_000, missed: 0 })
    const [account] = figures.accounts
    expect(account?.polls).toBeGreaterThan(50)
    expect(account?.byEndpoint.removed).toBeGreaterThan(0)
    expect(account?.byEndpoint.detail ?? 0).toBe(0)
  })

  it('says which promise was not kept', async () => {
    const { missed } = await played(scenarioOf('9m', 'expect: { max: 1s }'))
    expect(missed.map(({ what }) => what)).toEqual(['longest staleness'])
  })

  it('outlives kills and restarts: changes made meanwhile are found, polls go on within half a minute', async () => {
    const happenings = `happenings:
  - { what: kill, at: 3m }
  - { what: restart, at: 6m }
  - { what: kill, at: 481s }
expect: { max: 120s, late: 0 }
`
    const { figures, missed } = await played(scenarioOf('12m', happenings))
    expect(missed).toEqual([])
    expect(figures.accounts[0]?.excused).toBeGreaterThan(0)
  })

  it('goes on while many accounts renew their tokens at once', async () => {
    const club = (n: number) => `  - name: Club ${n}
    partners: [Northgate Timing]
    events: [{ name: Race of ${n}, participants: 1, starts: 2026-05-02T07:00 }]
`
    const clubs = [1, 2, 3, 4, 5].map(club).join('')
    const { figures, missed } = await played(scenarioOf('2m', `${clubs}expect: { late: 0 }\n`))
    expect(missed).toEqual([])
    expect(figures.accounts.map(({ byEndpoint }) => byEndpoint.token)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it.each([
    ['process', '5m'],
    ['database', '5m'],
    ['database', '-5m'],
    ['both', '-5m'],
  ])('makes no burst of calls when the clock of %s is set by %s, and goes on', async (clock, by) => {
    const { figures, missed } = await played(
      scenarioOf('16m', `happenings: [{ what: jump, at: 4m, clock: ${clock}, by: ${by} }]`),
    )
    expect(missed).toEqual([])
    expect(figures.accounts[0]?.mostInMinute).toBeLessThanOrEqual(15)
    // A clock that is set back takes as long to come to what was planned by it; no longer.
    expect(figures.accounts[0]?.latestMs).toBeLessThan(6 * 60_000 + 10_000)
  })
})
