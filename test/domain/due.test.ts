import { describe, expect, it } from 'vitest'
import { dueAt, intervalAt, shortest } from '../../src/domain/schedule.ts'
import { byDefault, told } from './default-schedule.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const at = (iso: string) => Date.parse(iso)

describe('dueAt (P1)', () => {
  const start = at('2026-05-02T11:00:00Z')
  const schedule = byDefault({ startsAt: start })
  const dayBefore = start - 24 * HOUR
  const nearStart = start - 4 * HOUR

  it.each<[what: string, last: number, due: number | null]>([
    ['one interval later', dayBefore - 10 * HOUR, dayBefore - 6 * HOUR],
    ['at the edge, when the age reaches the new interval there', dayBefore - HOUR, dayBefore],
    ['at the edge, when the age is the new interval exactly', dayBefore - 15 * MINUTE, dayBefore],
    ['behind the edge, when the age is a ms short of it', dayBefore - 15 * MINUTE + 1, dayBefore + 1],
    ['at the edge, when the old interval ends there as well', dayBefore - 4 * HOUR, dayBefore],
    ['before the edge, when the old interval ends first', dayBefore - 4 * HOUR - 1, dayBefore - 1],
    ['a minute later, from 4 h before on', nearStart, nearStart + MINUTE],
    ['at the next edge, from a quarter of an hour before', nearStart - 2 * MINUTE, nearStart],
    ['never, when it would be at the stop', start + 59 * MINUTE, null],
    ['a ms before the stop', start + 59 * MINUTE - 1, start + HOUR - 1],
    ['never, when it is over', start + 2 * HOUR, null],
  ])('is %s', (_, last, due) => {
    expect(dueAt(schedule, last)).toBe(due)
  })

  it('waits for the longer interval where the afternoon slows down', () => {
    const day = byDefault({ startDay: '2026-05-02' })
    const noon = at('2026-05-02T12:00:00-04:00')
    expect(dueAt(day, noon - 30 * SECOND)).toBe(noon + 14 * MINUTE + 30 * SECOND)
    expect(dueAt(day, noon - MINUTE)).toBe(noon + 14 * MINUTE)
  })
})

describe('shortest (S2)', () => {
  const start = at('2026-05-02T11:00:00Z')

  it('is each in its turn where two partners have other days', () => {
    const moved = byDefault({ startsAt: start + 48 * HOUR })
    const both = shortest([byDefault({ startsAt: start }), moved])
    expect(told(both)).toEqual([
      'ever every 240m',
      '2026-05-01T11:00Z every 15m',
      '2026-05-02T07:00Z every 1m',
      '2026-05-02T12:00Z every 240m',
      '2026-05-03T11:00Z every 15m',
      '2026-05-04T07:00Z every 1m',
      '2026-05-04T12:00Z over',
    ])
    expect(both).toMatchObject({ start, overAt: moved.overAt })
  })

  it('is never over while one is undated, and keeps what each had to suppose', () => {
    const mixed = shortest([byDefault({ startDay: '2026-05-02' }), byDefault({})])
    expect(mixed).toMatchObject({ overAt: null, flags: ['undated', 'day_only'] })
    expect(intervalAt(mixed, at('2027-01-01T00:00:00Z'))).toBe(4 * HOUR)
  })

  it('of one is that one', () => {
    const one = byDefault({ startDay: '2026-05-02', endDay: '2026-05-03' })
    expect(shortest([one])).toEqual(one)
  })

  it('of none is over', () => {
    const none = shortest([])
    expect(none).toMatchObject({ overAt: Number.NEGATIVE_INFINITY, start: null })
    expect([intervalAt(none, 0), dueAt(none, 0)]).toEqual([null, null])
  })
})
