import { describe, expect, it } from 'vitest'
import { type AccountForecast, forecast } from '../../src/quota/forecast.ts'
import { adviseOn, followed } from '../../src/quota/forecast-advice.ts'
import fc from '../helpers/fast-check.ts'
import { account, event, HOUR, MINUTE, NOW, played, raceMorning } from './forecast-world.ts'

const DAY = 24 * HOUR
const meanLate = ({ late }: AccountForecast) =>
  late.reduce((sum, { meanMs, polls }) => sum + meanMs * polls, 0) /
  Math.max(
    1,
    late.reduce((n, { polls }) => n + polls, 0),
  )

/** Accounts with some races around the next day, and a quota that may or may not do. */
const accounts = fc
  .record({
    starts: fc.array(fc.integer({ min: -30, max: 72 * 60 }), { minLength: 1, maxLength: 12 }),
    perHour: fc.integer({ min: 120, max: 700 }),
    changes: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ starts, perHour, changes }) =>
    account(
      starts.map((minutes, i) =>
        event(`e${i}`, NOW + minutes * MINUTE, { changesPerHour: changes, beganAt: NOW - i * 1_000 }),
      ),
      { limits: { perHour, minSpacingMs: 1500 } },
    ),
  )

describe('a forecast', () => {
  it('of six races within 500 calls fits, and says what the peak asks for', () => {
    const seen = forecast(account(raceMorning(6)), NOW, 12)
    expect(seen).toMatchObject({ fits: true, late: [], limit: 500, capacity: 445 })
    expect(seen.peak.polls).toBeCloseTo(360, 0)
  })

  it('of twelve races stretches all of them alike, by demand over capacity (P3)', () => {
    const { fits, late, capacity } = forecast(account(raceMorning(12)), NOW, 5)
    expect(fits).toBe(false)
    expect(new Set(late.map(({ eventId }) => eventId)).size).toBe(12)
    for (const { polledEvery } of late) expect(polledEvery / MINUTE).toBeCloseTo(720 / capacity, 1)
  })

  it('counts a whole list for every poll where lists are not sorted (W9)', () => {
    const races = raceMorning(2)
    const sorted = forecast(account(races), NOW, 5)
    const unsorted = forecast(account(races, { unorderedUntil: NOW + 7 * DAY }), NOW, 5)
    // 16 pages of 25 and the end's proof, instead of one.
    expect(unsorted.peak.polls / sorted.peak.polls).toBeCloseTo(17, 0)
  })

  it('counts the list of those who are gone: every 15 min near a start, and beside each poll that brings news', () => {
    const quiet = raceMorning(2, undefined, { changesPerHour: 0 })
    const busy = raceMorning(2, undefined, { changesPerHour: 30 })
    const ratio = (races: typeof quiet) =>
      forecast(account(races, { removedFeed: true }), NOW, 5).peak.polls /
      forecast(account(races), NOW, 5).peak.polls
    expect(ratio(quiet)).toBeCloseTo(1 + 1 / 15, 2)
    expect(ratio(busy)).toBeCloseTo(1 + 1 / 15 + 30 / 60, 2)
  })

  it('says how long a detail round takes, and that it ends before the start', () => {
    const [round] = forecast(account([event('big', NOW + 20 * HOUR, { size: 1_000 })]), NOW, 48).rounds
    expect(round).toMatchObject({ details: 1_000, beforeStart: true })
    expect(round!.hours).toBeGreaterThan(1_000 / 445)
    expect(round!.hours).toBeLessThan(4)
  })

  it('says that nobody knows how large an event is that no sweep has finished', () => {
    const fresh = event('new', NOW + 30 * DAY, { complete: false, size: 0 })
    expect(forecast(account([fresh]), NOW, 24).unknown).toEqual([{ eventId: 'new', name: 'Race new' }])
  })

  it('fits exactly when nothing is stretched', () => {
    fc.assert(
      fc.property(accounts, (some) => {
        const { fits, hours, late } = forecast(some, NOW, 24)
        expect(hours.every((hour) => hour.fits)).toBe(fits)
        if (fits) expect(late).toEqual([])
      }),
      { seed: 7, numRuns: 60 },
    )
  })

  it('makes nothing later with more quota', () => {
    fc.assert(
      fc.property(accounts, fc.integer({ min: 1, max: 400 }), (some, more) => {
        const richer = { ...some, limits: { ...some.limits, perHour: some.limits.perHour + more } }
        expect(meanLate(forecast(richer, NOW, 24))).toBeLessThanOrEqual(meanLate(forecast(some, NOW, 24)) + 1)
      }),
      { seed: 8, numRuns: 60 },
    )
  })

  it('agrees with what the planner does, within a tenth of the interval', () => {
    for (const [count, perHour] of [
      [12, 500],
      [5, 200],
      [9, 300],
    ] as const) {
      const some = account(raceMorning(count), { limits: { perHour, minSpacingMs: 1500 } })
      const made = played(some, NOW + 3 * HOUR)
      for (const { eventId, polledEvery } of forecast(some, NOW, 3).late) {
        const polls = made.get(eventId)!.filter(({ at }) => at > NOW + HOUR)
        const real = (polls.at(-1)!.at - polls[0]!.at) / (polls.length - 1)
        expect(Math.abs(real - polledEvery) / polledEvery, `${count} races of ${perHour} calls`).toBeLessThan(
          0.1,
        )
      }
    }
  })
})

describe('advice', () => {
  it('is not given where everything fits', () => {
    expect(adviseOn(account(raceMorning(6)), NOW, 12)).toEqual([])
  })

  it('makes it fit when it is followed', () => {
    const given = fc.sample(accounts, { seed: 9, numRuns: 60 }).flatMap((some) =>
      adviseOn(some, NOW, 24).map((advice) => {
        for (const after of followed(some, advice)) expect(forecast(after, NOW, 24).fits).toBe(true)
        return advice.kind
      }),
    )
    expect(new Set(given)).toEqual(new Set(['cadence', 'accounts']))
  })

  it('spares the last hours before a start as long as something far can give way', () => {
    const far = Array.from({ length: 300 }, (_, i) =>
      event(`far${i}`, NOW + 20 * DAY, { beganAt: NOW - i * 40_000 }),
    )
    const some = account([...raceMorning(7), ...far])
    const [first] = adviseOn(some, NOW, 12)
    if (first?.kind !== 'cadence') throw new Error('longer intervals come first')
    expect(first.changes.every(({ eventId }) => eventId.startsWith('far'))).toBe(true)
  })
})
