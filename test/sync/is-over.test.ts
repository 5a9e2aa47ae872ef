import { expect, it } from 'vitest'
import { isOver } from '../../src/sync/event-schedule.ts'

const at = (iso: string) => Date.parse(iso)
const undated = {
  ...{ startsAt: null, endsAt: null, startDay: null, endDay: null },
  ...{ timezone: 'America/New_York', assumed: false },
}

it('is over an hour after its start, or at the end of its last day where it has several (P5; defect 23)', () => {
  const event = { ...undated, startsAt: at('2026-05-02T11:00:00Z') }
  expect(isOver(event, at('2026-05-02T11:59:59Z'))).toBe(false)
  expect(isOver(event, at('2026-05-02T12:00:00Z'))).toBe(true)
  expect(isOver({ ...event, endsAt: at('2026-05-03T15:00:00Z') }, at('2026-05-03T12:00:00Z'))).toBe(false)
})

it('is not over at 06:30 in Los Angeles for an 08:30 start whose zone nobody knows (T3; defect 21)', () => {
  const readInNewYork = at('2026-05-02T08:30:00-04:00')
  expect(
    isOver(
      { ...undated, startsAt: readInNewYork, timezone: null, assumed: true },
      at('2026-05-02T09:29:00-07:00'),
    ),
  ).toBe(false)
})

it('lasts until midnight, in Honolulu where nobody knows its zone, when it has a date without a time (T2; defect 22)', () => {
  const event = { ...undated, startDay: '2026-05-02' }
  expect(isOver(event, at('2026-05-02T23:59:00-04:00'))).toBe(false)
  expect(isOver({ ...event, timezone: null }, at('2026-05-02T23:59:00-10:00'))).toBe(false)
  expect(isOver({ ...event, timezone: null }, at('2026-05-03T00:00:00-10:00'))).toBe(true)
})

it('is never over without a date', () => {
  expect(isOver(undated, at('2030-01-01T00:00:00Z'))).toBe(false)
})

it('is over when its own cadence, or its partner’s, stops', () => {
  const event = { ...undated, startsAt: at('2026-05-02T11:00:00Z'), cadence: '4h, 4h: 1m, stop: 6h' }
  expect(isOver(event, at('2026-05-02T16:59:59Z'))).toBe(false)
  expect(isOver(event, at('2026-05-02T17:00:00Z'))).toBe(true)
})
