import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import { isThin, judge, learn, probeDue, readTraits, traitsJson } from '../../../src/providers/haku/traits.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const thin = (n: number, cancelled = false): JsonObject => ({
  registration_number: `r${n}`,
  is_cancelled: cancelled,
  age: 30,
})
const whole = (n: number, dob: string | null = '1990-01-01', bib: string | null = null): JsonObject => ({
  registration_number: `r${n}`,
  participant: { dob },
  event_categories: [{ tag_number: bib }],
})
const rows = <T>(count: number, of: (n: number) => T, from = 0): T[] =>
  Array.from({ length: count }, (_, i) => of(from + i))

describe('comparing both lists (F1)', () => {
  const people = rows(20, (n) => thin(n, n < 3))
  it.each<[string, JsonObject[], JsonObject[], string]>([
    ['the same registrations with birth dates', people, rows(20, (n) => whole(n)), 'whole'],
    ['one bib among them', people, rows(20, (n) => whole(n, null, n === 7 ? '12' : null)), 'whole'],
    ['nobody with a bib or birth date', people, rows(20, (n) => whole(n, null)), 'blank'],
    ['empty texts for them', people, rows(20, (n) => whole(n, '', '')), 'blank'],
    ['rows as thin as the others', people, rows(20, (n) => thin(n)), 'thin'],
    ['two rows moved on', rows(20, (n) => thin(n)), rows(20, (n) => whole(n), 2), 'whole'],
    ['three rows moved on', rows(20, (n) => thin(n)), rows(20, (n) => whole(n), 3), 'different'],
    ['one row of three moved on', rows(3, (n) => thin(n)), rows(3, (n) => whole(n), 1), 'whole'],
    ['the cancelled left out', people, rows(20, (n) => whole(n), 3), 'partial'],
    [
      'the only cancelled one moved on',
      rows(20, (n) => thin(n, n === 0)),
      rows(20, (n) => whole(n), 1),
      'different',
    ],
    ['one of three cancelled moved on', people, rows(20, (n) => whole(n), 1), 'different'],
    ['other registrations', people, rows(20, (n) => whole(n), 100), 'different'],
    ['a shorter page', people, rows(10, (n) => whole(n)), 'different'],
    ['nothing', people, [], 'different'],
  ])('%s', (_, participants, registrations, verdict) => {
    expect(judge(participants, registrations)).toBe(verdict)
  })

  it('a few broken rows do not make a list thin', () => {
    expect(isThin([...rows(5, (n) => whole(n)), ...rows(4, (n) => thin(n)), null, 'x'])).toBe(false)
    expect(isThin([])).toBe(false)
  })
})

describe('what is learnt', () => {
  const seen = { at: 10 * DAY, eventId: 'e1', rows: 20, cancelled: 3 }
  const none = readTraits({})

  it('is kept as plain JSON with evidence and date, and read back', () => {
    const traits = learn(none, 'whole', seen)
    expect(traits).toMatchObject({
      list: 'registrations',
      learntAt: 10 * DAY,
      evidence: { verdict: 'whole', ...seen },
    })
    expect(readTraits(JSON.parse(JSON.stringify(traitsJson(traits))))).toEqual(traits)
    expect(readTraits({ headerForm: 'odd', list: 7, askPageSize: -1, evidence: [], learntAt: 'x' })).toEqual(
      none,
    )
  })

  it('needs a 404 twice', () => {
    const once = learn(none, 'missing', seen)
    expect([once.list, probeDue(once, seen.at)]).toEqual([null, true])
    expect(learn(once, 'missing', seen)).toMatchObject({
      list: 'participants',
      evidence: { verdict: 'missing' },
    })
    expect(learn(once, 'thin', seen).missing).toBe(0)
  })

  it('is nothing from blanks, which are tried again with the next event', () => {
    expect(learn(none, 'blank', seen)).toEqual(none)
  })

  it('is nothing from different pages, which are tried again in an hour', () => {
    const traits = learn(none, 'different', seen)
    expect([probeDue(traits, seen.at + HOUR - 1), probeDue(traits, seen.at + HOUR)]).toEqual([false, true])
  })

  it('is tried again weekly; daily while a whole list has shown no cancelled person', () => {
    const due = (traits: ReturnType<typeof learn>, after: number) => probeDue(traits, seen.at + after)
    for (const traits of [
      learn(none, 'whole', seen),
      learn(none, 'thin', seen),
      learn(none, 'partial', seen),
    ]) {
      expect([due(traits, 7 * DAY - 1), due(traits, 7 * DAY)]).toEqual([false, true])
    }
    const unproven = learn(none, 'whole', { ...seen, cancelled: 0 })
    expect([due(unproven, DAY - 1), due(unproven, DAY)]).toEqual([false, true])
  })
})
