import { describe, expect, it } from 'vitest'
import { type Comparison, compareEvent } from '../../../src/cli/demo/compare.ts'
import { isDue } from '../../../src/cli/demo/morning.ts'
import { makeScene } from '../../../src/cli/demo/scene.ts'
import { billOf } from '../../../src/cli/demo/summary.ts'
import { startHaku } from '../../../src/simulator/index.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the scene', () => {
  it.each(['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23', '2026-02-28', '2027-01-01'])(
    'seen on %s has its race on a Saturday that is over',
    (day) => {
      const now = Date.parse(`${day}T12:00:00Z`)
      const { gun, race, clock } = makeScene(now)
      expect(new Date(gun).getUTCDay()).toBe(6)
      expect(now - gun).toBeGreaterThan(HOUR)
      expect(now - gun).toBeLessThan(9 * DAY)
      expect(gun - clock.now()).toBe(13 * HOUR)
      expect(race.registrations.size).toBe(120)
    },
  )

  it('has the shape of the legacy inventory', () => {
    const { credentials, world } = makeScene(0)
    expect(new Set(credentials.map((c) => c.partner)).size).toBe(5)
    expect(credentials).toHaveLength(7)
    expect(new Set(credentials.map((c) => c.clientId)).size).toBe(6)
    expect(world.events.size).toBe(12)
  })
})

describe('what is due', () => {
  const startsAt = 100 * DAY
  it.each([
    ['4 h or less', 4 * HOUR, 60_000],
    ['24 h or less', DAY, 15 * 60_000],
    ['more than 24 h', DAY + 1, 4 * HOUR],
  ])('with %s to go', (_, left, interval) => {
    const now = startsAt - left
    expect(isDue({ startsAt }, undefined, now)).toBe(true)
    expect(isDue({ startsAt }, now - interval, now)).toBe(true)
    expect(isDue({ startsAt }, now - interval + 1, now)).toBe(false)
  })
})

describe('the bill', () => {
  it('is one sync to fill, one for each poll, one at the gun', () => {
    const naive = {
      discovery: 7,
      perSync: new Map([
        ['near', 100],
        ['far', 10],
      ]),
    }
    const polls = new Map([
      ['near', 121],
      ['far', 1],
    ])
    expect(billOf({ fill: 1, morning: 2, sweep: 3 }, naive, { polls, lines: [] })).toEqual({
      startlist: { fill: 1, morning: 2, sweep: 3, total: 6 },
      naive: { fill: 117, morning: 12_110, sweep: 110, total: 12_337 },
    })
  })
})

describe('the comparison', () => {
  it('finds rows that are missing and rows that are left over, and an event that is not stored', async () => {
    const scene = makeScene(0)
    await using haku = await startHaku({ world: scene.world })
    const event = haku.truth().get(scene.race.id)
    if (event === undefined) throw new Error('the race is not in the truth')
    const found: Comparison = { registrations: 0, fields: 0, differences: [] }
    compareEvent(found, { partnerId: 1, event, found: undefined, rows: [], raceDay: null })
    expect(found.registrations).toBe(120)
    expect(found.differences.filter((d) => d.field === 'row')).toHaveLength(120)
    expect(found.differences).toContainEqual(
      expect.objectContaining({ field: 'event name', stored: undefined }),
    )
  })
})
