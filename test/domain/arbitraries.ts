import { Temporal } from 'temporal-polyfill'
import type { Cadence } from '../../src/domain/cadence.ts'
import { type EventTimes, type Schedule, scheduleOf } from '../../src/domain/schedule.ts'
import fc from '../helpers/fast-check.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Every run the same cases; a failure is shown as found: shrinking one takes longer than reading it. */
export const RUNS = { seed: 20_260_502, numRuns: 400, endOnFailure: true }

/** Cadences that a person may set: up to four rows, quicker towards the start, whole seconds. */
export const anyCadence: fc.Arbitrary<Cadence> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 72 * 60 }), { maxLength: 4 }),
    fc.array(fc.integer({ min: 30, max: 86_400 }), { minLength: 5, maxLength: 5 }),
    fc.integer({ min: 0, max: 48 * 60 }),
  )
  .map(([withins, everys, stop]) => {
    const [far = 4 * HOUR, ...quicker] = everys.sort((a, b) => b - a).map((seconds) => seconds * SECOND)
    const widest = withins.sort((a, b) => b - a)
    const rows = widest.flatMap((minutes, i) => {
      const every = quicker[i]
      return every === undefined ? [] : [{ within: minutes * 60 * SECOND, every }]
    })
    return { far, rows, stop: stop * 60 * SECOND }
  })

const ZONES = [
  'America/New_York',
  'America/Los_Angeles',
  'Pacific/Honolulu',
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
]
/** Nights in which one of the zones changes its clocks; the last is the day that Apia skipped. */
const CHANGES = [
  '2026-03-08',
  '2026-11-01',
  '2026-03-29',
  '2026-10-25',
  '2026-04-05',
  '2026-10-04',
  '2011-12-30',
]

export const anyZone = fc.constantFrom(...ZONES)
export const anyDay = fc.oneof(
  fc
    .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -1, max: 1 }))
    .map(([day, by]) => dayAfter(day, by)),
  fc.integer({ min: 0, max: 1500 }).map((days) => dayAfter('2026-01-01', days)),
)
/** Minutes of a day, and of a morning more often. */
export const anyTime = fc.oneof(fc.integer({ min: 1, max: 1439 }), fc.integer({ min: 30, max: 240 }))

const anyTimes: fc.Arbitrary<EventTimes> = fc
  .record({
    zone: fc.option(anyZone),
    day: anyDay,
    time: fc.option(anyTime),
    days: fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 14 })),
    endTime: fc.option(anyTime),
    dated: fc.integer({ min: 0, max: 19 }).map((n) => n > 0),
  })
  .map(({ zone, day, time, days, endTime, dated }) => {
    const place = (on: string, minutes: number) => instantOf(on, minutes, zone ?? 'America/New_York')
    const lastDay = dayAfter(day, days)
    return {
      startsAt: dated && time !== null ? place(day, time) : null,
      startDay: dated && time === null ? day : null,
      endsAt: dated && days !== 0 && endTime !== null ? place(lastDay, endTime) : null,
      endDay: dated && days !== 0 && endTime === null ? lastDay : null,
      timezone: zone,
      assumed: zone === null && time !== null && dated,
    }
  })

export const anySchedule = fc
  .tuple(anyTimes, anyCadence)
  .map(([times, cadence]) => scheduleOf(times, cadence))
/** An instant that matters to a schedule: at one of its edges, a little beside it, or days before. */
export const instantNear = (schedule: Schedule, pick: number, by: number): number => {
  const edges = schedule.phases.flatMap(({ from, to }) => [from, to]).filter(Number.isFinite)
  return (edges[pick % Math.max(1, edges.length)] ?? 0) + by
}
export const anyPick = fc.nat({ max: 1000 })
export const anyShift = fc.oneof(
  fc.constantFrom(-1, 0, 1, -MINUTE, MINUTE),
  fc.integer({ min: -3 * DAY, max: 3 * HOUR }),
)

export function dayAfter(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString()
}

export function instantOf(day: string, minutes: number, zone: string): number {
  return Temporal.PlainDateTime.from(`${day}T00:00`).add({ minutes }).toZonedDateTime(zone).epochMilliseconds
}

/** The shortest of the intervals that are asked; null where none is. */
export function least(intervals: readonly (number | null)[]): number | null {
  const asked = intervals.filter((every) => every !== null)
  return asked.length === 0 ? null : Math.min(...asked)
}
