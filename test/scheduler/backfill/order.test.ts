import { describe, expect, it } from 'vitest'
import { callsFree, callsOf, finishAt, remainderOf } from '../../../src/scheduler/backfill/estimate.ts'
import { type BacklogList, type Choice, isDeferred, nextTask } from '../../../src/scheduler/backfill/order.ts'

const NOW = Date.parse('2026-05-01T16:00:00Z')
const DAY = 86_400_000
const HOUR = 3_600_000

const list = (eventId: string, rest: Partial<BacklogList> = {}): BacklogList => ({
  eventId,
  start: NOW + 30 * DAY,
  over: false,
  missing: false,
  done: false,
  headOwed: false,
  behind: false,
  pages: 0,
  rows: 0,
  total: null,
  pageSize: null,
  listed: null,
  ready: 0,
  owed: 0,
  ...rest,
})
const choice = (rest: Partial<Choice> = {}): Choice => ({
  now: NOW,
  largeEvent: 1_000,
  processLarge: false,
  except: new Set(),
  ...rest,
})
const order = (lists: BacklogList[], c = choice()): string[] => {
  const except = new Set(c.except)
  const ids: string[] = []
  for (let task = nextTask(lists, { ...c, except }); task; task = nextTask(lists, { ...c, except })) {
    ids.push(`${task.do} ${task.list.eventId}`)
    except.add(task.list.eventId)
  }
  return ids
}

describe('what a backfill reads next', () => {
  it('race week, upcoming, past, undated; the nearest first', () => {
    const lists = [
      list('undated', { start: null }),
      list('last year', { start: NOW - 400 * DAY, over: true }),
      list('last month', { start: NOW - 30 * DAY, over: true }),
      list('next month'),
      list('friday', { start: NOW + 6 * DAY }),
      list('tomorrow', { start: NOW + 2 * DAY }),
    ]
    const ids = ['tomorrow', 'friday', 'next month', 'last month', 'last year', 'undated']
    expect(order(lists)).toEqual(ids.map((id) => `list ${id}`))
  })

  it('a few pages of every list and then the next few, so that what is small is done first', () => {
    const lists = [
      list('read on', { pages: 4, start: NOW + DAY * 2 }),
      list('fresh'),
      list('amid', { pages: 3 }),
    ]
    expect(order(lists)).toEqual(['list amid', 'list fresh', 'list read on'])
  })

  it('the first pass of a race within a day is spent as a poll (P1)', () => {
    expect(nextTask([list('a', { start: NOW + DAY / 2 })], choice())?.class).toBe('poll')
    expect(nextTask([list('a', { start: NOW + DAY * 2 })], choice())?.class).toBe('backfill')
  })

  it('leaves large lists out by what they have shown: rows, a total, or a sweep of before; one begun goes on first', () => {
    const large = [
      list('rows', { rows: 1_001, pages: 11 }),
      list('total', { total: 5_000 }),
      list('was', { listed: 1_001 }),
    ]
    const lists = [...large, list('exactly', { total: 1_000 })]
    expect(order(lists)).toEqual(['list exactly'])
    expect(large.every((one) => isDeferred(one, choice()))).toBe(true)
    const all = order(lists, choice({ processLarge: true }))
    expect(all.slice(0, 2)).toEqual(['list exactly', 'list rows'])
    expect(all).toHaveLength(4)
  })

  it('details after all lists, by urgency, and of finished lists alone; a copy for a partner before them', () => {
    const lists = [
      list('past', { done: true, over: true, start: NOW - 9 * DAY, ready: 2, owed: 2 }),
      list('week', { done: true, start: NOW + 3 * DAY, ready: 9, owed: 9 }),
      list('backoff', { done: true, ready: 0, owed: 4 }),
      list('unread', { ready: 5, owed: 5 }),
      list('copied', { done: true, behind: true }),
      list('gone', { missing: true }),
    ]
    expect(order(lists)).toEqual(['list unread', 'level copied', 'details week', 'details past'])
  })
})

describe('what a backfill takes', () => {
  const thin = { readsDetails: true, pageSize: 100 }

  it('says unknown where no size was shown', () => {
    expect(callsOf(list('a'), thin)).toEqual({ pages: null, details: null })
    expect(callsOf(list('a', { total: 250 }), thin)).toEqual({ pages: 4, details: 250 })
    expect(callsOf(list('a', { total: 250, pages: 1, rows: 100, owed: 100 }), thin)).toEqual({
      pages: 3,
      details: 250,
    })
    expect(callsOf(list('a', { done: true, ready: 7, owed: 9 }), thin)).toEqual({ pages: 0, details: 7 })
    const sum = remainderOf([list('a'), list('b', { total: 250 }), list('c', { missing: true })], thin)
    expect(sum).toEqual({ calls: 255, unknown: 1, lists: 2 })
  })

  it('is done when the quota lets the last call go', () => {
    const limits = { perHour: 500, minSpacingMs: 1_500 }
    const fresh = {
      now: NOW,
      count: 0,
      upkeep: 0,
      leaves: [],
      lastAcquired: null,
      pause: null,
      observedLimit: null,
    }
    // A reserve of 30 and upkeep's 25 are left to others.
    expect(callsFree(fresh, limits)).toBe(445)
    expect(finishAt(445, fresh, limits)).toBe(NOW + 444 * 1_500)
    expect(finishAt(446, fresh, limits)).toBe(NOW + HOUR)
    expect(finishAt(4_450, fresh, limits)).toBe(NOW + 9 * HOUR + 444 * 1_500)
    const full = { ...fresh, count: 445, leaves: Array.from({ length: 445 }, (_, i) => NOW + 60_000 + i) }
    expect(finishAt(1, full, limits)).toBe(NOW + 60_000)
    expect(finishAt(1, fresh, { perHour: 0, minSpacingMs: 0 })).toBeNull()
  })
})
