import { expect, it } from 'vitest'
import { clockText } from '../../src/domain/time-texts.ts'
import { type Standing, verdictOf } from '../../src/status/verdict.ts'

const NOW = Date.parse('2026-05-01T16:00:00Z')
const WELL: Standing = {
  ...{ races: 3, accounts: 1, late: 0, unread: 0, needs: 0 },
  ...{ lastAt: NOW - 42_000, nextAt: NOW + 18_000, isKept: true },
}
const verdict = (change: Partial<Standing>) => verdictOf({ ...WELL, ...change }, NOW)

it('says when was looked, when is looked next, and that nobody is needed', () => {
  expect(verdict({})).toBe(`Up to date, 42 s ago. Next check ${clockText(NOW + 18_000)}. Nothing needs you.`)
})

it('tells a newcomer what to do first', () => {
  expect(verdict({ races: 0, accounts: 0 })).toContain('startlist setup')
})

it('counts late races first', () => {
  expect(verdict({ late: 1, needs: 1 })).toMatch(/^1 of 3 races is late\. Next check .* 1 thing needs you\.$/)
  expect(verdict({ late: 3 })).toMatch(/^All 3 races are late\./)
})

it('says that nobody keeps it so when no run works', () => {
  expect(verdict({ isKept: false })).toContain('Nothing is checked by itself: startlist run is not running.')
})

it('is no claim about races that were never read to their end', () => {
  expect(verdict({ unread: 3, lastAt: null })).toMatch(/^Nothing has been read yet\./)
  expect(verdict({ unread: 3 })).toMatch(/^No race has been read to its end yet\./)
  expect(verdict({ unread: 1 })).toMatch(
    /^1 of 3 races is not read to the end yet; the others are up to date/,
  )
})
