import { expect, it } from 'vitest'
import { isLate } from '../../src/quota/lateness.ts'

const DUE = Date.parse('2026-05-01T16:00:00Z')
const poll = { due: DUE, every: 60_000, together: 1 }

it('a poll is late beyond a tenth of its interval and one spacing', () => {
  expect(isLate({ ...poll, startedAt: DUE + 7_500 }, 1_500)).toBe(false)
  expect(isLate({ ...poll, startedAt: DUE + 7_501 }, 1_500)).toBe(true)
  const hourly = { ...poll, every: 3_600_000 }
  expect(isLate({ ...hourly, startedAt: DUE + 360_000 }, 0)).toBe(false)
  expect(isLate({ ...hourly, startedAt: DUE + 360_001 }, 0)).toBe(true)
})

it('of a short interval 5 s are allowed', () => {
  expect(isLate({ ...poll, every: 10_000, startedAt: DUE + 5_000 }, 0)).toBe(false)
  expect(isLate({ ...poll, every: 10_000, startedAt: DUE + 5_001 }, 0)).toBe(true)
})

it('polls that are due together have a spacing each', () => {
  const last = { ...poll, together: 10, startedAt: DUE + 21_000 }
  expect(isLate(last, 1_500)).toBe(false)
  expect(isLate({ ...last, together: 9 }, 1_500)).toBe(true)
})
