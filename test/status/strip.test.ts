import { describe, expect, it } from 'vitest'
import { storedCadence } from '../../src/domain/cadence.ts'
import { scheduleOf } from '../../src/domain/schedule.ts'
import { SLOTS, stripOf } from '../../src/status/strip.ts'

const MINUTE = 60_000
const START = Date.parse('2026-05-02T11:00:00Z')
const TIMES = {
  startsAt: START,
  startDay: null,
  endsAt: null,
  endDay: null,
  timezone: 'America/New_York',
  assumed: false,
}
const schedule = scheduleOf(TIMES, storedCadence(null))

/** Every `every` minutes from `from` on, before `to`. */
const polls = (from: number, to: number, every: number) =>
  Array.from({ length: Math.ceil((to - from) / (every * MINUTE)) }, (_, i) => from + i * every * MINUTE)

describe('the strip', () => {
  // An hour before the start: every 15 min until four hours before, then every minute.
  const now = START - 60 * MINUTE
  const dense = START - 240 * MINUTE
  const kept = [...polls(now - 400 * MINUTE, dense, 15), ...polls(dense, now, 1)]

  it('is kept where the list was as new as its target all the time', () => {
    expect(stripOf(kept, schedule, now)).toEqual(Array(SLOTS).fill('kept'))
  })

  it('is late in each slot in which it was older for a moment, and only there', () => {
    const gap = kept.filter((at) => at < now - 30 * MINUTE || at >= now - 18 * MINUTE)
    const strip = stripOf(gap, schedule, now)
    expect(strip.map((slot, i) => (slot === 'late' ? i : -1)).filter((i) => i >= 0)).toEqual([66, 67, 68])
  })

  it('is none where nobody knows of a poll, or none was wanted', () => {
    const fresh = stripOf(polls(now - 12 * MINUTE, now, 1), schedule, now)
    expect(fresh.slice(0, -3)).toEqual(Array(SLOTS - 3).fill('none'))
    expect(fresh.slice(-3)).toEqual(['kept', 'kept', 'kept'])
    expect(stripOf(kept, schedule, START + 48 * 60 * MINUTE)).toEqual(Array(SLOTS).fill('none'))
  })
})
