import { expect, it } from 'vitest'
import { roundsEvery } from '../../src/domain/blindness.ts'

it.each([
  ['nothing was read', 0, 0, 20],
  ['lists hide nothing', 2_000, 0, 20],
  ['one read in a hundred finds a change', 1_000, 10, 20],
  ['two in a hundred do', 1_000, 20, 10],
  ['one in ten does', 1_000, 100, 2],
  ['every one does', 1_000, 1_000, 2],
  ['the first ten all did', 10, 10, 2],
  ['one of the first ten did', 10, 1, 8],
])('rounds get a call in so many where %s (F4)', (_, read, blind, every) => {
  expect(roundsEvery({ read, blind })).toBe(every)
})
