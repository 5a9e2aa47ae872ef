import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { type Cadence, DEFAULT_CADENCE } from '../../src/domain/cadence.ts'
import { type EventTimes, intervalAt, scheduleOf } from '../../src/domain/schedule.ts'
import fc from '../helpers/fast-check.ts'
import {
  anyCadence,
  anyDay,
  anyPick,
  anySchedule,
  anyShift,
  anyTime,
  anyZone,
  dayAfter,
  instantNear,
  instantOf,
  least,
  RUNS,
} from './arbitraries.ts'

const MINUTE = 60_000

describe('every schedule', () => {
  it('covers all time up to its end, without gap, overlap or two phases alike', () => {
    fc.assert(
      fc.property(anySchedule, ({ phases, overAt, start }) => {
        expect(phases[0]?.from).toBe(Number.NEGATIVE_INFINITY)
        expect(phases.at(-1)?.to).toBe(overAt ?? Number.POSITIVE_INFINITY)
        for (const [i, phase] of phases.entries()) {
          expect(phase.from).toBeLessThan(phase.to)
          const next = phases[i + 1]
          if (next === undefined) continue
          expect(next.from).toBe(phase.to)
          expect(next.every).not.toBe(phase.every)
        }
        expect(start === null).toBe(overAt === null)
        if (start !== null && overAt !== null) expect(overAt).toBeGreaterThanOrEqual(start)
      }),
      RUNS,
    )
  })

  it('asks before a start exactly what the row of its elapsed time says, in every zone and DST night', () => {
    fc.assert(
      fc.property(anyZone, anyDay, anyTime, anyCadence, anyShift, (zone, day, time, cadence, by) => {
        const startsAt = instantOf(day, time, zone)
        const schedule = scheduleOf(onlyStart(startsAt, zone), cadence)
        for (const edge of [...cadence.rows.map(({ within }) => -within), 0, cadence.stop]) {
          const at = startsAt + edge + by
          expect(intervalAt(schedule, at)).toBe(rowOf(cadence, startsAt - at))
        }
      }),
      RUNS,
    )
  })

  it('polls a date without a time every minute from 02:00 to noon, and to the end of that day, by the wall clock', () => {
    fc.assert(
      fc.property(anyZone, anyDay, fc.nat({ max: 1439 }), (zone, day, minutes) => {
        // In Apia this day had no hours.
        fc.pre(!(zone === 'Pacific/Apia' && day === '2011-12-30'))
        const schedule = scheduleOf({ ...onlyStart(null, zone), startDay: day }, DEFAULT_CADENCE)
        const at = instantOf(day, minutes, zone)
        const wall = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
        if (wall.hour >= 2 && wall.hour < 12) expect(intervalAt(schedule, at)).toBe(MINUTE)
        else if (wall.hour >= 12) expect(intervalAt(schedule, at)).toBe(15 * MINUTE)
        else expect([MINUTE, 15 * MINUTE]).toContain(intervalAt(schedule, at))
        expect(intervalAt(schedule, instantOf(dayAfter(day, 1), 0, zone))).toBeNull()
      }),
      RUNS,
    )
  })

  it('asks of an unknown zone at least what it asks anywhere between New York and Honolulu', () => {
    const between = [
      'America/New_York',
      'America/Chicago',
      'America/Denver',
      'America/Phoenix',
      'Pacific/Honolulu',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...between),
        anyDay,
        fc.option(anyTime),
        anyPick,
        anyShift,
        (zone, day, time, pick, by) => {
          const inZone = (read: string | null) =>
            time === null
              ? { ...onlyStart(null, read), startDay: day }
              : onlyStart(instantOf(day, time, read ?? 'America/New_York'), read, read === null)
          const unknown = scheduleOf(inZone(null), DEFAULT_CADENCE)
          const known = scheduleOf(inZone(zone), DEFAULT_CADENCE)
          const at = instantNear(known, pick, by)
          const asked = intervalAt(known, at)
          if (asked !== null) expect(intervalAt(unknown, at)).toBeLessThanOrEqual(asked)
        },
      ),
      RUNS,
    )
  })

  it('counts each of several days as that day alone would count', () => {
    fc.assert(
      fc.property(
        anyZone,
        anyDay,
        fc.integer({ min: 1, max: 9 }),
        anyPick,
        anyShift,
        (zone, day, span, pick, by) => {
          const onDay = (i: number) =>
            scheduleOf({ ...onlyStart(null, zone), startDay: dayAfter(day, i) }, DEFAULT_CADENCE)
          const several = { ...onlyStart(null, zone), startDay: day, endDay: dayAfter(day, span) }
          const schedule = scheduleOf(several, DEFAULT_CADENCE)
          const at = instantNear(schedule, pick, by)
          expect(intervalAt(schedule, at)).toBe(
            least(Array.from({ length: span + 1 }, (_, i) => intervalAt(onDay(i), at))),
          )
        },
      ),
      RUNS,
    )
  })
})

/** The table, read as design has it: the row of the time that is left. */
function rowOf({ far, rows, stop }: Cadence, left: number): number | null {
  if (-left >= stop) return null
  const reached = rows.filter(({ within }) => left <= within)
  return reached.length === 0 ? far : Math.min(...reached.map(({ every }) => every))
}

function onlyStart(startsAt: number | null, timezone: string | null, assumed = false): EventTimes {
  return { startsAt, startDay: null, endsAt: null, endDay: null, timezone, assumed }
}
