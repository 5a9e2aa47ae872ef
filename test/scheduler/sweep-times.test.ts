import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { storedCadence } from '../../src/domain/cadence.ts'
import { scheduleOf } from '../../src/domain/schedule.ts'
import { planEvent } from '../../src/scheduler/event-plan.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.parse('2026-06-20T11:00:00Z')

const sweepsOf = (env: Record<string, string>) =>
  loadConfig({ root: '/nonexistent', env: { STARTLIST_HOME: '/nonexistent', ...env } }).sweeps

/** When the next sweep is due for a race last swept at an instant, in hours before its start. */
function hoursAhead(sweptAt: number, env: Record<string, string> = {}): number | null {
  const times = {
    startsAt: START,
    startDay: null,
    endsAt: null,
    endDay: null,
    timezone: 'UTC',
    assumed: false,
  }
  const passes = { beganAt: sweptAt, sweptAt, completeAt: sweptAt, triedAt: sweptAt, retryAt: null }
  const plan = planEvent(
    scheduleOf(times, storedCadence(null)),
    { ...passes, headOwed: false, dueAt: null, sweepDueAt: null },
    { missing: false },
    sweepsOf(env),
    sweptAt + HOUR,
  )
  return plan.sweepDueAt === null ? null : (START - plan.sweepDueAt) / HOUR
}

describe('sweeps by schedule', () => {
  it('are daily within 30 days, once before the last 4 h, and once after the last poll', () => {
    expect(hoursAhead(START - 60 * DAY)).toBe(30 * 24)
    expect(hoursAhead(START - 10 * DAY)).toBe(9 * 24)
    expect(hoursAhead(START - 20 * HOUR)).toBe(4.5)
    expect(hoursAhead(START - 4.5 * HOUR)).toBe(-1)
  })

  it('keep to the days and minutes that are configured', () => {
    expect(hoursAhead(START - 60 * DAY, { STARTLIST_SWEEP_WITHIN_DAYS: '7' })).toBe(7 * 24)
    expect(hoursAhead(START - 20 * HOUR, { STARTLIST_SWEEP_AHEAD_MINUTES: '120' })).toBe(6)
  })

  it('are left out where the number is 0, but for the last', () => {
    const none = { STARTLIST_SWEEP_WITHIN_DAYS: '0', STARTLIST_SWEEP_AHEAD_MINUTES: '0' }
    expect(hoursAhead(START - 60 * DAY, { STARTLIST_SWEEP_WITHIN_DAYS: '0' })).toBe(4.5)
    expect(hoursAhead(START - 60 * DAY, none)).toBe(-1)
  })

  it('refuse numbers out of range', () => {
    expect(() => sweepsOf({ STARTLIST_SWEEP_WITHIN_DAYS: '366' })).toThrow('STARTLIST_SWEEP_WITHIN_DAYS')
    expect(() => sweepsOf({ STARTLIST_SWEEP_AHEAD_MINUTES: 'soon' })).toThrow('STARTLIST_SWEEP_AHEAD_MINUTES')
  })
})
