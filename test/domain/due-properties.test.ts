import { describe, expect, it } from 'vitest'
import { dueAt, intervalAt, type Schedule, shortest } from '../../src/domain/schedule.ts'
import fc from '../helpers/fast-check.ts'
import { anyPick, anySchedule, anyShift, instantNear, least, RUNS } from './arbitraries.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE

describe('dueAt', () => {
  const instants = fc.tuple(anySchedule, anyPick, anyShift)

  it('is the first instant at which the age reaches the interval in force there', () => {
    fc.assert(
      fc.property(instants, anyPick, ([schedule, pick, by], inside) => {
        const last = instantNear(schedule, pick, by)
        const due = dueAt(schedule, last)
        const isDue = (at: number) => at - last >= (intervalAt(schedule, at) ?? Number.POSITIVE_INFINITY)
        if (due !== null) {
          expect(due).toBeGreaterThanOrEqual(last)
          expect(isDue(due)).toBe(true)
          expect(isDue(due - 1)).toBe(false)
          expect(isDue(last + ((due - last - 1) * inside) / 1000)).toBe(false)
        } else if (schedule.overAt !== null) expect(isDue(schedule.overAt - 1)).toBe(false)
      }),
      RUNS,
    )
  })

  it('is never later than stepping minute by minute finds, nor earlier by a minute', () => {
    fc.assert(
      fc.property(instants, ([schedule, pick, by]) => {
        const last = instantNear(schedule, pick, by)
        const stepped = steppedDue(schedule, last)
        const due = dueAt(schedule, last)
        if (stepped === null) expect(due === null || due > (schedule.overAt ?? 0) - MINUTE).toBe(true)
        else {
          expect(due).not.toBeNull()
          expect(due ?? 0).toBeLessThanOrEqual(stepped)
          // A step may fall between a due instant and a slower phase; what comes earlier then is no step's fault.
          const slower = schedule.phases.some(
            ({ from }) => due !== null && from > due && from <= due + MINUTE,
          )
          if (!slower) expect(due ?? 0).toBeGreaterThan(stepped - MINUTE)
        }
      }),
      { ...RUNS, numRuns: 150 },
    )
  })

  it('is no earlier for a later poll', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: DAY }), ([schedule, pick, by], later) => {
        const last = instantNear(schedule, pick, by)
        const [first, second] = [dueAt(schedule, last), dueAt(schedule, last + later)]
        if (first === null) expect(second).toBeNull()
        else if (second !== null) expect(second).toBeGreaterThanOrEqual(first)
      }),
      RUNS,
    )
  })
})

describe('shortest', () => {
  it('is at every instant the least interval that any asks, and over when all are', () => {
    fc.assert(
      fc.property(
        fc.array(anySchedule, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(anyPick, anyPick, anyShift), { minLength: 1, maxLength: 20 }),
        (schedules, samples) => {
          const all = shortest(schedules)
          for (const [which, pick, by] of samples) {
            const near = schedules[which % schedules.length]
            if (near === undefined) continue
            const at = instantNear(near, pick, by)
            expect(intervalAt(all, at)).toBe(least(schedules.map((schedule) => intervalAt(schedule, at))))
          }
          const ends = schedules.map(({ overAt }) => overAt ?? Number.POSITIVE_INFINITY)
          expect(all.overAt ?? Number.POSITIVE_INFINITY).toBe(Math.max(...ends))
          expect(shortest([all, ...schedules])).toEqual(all)
        },
      ),
      RUNS,
    )
  })

  it('is due no later than any of them alone', () => {
    fc.assert(
      fc.property(anySchedule, anySchedule, anyPick, anyShift, (one, other, pick, by) => {
        const last = instantNear(one, pick, by)
        const due = dueAt(shortest([one, other]), last) ?? Number.POSITIVE_INFINITY
        for (const alone of [one, other])
          expect(due).toBeLessThanOrEqual(dueAt(alone, last) ?? Number.POSITIVE_INFINITY)
      }),
      RUNS,
    )
  })
})

/** The slow way: look once a minute whether the age has reached the interval. */
function steppedDue(schedule: Schedule, last: number): number | null {
  for (let at = last; at <= last + DAY; at += MINUTE) {
    const every = intervalAt(schedule, at)
    if (every === null) return null
    if (at - last >= every) return at
  }
  throw new Error('no interval is longer than a day')
}
