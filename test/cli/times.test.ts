import { describe, expect, it } from 'vitest'
import { age, countdown, duration, instantText, startText } from '../../src/cli/times.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const gun = Date.parse('2026-11-28T12:00:00Z')
const at = (startsAt: number | null, timezone: string | null = 'America/New_York') => ({
  startsAt,
  startDay: null,
  timezone,
})
const day = (startDay: string, timezone: string | null = 'America/New_York') => ({
  startsAt: null,
  startDay,
  timezone,
})

describe('duration', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [12 * MINUTE, '12 min'],
    [3 * HOUR, '3 h'],
    [3 * HOUR + 5 * MINUTE, '3 h 5 min'],
    [23 * HOUR + 59 * MINUTE, '23 h'],
    [2 * DAY + 22 * HOUR, '2 d 22 h'],
    [13 * DAY + 5 * HOUR, '13 d'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})

describe('countdown', () => {
  it('counts to the gun, and on after it', () => {
    expect(countdown(at(gun), gun - 3 * HOUR - 5 * MINUTE)).toBe('3h 5m')
    expect(countdown(at(gun), gun)).toBe('0s')
    expect(countdown(at(gun), gun + 12 * MINUTE)).toBe('-12m')
  })

  it('counts to the first moment of a day without a time, in its zone', () => {
    const start = day('2026-11-28', 'Pacific/Honolulu')
    expect(countdown(start, Date.parse('2026-11-28T09:59:00Z'))).toBe('1m')
    expect(countdown(start, Date.parse('2026-11-28T10:00:00Z'))).toBe('today')
    expect(countdown(start, Date.parse('2026-11-29T09:59:00Z'))).toBe('today')
    expect(countdown(start, Date.parse('2026-11-29T12:00:00Z'))).toBe('-2h')
  })

  it('says nothing without a date', () => {
    expect(countdown(at(null), gun)).toBe('')
  })
})

describe('startText', () => {
  it('is in the zone of the race, and names it', () => {
    expect(startText(at(gun), gun)).toBe('Nov 28 07:00 EST')
    expect(startText(at(gun, 'Pacific/Honolulu'), gun)).toBe('Nov 28 02:00 HST')
    expect(startText(at(gun, 'Europe/Berlin'), gun)).toBe('Nov 28 13:00 GMT+1')
  })

  it('marks an assumed zone', () => {
    expect(startText(at(gun, null), gun)).toBe('Nov 28 07:00 EST?')
    expect(startText(day('2026-11-28', null), gun)).toBe('Nov 28?')
  })

  it('tells the year where it is not obvious', () => {
    expect(startText(at(gun), gun - 300 * DAY)).toBe('Nov 28 2026 07:00 EST')
  })

  it('shows a day as it was written', () => {
    expect(startText(day('2026-11-28', 'Pacific/Honolulu'), gun)).toBe('Nov 28')
    expect(startText(at(null), gun)).toBe('no date')
  })

  it('knows summer time', () => {
    expect(instantText(Date.parse('2026-07-04T11:00:00Z'), 'America/New_York', gun)).toBe('Jul 4 07:00 EDT')
  })
})

describe('age', () => {
  it.each([
    [null, 'never'],
    [gun + 5, '0s'],
    [gun - 8_000, '8s'],
    [gun - 3 * MINUTE, '3m'],
    [gun - 47 * HOUR, '47h'],
    [gun - 3 * DAY, '3d'],
  ])('of %s is %s', (then, text) => {
    expect(age(then, gun)).toBe(text)
  })
})
