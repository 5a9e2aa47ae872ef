import { describe, expect, it } from 'vitest'
import { StartlistError } from '../../src/domain/errors.ts'
import { readScenario } from '../../src/simulate/scenario-file.ts'

const FLOOR = 30_000

const GOOD = `name: two-races
about: Two races of one account.
start: 2026-05-02T03:00:00-04:00
duration: 5h
accounts:
  - name: Lantern Bay
    partners: [Tidewater Timing]
    events:
      - name: Lantern Race
        count: 2
        participants: 40
        starts: 2026-05-02T07:00
        changesPerHour: 2
happenings:
  - what: outage
    at: 2h
    for: 10m
`

function mistake(text: string): string {
  try {
    readScenario(text, 'x.yaml', FLOOR)
  } catch (error) {
    if (error instanceof StartlistError && error.code === 'BAD_INPUT') return error.message
    throw error
  }
  return 'no mistake'
}

const changed = (from: string | RegExp, to: string) => {
  const text = GOOD.replace(from, to)
  expect(text).not.toBe(GOOD)
  return mistake(text)
}

describe('a scenario file', () => {
  it('is read with lengths in ms and defaults filled in', () => {
    const scenario = readScenario(GOOD, 'x.yaml', FLOOR)
    expect(scenario).toMatchObject({
      start: Date.parse('2026-05-02T07:00:00Z'),
      duration: 5 * 3_600_000,
      quota: 500,
      spacing: 1_500,
      provider: { latency: 300, pageCap: 25, lists: 'thin' },
      happenings: [{ what: 'outage', at: 7_200_000, for: 600_000, how: '503' }],
    })
    expect(scenario.accounts[0]?.events[0]).toMatchObject({ known: true, count: 2 })
  })

  it.each<[what: string, from: string | RegExp, to: string, message: RegExp]>([
    ['an unknown key', 'duration: 5h', 'duration: 5h\nspeed: 3', /^x\.yaml line 5: unknown key "speed"/],
    [
      'an unknown key deep inside',
      'participants: 40',
      'participants: 40\n        people: 40',
      /^x\.yaml line 12: unknown key "people"/,
    ],
    ['a negative length', 'duration: 5h', 'duration: -5h', /^x\.yaml line 4: duration must not be negative/],
    ['a length without a unit', 'at: 2h', 'at: 2', /^x\.yaml line 16: happenings\.0\.at must be a length/],
    [
      'an interval below the floor',
      'changesPerHour: 2',
      'cadence: "4h, 4h: 10s"',
      /^x\.yaml line 13: an interval of 10s is too short: the least is 30s/,
    ],
    ['a negative interval', 'changesPerHour: 2', 'cadence: "-4h"', /^x\.yaml line 13: "-4h" is no interval/],
    [
      'two limits for one account',
      'happenings:',
      '  - name: Lantern Bay\n    limit: 400\n    partners: [Granite Splits]\nhappenings:',
      /^x\.yaml line 15: accounts\.1\.limit two limits for one account: Lantern Bay/,
    ],
    [
      'a limit given twice',
      '    partners:',
      '    limit: 500\n    limit: 400\n    partners:',
      /^x\.yaml line 8: Map keys must be unique/,
    ],
    ['an instant without a zone', '-04:00', '', /^x\.yaml line 3: start must be an instant with its offset/],
    [
      'an event that is not there',
      'what: outage\n    at: 2h\n    for: 10m',
      'what: bibs\n    at: 2h\n    event: Another\n    count: 5',
      /line 17: .*is no event of this scenario: Another/,
    ],
    ['what happens after the end', 'at: 2h', 'at: 6h', /line 16: .*happens after the end/],
    [
      'an unknown zone',
      '    partners',
      '    timezone: Mars/Olympus\n    partners',
      /line 7: .*no IANA time zone/,
    ],
    [
      'many accounts for the whole engine',
      '    partners',
      '    count: 5\n    partners',
      /line 7: accounts\.0\.count is for engine: planner/,
    ],
    [
      'happenings for the planner alone',
      'duration: 5h',
      'duration: 5h\nengine: planner',
      /line 16: happenings are for engine: whole/,
    ],
    ['no accounts', /accounts:[\s\S]*?happenings:/, 'happenings:', /accounts/],
    ['broken YAML', 'partners: [Tidewater Timing]', 'partners: [Tidewater', /^x\.yaml line \d+: /],
  ])('with %s is refused, and the line is named', (_, from, to, message) => {
    expect(changed(from, to)).toMatch(message)
  })
})
