import { expect, it } from 'vitest'
import { DEFAULT_CADENCE } from '../../src/domain/cadence.ts'
import { scheduleOf } from '../../src/domain/schedule.ts'
import { paceOf } from '../../src/status/pace.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.parse('2026-05-01T16:00:00Z')
const NO_STRETCH = { near: 1, far: 1 }

/** A race that starts in `startsIn` ms and was last polled `age` ms ago. */
function pace({ startsIn = 2 * HOUR, age = 30_000, stretch = NO_STRETCH, missing = false } = {}) {
  const times = { startsAt: NOW + startsIn, startDay: null, endsAt: null, endDay: null, assumed: false }
  const schedule = scheduleOf({ ...times, timezone: 'America/New_York' }, DEFAULT_CADENCE)
  const at = NOW - age
  const passes = {
    beganAt: at,
    sweptAt: at,
    completeAt: at,
    headOwed: false,
    triedAt: at,
    retryAt: null,
    dueAt: null,
    sweepDueAt: null,
  }
  return paceOf(schedule, passes, { missing }, stretch, NOW)
}

it('a race near its start is due a minute after its last poll', () => {
  expect(pace()).toEqual({
    every: MINUTE,
    stretched: null,
    nextAt: NOW + 30_000,
    isLate: false,
    bibLimit: 24 * HOUR,
  })
})

it('a list is late only when its poll is overdue by more than a tenth of the interval and 5 s', () => {
  expect(pace({ age: MINUTE + 6_000 }).isLate).toBe(false)
  expect(pace({ age: MINUTE + 6_001 }).isLate).toBe(true)
})

it('a stretched interval is shown, and is the one that lateness is measured against', () => {
  const slowed = pace({ age: 80_000, stretch: { near: 1.4, far: 1 } })
  expect(slowed).toMatchObject({ every: MINUTE, stretched: 84_000, nextAt: NOW + 4_000, isLate: false })
})

it('a race whose polling has stopped is never late', () => {
  expect(pace({ startsIn: -3 * HOUR, age: 2 * HOUR })).toMatchObject({
    every: null,
    nextAt: null,
    isLate: false,
  })
})

it('a missing race is looked for and never late', () => {
  expect(pace({ age: 3 * HOUR, missing: true })).toMatchObject({ isLate: false })
})
