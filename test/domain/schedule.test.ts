import { describe, expect, it } from 'vitest'
import type { Cadence } from '../../src/domain/cadence.ts'
import { dueAt, intervalAt, phaseAt, scheduleOf } from '../../src/domain/schedule.ts'
import { byDefault, NEW_YORK, told } from './default-schedule.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const at = (iso: string) => Date.parse(iso)

describe('a start', () => {
  const start = at('2026-05-02T11:00:00Z')
  const schedule = byDefault({ startsAt: start })

  it('has the rows of the default table', () => {
    expect(told(schedule)).toEqual([
      'ever every 240m',
      '2026-05-01T11:00Z every 15m',
      '2026-05-02T07:00Z every 1m',
      '2026-05-02T12:00Z over',
    ])
    expect(schedule).toMatchObject({ start, flags: [] })
  })

  it('may have microseconds, as SQL writes them', () => {
    expect(told(byDefault({ startsAt: start + 0.123 })).slice(1)).toEqual(told(schedule).slice(1))
  })

  it('changes its interval exactly 24 h and 4 h before, and ends exactly 1 h after', () => {
    const around = [start - 24 * HOUR, start - 4 * HOUR, start + HOUR].map((edge) => [
      intervalAt(schedule, edge - 1),
      intervalAt(schedule, edge),
    ])
    expect(around).toEqual([
      [4 * HOUR, 15 * MINUTE],
      [15 * MINUTE, MINUTE],
      [MINUTE, null],
    ])
    expect(phaseAt(schedule, start + HOUR)).toBeNull()
  })

  it.each([
    ['the night the clocks go forward', '2026-03-08T08:00:00-04:00'],
    ['the night they go back', '2026-11-01T08:00:00-05:00'],
  ])('has a window of 4 elapsed hours in %s', (_, iso) => {
    const dst = byDefault({ startsAt: at(iso) })
    expect(phaseAt(dst, at(iso))?.from).toBe(at(iso) - 4 * HOUR)
  })

  it('spans New York to Honolulu where its zone is only assumed (T3)', () => {
    const assumed = byDefault({ startsAt: at('2026-05-02T07:00:00-04:00'), timezone: null, assumed: true })
    expect(told(assumed)).toEqual([
      'ever every 240m',
      '2026-05-01T11:00Z every 15m',
      '2026-05-02T07:00Z every 1m',
      '2026-05-02T18:00Z over',
    ])
    expect(assumed).toMatchObject({ start: at('2026-05-02T11:00:00Z'), flags: ['assumed_zone'] })
  })

  it('is believed without a zone when it was an instant (T2)', () => {
    expect(byDefault({ startsAt: start, timezone: null })).toEqual(schedule)
  })

  it('follows a cadence of its own', () => {
    const cadence: Cadence = { far: 2 * HOUR, rows: [{ within: HOUR, every: 30 * SECOND }], stop: 0 }
    expect(told(scheduleOf({ ...NEW_YORK, startsAt: start }, cadence))).toEqual([
      'ever every 120m',
      '2026-05-02T10:00Z every 0.5m',
      '2026-05-02T11:00Z over',
    ])
    expect(told(scheduleOf({ ...NEW_YORK, startsAt: start }, { ...cadence, rows: [] }))).toEqual([
      'ever every 120m',
      '2026-05-02T11:00Z over',
    ])
  })
})

describe('a date without a time (P5)', () => {
  it('is polled every minute from 02:00 to noon, then every 15 min until midnight', () => {
    const schedule = byDefault({ startDay: '2026-05-02' })
    expect(told(schedule)).toEqual([
      'ever every 240m',
      '2026-05-01T10:00Z every 15m',
      '2026-05-02T06:00Z every 1m',
      '2026-05-02T16:00Z every 15m',
      '2026-05-03T04:00Z over',
    ])
    expect(schedule).toMatchObject({ start: at('2026-05-02T06:00:00-04:00'), flags: ['day_only'] })
  })

  it('runs from New York’s 02:00 to Honolulu’s midnight in an unknown zone', () => {
    const schedule = byDefault({ startDay: '2026-05-02', timezone: null })
    expect(told(schedule).slice(2)).toEqual([
      '2026-05-02T06:00Z every 1m',
      '2026-05-02T22:00Z every 15m',
      '2026-05-03T10:00Z over',
    ])
    expect(schedule.flags).toEqual(['day_only', 'assumed_zone'])
  })

  it('counts a zone that does not exist as unknown', () => {
    expect(byDefault({ startDay: '2026-05-02', timezone: 'America/Nowhere' })).toEqual(
      byDefault({ startDay: '2026-05-02', timezone: null }),
    )
  })

  it('scales with a cadence of its own, whose stop may lie beyond midnight', () => {
    const cadence: Cadence = {
      far: 6 * HOUR,
      rows: [
        { within: 48 * HOUR, every: HOUR },
        { within: 2 * HOUR, every: 2 * MINUTE },
      ],
      stop: 24 * HOUR,
    }
    expect(told(scheduleOf({ ...NEW_YORK, startDay: '2026-05-02' }, cadence))).toEqual([
      'ever every 360m',
      '2026-04-30T10:00Z every 60m',
      '2026-05-02T08:00Z every 2m',
      '2026-05-02T16:00Z every 60m',
      '2026-05-03T10:00Z over',
    ])
  })

  it('has one interval where the cadence has', () => {
    const cadence: Cadence = { far: HOUR, rows: [], stop: 0 }
    expect(told(scheduleOf({ ...NEW_YORK, startDay: '2026-05-02' }, cadence))).toEqual([
      'ever every 60m',
      '2026-05-03T04:00Z over',
    ])
  })

  it('begins no later than 02:00 in the night the clocks go forward', () => {
    const day = byDefault({ startDay: '2026-03-08' })
    expect(phaseAt(day, at('2026-03-08T06:00:00-04:00'))?.from).toBe(at('2026-03-08T01:00:00-05:00'))
  })

  it('lasts 23 or 25 hours when the day does', () => {
    const end = (day: string) => byDefault({ startDay: day }).overAt
    expect(end('2026-03-08')).toBe(at('2026-03-09T00:00:00-04:00'))
    expect(end('2026-11-01')).toBe(at('2026-11-02T00:00:00-05:00'))
  })

  it('has no afternoon on the day that Apia skipped', () => {
    const { phases, overAt } = byDefault({ startDay: '2011-12-30', timezone: 'Pacific/Apia' })
    expect(phases.map(({ every }) => every / MINUTE)).toEqual([240, 15, 1])
    expect(phases.at(-1)?.to).toBe(overAt)
  })

  it('is the day of the end where only that is known', () => {
    expect(byDefault({ endDay: '2026-05-02' })).toEqual(byDefault({ startDay: '2026-05-02' }))
    expect(byDefault({ endsAt: at('2026-05-02T15:00:00-04:00') })).toEqual(
      byDefault({ startDay: '2026-05-02' }),
    )
  })
})

describe('an event of several days (P5)', () => {
  it('has its start, and then each day counts like a date without a time', () => {
    const schedule = byDefault({
      startsAt: at('2026-05-01T18:00:00-04:00'),
      endsAt: at('2026-05-03T13:00:00-04:00'),
    })
    expect(told(schedule)).toEqual([
      'ever every 240m',
      '2026-04-30T22:00Z every 15m',
      '2026-05-01T18:00Z every 1m',
      '2026-05-01T23:00Z every 15m',
      '2026-05-02T06:00Z every 1m',
      '2026-05-02T16:00Z every 15m',
      '2026-05-03T06:00Z every 1m',
      '2026-05-03T16:00Z every 15m',
      '2026-05-04T04:00Z over',
    ])
    expect(schedule).toMatchObject({ start: at('2026-05-01T18:00:00-04:00'), flags: [] })
  })

  it('keeps the flags of its first day', () => {
    const schedule = byDefault({ startDay: '2026-05-01', endDay: '2026-05-03', timezone: null })
    expect(schedule.flags).toEqual(['day_only', 'assumed_zone'])
  })

  it.each([
    ['ends in the small hours', { endsAt: at('2026-05-02T01:30:00-04:00') }],
    ['ends on its day', { endsAt: at('2026-05-01T23:59:00-04:00') }],
    ['claims to end before it starts', { endDay: '2026-04-01' }],
  ])('is one day when it %s', (_, end) => {
    const start = { startsAt: at('2026-05-01T20:00:00-04:00') }
    expect(byDefault({ ...start, ...end })).toEqual(byDefault(start))
  })

  it('counts every day up to 10 in full', () => {
    const schedule = byDefault({ startDay: '2026-05-01', endDay: '2026-05-10' })
    expect(schedule.flags).toEqual(['day_only'])
    expect(schedule.phases.filter(({ every }) => every === MINUTE)).toHaveLength(10)
  })

  it('counts only the first and the last day of a longer one, with 15 min between', () => {
    const schedule = byDefault({ startDay: '2026-05-01', endDay: '2026-06-29' })
    expect(told(schedule)).toEqual([
      'ever every 240m',
      '2026-04-30T10:00Z every 15m',
      '2026-05-01T06:00Z every 1m',
      '2026-05-01T16:00Z every 15m',
      '2026-06-29T06:00Z every 1m',
      '2026-06-29T16:00Z every 15m',
      '2026-06-30T04:00Z over',
    ])
    expect(schedule).toMatchObject({
      start: at('2026-05-01T06:00:00-04:00'),
      flags: ['day_only', 'many_days'],
    })
  })
})

describe('an event without a date', () => {
  it('has the interval far from the start for ever, and says so', () => {
    const schedule = byDefault({})
    expect(told(schedule)).toEqual(['ever every 240m', 'never over'])
    expect(schedule).toMatchObject({ start: null, flags: ['undated'] })
    expect(dueAt(schedule, 0)).toBe(4 * HOUR)
  })
})
