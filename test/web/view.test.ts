import { describe, expect, it } from 'vitest'
import { byNearness, type RaceView, type Standing, verdict } from '../../web/src/view/board.ts'
import { shownFields } from '../../web/src/view/changes.ts'
import { bibsLine, listLine, raceVerdict, standingOf } from '../../web/src/view/freshness.ts'
import { hoursBefore } from '../../web/src/view/quota.ts'
import { raceHref, routeOf } from '../../web/src/view/route.ts'
import { stripText } from '../../web/src/view/strip.ts'
import { clock, countdown, duration, every, moment, startText } from '../../web/src/view/times.ts'
import { isAbout, isOfAccount } from '../../web/src/view/topics.ts'
import { count, label, value } from '../../web/src/view/words.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const NEW_YORK = 'America/New_York'
/** A race morning, an hour and a quarter before the gun. */
const NOW = Date.parse('2026-11-28T10:42:30Z')
const GUN = Date.parse('2026-11-28T12:00:00Z')

const standing: Standing = {
  races: 3,
  accounts: 1,
  late: 0,
  unread: 0,
  needs: 0,
  lastAt: NOW - 42 * SECOND,
  nextAt: NOW + 18 * SECOND,
  isKept: true,
}

const race: RaceView = {
  id: 'haku:3:5f3a',
  name: 'Harbor Half',
  events: [{ key: 'haku:3:5f3a', name: 'Harbor Half', partnerId: 3, partner: 'Lantern Timing' }],
  start: { startsAt: GUN, startDay: null, timezone: NEW_YORK },
  freshness: {
    polledAt: NOW - 42 * SECOND,
    every: MINUTE,
    nextAt: NOW + 18 * SECOND,
    isLate: false,
    isStretched: false,
    bibsAsOf: NOW - 3 * MINUTE,
    bibLimit: 10 * MINUTE,
    areBibsLate: false,
    pending: 0,
  },
  slots: [],
  active: 812,
  participants: 830,
  changed: 3,
  completeAt: NOW - HOUR,
  isMissing: false,
}

describe('the verdict', () => {
  it('is one line when all is well', () => {
    expect(verdict(standing, NOW, NEW_YORK)).toBe(
      'Up to date, 42 s ago. Next check 05:42:48 EST. Nothing needs you.',
    )
  })

  it.each<[Partial<Standing>, string]>([
    [{ late: 1 }, '1 of 3 races is late. Next check 05:42:48 EST. Nothing needs you.'],
    [{ late: 3, needs: 2, nextAt: NOW }, 'All 3 races are late. Next check now. 2 things need you.'],
    [{ needs: 1 }, 'Up to date, 42 s ago. Next check 05:42:48 EST. 1 thing needs you.'],
    [
      { isKept: false },
      'Up to date, 42 s ago. Nothing is checked by itself: startlist run is not running. Nothing needs you.',
    ],
    [
      { unread: 1, nextAt: null },
      '1 of 3 races is not read to the end yet; the others are up to date, 42 s ago. Nothing needs you.',
    ],
    [{ races: 0 }, 'No race ahead. Nothing needs you.'],
    [{ races: 0, accounts: 0 }, 'There is no credential yet.'],
  ])('says %j', (change, text) => {
    expect(verdict({ ...standing, ...change }, NOW, NEW_YORK)).toBe(text)
  })

  it('of one race names its zone and what it waits for', () => {
    const detail = {
      ...race,
      partner: 'Lantern Timing',
      accountId: 1,
      zone: NEW_YORK,
      why: 'every minute',
      removed: 4,
      withoutBib: 0,
      holds: 0,
      categories: [],
      waves: [],
      bibAuthority: 'provider' as const,
      troubles: [],
    }
    expect(raceVerdict(detail, NOW)).toEqual({
      tone: 'good',
      text: 'Up to date, 42 s ago. Next check 05:42:48 EST. Nothing needs you.',
    })
    const hold = { subject: 'Harbor Half', message: 'm', hint: 'h', needsPerson: true, href: null }
    const late = { ...race.freshness, isLate: true, polledAt: NOW - 4 * MINUTE, nextAt: NOW - SECOND }
    expect(raceVerdict({ ...detail, freshness: late, troubles: [hold] }, NOW)).toEqual({
      tone: 'bad',
      text: 'This list is late: 4 min old. Next check now. 1 thing needs you.',
    })
  })
})

describe('a race in a word', () => {
  it('is told by what is worst', () => {
    const { freshness } = race
    expect(standingOf(race)).toEqual({ tone: 'good', text: 'Up to date, whole' })
    const late = { ...freshness, isLate: true, areBibsLate: true }
    expect(standingOf({ ...race, completeAt: null, freshness: late }).text).toBe('List late')
    expect(standingOf({ ...race, completeAt: null }).text).toBe('Not read whole yet')
    expect(standingOf({ ...race, freshness: { ...freshness, areBibsLate: true } }).text).toBe('Bibs late')
    expect(standingOf({ ...race, isMissing: true, freshness: late }).text).toBe('Gone at the provider')
  })

  it('tells list and bibs apart, each against its limit', () => {
    expect(listLine(race.freshness, NOW)).toBe('42 s ago, every 60 s')
    expect(bibsLine(race.freshness, NOW)).toBe('oldest 3 min ago, limit 10 min')
    expect(bibsLine({ ...race.freshness, pending: 1 }, NOW)).toBe('1 detail still to be read')
    expect(bibsLine({ ...race.freshness, bibsAsOf: null }, NOW)).toBe('as fresh as the list')
    expect(listLine({ ...race.freshness, polledAt: null }, NOW)).toBe('not read yet, next in 18 s')
  })

  it('stands in today’s group up to tomorrow’s gun, without a date in the later one', () => {
    const of = (startsAt: number | null) => ({ ...race, start: { ...race.start, startsAt } })
    const groups = byNearness([of(GUN), of(NOW + 40 * HOUR), of(null)], NOW)
    expect(groups.map(({ title, races }) => [title, races.length])).toEqual([
      ['Today and tomorrow', 1],
      ['Later', 2],
    ])
    expect(byNearness([], NOW)).toEqual([{ title: 'Races', races: [] }])
  })
})

describe('times', () => {
  it('are told in the race’s zone, which is named, also across a change of the clocks', () => {
    expect(clock(NOW, NEW_YORK, 'seconds')).toBe('05:42:30 EST')
    expect(clock(Date.parse('2026-06-06T11:00:00Z'), NEW_YORK)).toBe('07:00 EDT')
    expect(clock(NOW, 'America/Denver')).toBe('03:42 MST')
    expect(moment(NOW - 24 * HOUR, NEW_YORK, NOW)).toBe('Nov 27, 05:42 EST')
    // Midnight in New York is not midnight in Greenwich.
    expect(moment(Date.parse('2026-11-28T04:59:00Z'), NEW_YORK, NOW)).toBe('Nov 27, 23:59 EST')
  })

  it('name a start with its day', () => {
    expect(startText(race.start, NOW)).toBe('Sat, Nov 28, 07:00 EST')
    expect(startText({ startsAt: null, startDay: '2026-12-05', timezone: null }, NOW)).toBe('Sat, Dec 5')
    expect(startText({ startsAt: null, startDay: null, timezone: null }, NOW)).toBe('no date')
  })

  it('count down to it', () => {
    expect(countdown(race.start, NOW)).toBe('in 1 h 17 min')
    expect(countdown(race.start, GUN + 12 * MINUTE)).toBe('started 12 min ago')
    const day = (startDay: string) => countdown({ startsAt: null, startDay, timezone: NEW_YORK }, NOW)
    expect([day('2026-11-28'), day('2026-12-01'), day('2026-11-27')]).toEqual(['today', 'in 3 d', '1 d ago'])
    // Late in the evening the day in Greenwich is another one already.
    const evening = Date.parse('2026-11-29T03:00:00Z')
    expect(countdown({ startsAt: null, startDay: '2026-11-28', timezone: NEW_YORK }, evening)).toBe('today')
  })

  it('have lengths in two units at most', () => {
    expect([900, 42 * SECOND, 61 * MINUTE, 50 * HOUR, 70 * 24 * HOUR].map(duration)).toEqual([
      '0 s',
      '42 s',
      '1 h 1 min',
      '2 d 2 h',
      '70 d',
    ])
    expect([MINUTE, 84 * SECOND, 15 * MINUTE, 4 * HOUR].map(every)).toEqual([
      'every 60 s',
      'every 84 s',
      'every 15 min',
      'every 4 h',
    ])
  })
})

describe('addresses', () => {
  it('lead to a page and back, whatever is in an event’s id', () => {
    const event = 'haku:3:a/b?c#d é'
    const href = raceHref(event, 'changes', { since: 'bibs printed & more' })
    expect(routeOf(href)).toEqual({
      page: 'race',
      event,
      part: 'changes',
      query: new Map([['since', 'bibs printed & more']]),
    })
    expect(routeOf(raceHref(event))).toMatchObject({ page: 'race', event, part: 'overview' })
  })

  it.each([
    ['', { page: 'board' }],
    ['#/', { page: 'board' }],
    ['#/quota', { page: 'quota' }],
    ['#/runs/12', { page: 'runs', id: '12' }],
    ['#/sign-in?token=slt_a', { page: 'sign-in', token: 'slt_a' }],
    ['#/sign-in', { page: 'sign-in', token: null }],
    ['#/races', { page: 'nowhere' }],
    ['#/races/a/nothing', { page: 'nowhere' }],
    ['#/quota/more', { page: 'nowhere' }],
    ['#/races/%E0%A4%A', { page: 'race', event: '%E0%A4%A', part: 'overview', query: new Map() }],
  ])('%s', (hash, route) => {
    expect(routeOf(hash)).toEqual(route)
  })
})

describe('words', () => {
  it('count', () => {
    expect([count(1, 'race'), count(0, 'race'), count(1_204, 'person', 'people')]).toEqual([
      '1 race',
      '0 races',
      '1,204 people',
    ])
  })

  it('name columns and values, and say of nothing that it is nothing', () => {
    expect([label('bib_number'), label('birthDate')]).toEqual(['Bib number', 'Birth date'])
    expect([null, '', 0, false, ['a', 'b']].map(value)).toEqual(['(none)', '(none)', '0', 'no', 'a, b'])
  })

  it('of a strip say what its colours say', () => {
    expect(stripText(['none', 'none'])).toBe('not looked after yet')
    expect(stripText(['none', 'kept', 'kept'])).toBe('always on time')
    expect(stripText(['late', 'kept', 'kept', 'kept'])).toBe('late for 1 h 30 min in all')
    expect(stripText(['late'])).toBe('late all the time')
  })

  it('of a change begin with what a timer has to act on', () => {
    const fields = ['city', 'wave', 'bib_number'].map((field) => ({ field, from: 1, to: 2 }))
    const change = { position: 1, participantId: 'p', person: 'A', bib: null, at: NOW, fields }
    const names = (kind: 'changed' | 'added') =>
      shownFields({ ...change, kind }).told.map(({ field }) => field)
    expect(names('changed')).toEqual(['bib_number', 'wave', 'city'])
    expect(names('added')).toEqual([])
    // A bib that is kept while the provider's counts is all that there is to tell.
    const kept = { field: 'local_bib', from: null, to: '24' }
    expect(shownFields({ ...change, kind: 'changed', fields: [kept] }).told).toEqual([kept])
    const person = { field: 'emergency_contact', from: null, to: { name: 'B' } }
    const moved = { field: 'categories', from: [{ name: '5K' }], to: [{ name: '10K' }] }
    const { told, more } = shownFields({ ...change, kind: 'changed', fields: [person, moved] })
    expect([told, more]).toEqual([[moved], 1])
    expect(value(moved.to)).toBe('10K')
  })
})

describe('news', () => {
  it('are of an event when its list grew, at RunSignUp also when its race’s did', () => {
    expect(isAbout('list haku:3:5f3a', 'haku:3:5f3a')).toBe(true)
    expect(isAbout('*', 'haku:3:5f3a')).toBe(true)
    expect(isAbout('list haku:3:other', 'haku:3:5f3a')).toBe(false)
    expect(isAbout('list haku:4:5f3a', 'haku:3:5f3a')).toBe(false)
    expect(isAbout('list runsignup:3:77', 'runsignup:3:12')).toBe(true)
    expect(isAbout('list runsignup:4:77', 'runsignup:3:12')).toBe(false)
    expect([isOfAccount('account 4', 4), isOfAccount('account 44', 4)]).toEqual([true, false])
  })
})

describe('the hours of a quota', () => {
  it('are all there, quiet ones as well, each call once', () => {
    const end = GUN
    const spent = [
      { from: end - HOUR, calls: 40 },
      { from: end - 3 * HOUR, calls: 7 },
    ]
    const hours = hoursBefore(end, 4, spent)
    expect(hours.map(({ used }) => used)).toEqual([0, 7, 0, 40])
    expect([hours[0]?.from, hours.at(-1)?.to]).toEqual([end - 4 * HOUR, end])
    // An hour that begins a little before ours is the same hour.
    expect(hoursBefore(end, 1, [{ from: end - HOUR - 10 * MINUTE, calls: 3 }])[0]?.used).toBe(3)
    // And one that has just begun is not forgotten.
    expect(hoursBefore(end, 1, [{ from: end - 5 * MINUTE, calls: 9 }])[0]?.used).toBe(9)
  })
})
