import { describe, expect, it } from 'vitest'
import { DEFAULT_CADENCE } from '../../src/domain/cadence.ts'
import { scheduleOf } from '../../src/domain/schedule.ts'
import { busiestStart, mostWithin } from '../../src/simulate/judge/pace.ts'
import { judgePolls, type ListCall } from '../../src/simulate/judge/polls.ts'
import { quantile, stalenessOf } from '../../src/simulate/judge/staleness.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const GUN = Date.parse('2026-05-02T11:00:00Z')
const FROM = GUN - 2 * HOUR

const schedule = scheduleOf(
  {
    startsAt: GUN,
    startDay: null,
    endsAt: null,
    endDay: null,
    timezone: 'America/New_York',
    assumed: false,
  },
  DEFAULT_CADENCE,
)

/** A list call a minute from the start on, but for those that `move` moves or (null) drops. */
function everyMinute(count: number, move: (n: number) => number | null = () => 0): ListCall[] {
  return Array.from({ length: count }, (_, n) => n).flatMap((n) => {
    const by = move(n)
    return by === null ? [] : [{ eventId: 'e', at: FROM + n * MINUTE + by }]
  })
}

function trial(calls: ListCall[], minutes: number, perHour = 500) {
  return judgePolls({
    events: [{ id: 'e', schedule }],
    calls,
    from: FROM,
    until: FROM + minutes * MINUTE,
    preparedAt: FROM - HOUR,
    limits: { perHour, minSpacingMs: 1_500 },
  })
}

describe('the judge of polls (P4)', () => {
  it('finds none late that begins within a tenth of the interval and the spacing', () => {
    expect(
      trial(
        everyMinute(30, (n) => (n === 12 ? 7_000 : 0)),
        30,
      ).filter(({ late }) => late),
    ).toEqual([])
  })

  it('finds the one that begins later, and says by how much', () => {
    const [late, ...others] = trial(
      everyMinute(30, (n) => (n === 12 ? 9_000 : 0)),
      30,
    ).filter((poll) => poll.late)
    expect(others).toEqual([])
    expect(late).toMatchObject({ at: FROM + 12 * MINUTE + 9_000, due: FROM + 12 * MINUTE, every: MINUTE })
  })

  it('finds polls that were never made: at all, or any more', () => {
    expect(trial([], 30)).toMatchObject([{ at: null, due: FROM, late: true }])
    expect(trial(everyMinute(10), 30).at(-1)).toMatchObject({ at: null, due: FROM + 10 * MINUTE, late: true })
  })

  it('takes a sweep well before its time for no poll', () => {
    const calls = [...everyMinute(3), { eventId: 'e', at: FROM + 2 * MINUTE + 20_000 }]
    expect(trial(calls, 3)).toHaveLength(3)
  })

  it('allows the interval that the quota stretches it to, and no more (P3)', () => {
    const slow = (every: number) =>
      Array.from({ length: 20 }, (_, n) => ({ eventId: 'e', at: FROM + n * every }))
    // 60 an hour are asked for; 40 less 20 of reserve and 2 of upkeep hold 18.
    const stretched = (60 / 18) * MINUTE
    expect(trial(slow(stretched), 60, 40).filter(({ late }) => late)).toEqual([])
    expect(trial(slow(stretched * 1.2), 60, 40).filter(({ late }) => late).length).toBeGreaterThan(10)
  })
})

describe('staleness', () => {
  const change = { eventId: 'e', number: '1', kind: 'bib' as const, bib: '12', batch: false }
  const seenAfter = (ms: number | null, at = FROM) => ({
    change: { ...change, at },
    seenAt: ms === null ? null : at + ms,
  })

  it('is told by interval, with what was never seen', () => {
    const seen = [
      ...Array.from({ length: 100 }, (_, n) => seenAfter((n + 1) * 1_000)),
      seenAfter(5 * MINUTE, GUN - 10 * HOUR),
      seenAfter(null),
      seenAfter(null, FROM + 29.5 * MINUTE),
    ]
    expect(stalenessOf(seen, new Map([['e', schedule]]), FROM + 30 * MINUTE)).toEqual([
      { every: MINUTE, changes: 100, missed: 1, p50: 50_000, p95: 95_000, p99: 99_000, max: 100_000 },
      { every: 15 * MINUTE, changes: 1, missed: 0, p50: 300_000, p95: 300_000, p99: 300_000, max: 300_000 },
    ])
  })

  it('leaves many bibs at once out, which have a measure of their own', () => {
    const batch = [{ ...seenAfter(HOUR), change: { ...change, at: FROM, batch: true } }]
    expect(stalenessOf(batch, new Map([['e', schedule]]), GUN)).toEqual([])
  })

  it('has the value that a share does not exceed', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2)
    expect(quantile([1, 2, 3, 4], 0.99)).toBe(4)
    expect(quantile([], 0.5)).toBe(0)
  })
})

describe('pace', () => {
  it('counts the most calls of any window, where one a window later is outside', () => {
    expect(mostWithin([0, 10, 59, 60, 61], 60)).toBe(4)
    expect(mostWithin([], 60)).toBe(0)
  })

  it('finds the hour that begins with a burst', () => {
    const even = Array.from({ length: 60 }, (_, n) => FROM + n * MINUTE)
    const burst = Array.from({ length: 60 }, (_, n) => FROM + HOUR + n * 1_000)
    expect(busiestStart(even, FROM, FROM + HOUR)).toBeCloseTo(1 / 3)
    expect(busiestStart([...even, ...burst], FROM, FROM + 2 * HOUR)).toBe(1)
  })
})
