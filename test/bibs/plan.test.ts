import { describe, expect, it } from 'vitest'
import type { WantedBib } from '../../src/bibs/file.ts'
import { type BibPlanInput, planBibs } from '../../src/bibs/plan.ts'
import type { BibPerson } from '../../src/store/bibs/people.ts'

const person = (key: string, bib: string | null, more: Partial<BibPerson> = {}): BibPerson => ({
  ...{
    key,
    eventId: 'e',
    firstName: 'Ana',
    lastName: key,
    dateOfBirth: '1990-01-01',
    bib,
    providerBib: null,
  },
  ...{ localBib: bib, status: 'active', live: true, ...more },
})
const want = (registration: string | null, bib: string | null, more: Partial<WantedBib> = {}): WantedBib => ({
  ...{ line: 2, registration, person: null, bib, ...more },
})
const plan = (wanted: WantedBib[], people: BibPerson[], more: Partial<BibPlanInput> = {}) =>
  planBibs({
    ...{ wanted, people, holders: [], authority: 'provider', takesBack: false, allowDuplicates: false },
    ...more,
  })
const outcomes = (...args: Parameters<typeof plan>) => plan(...args).lines.map(({ outcome }) => outcome)

describe('bibs that are asked for', () => {
  it('are given, or there already, or for nobody', () => {
    const people = [
      person('a', null),
      person('b', '2'),
      person('c', '3', { live: false, status: 'cancelled' }),
    ]
    const made = plan(
      [want('a', '1'), want('b', '2'), want('c', '4'), want('x', '5'), want('b', null)],
      people,
    )
    expect(made.lines.map(({ outcome }) => outcome)).toEqual(['give', 'same', 'gone', 'unknown', 'same'])
    expect(made.writes).toEqual(new Map([['a', '1']]))
    expect(made.blocked).toBe(true)
    // Who cancelled meanwhile keeps nobody from their bib.
    expect(plan([want('a', '1'), want('c', '4')], people).blocked).toBe(false)
  })

  it('are in conflict with who races with them, and not with who is gone', () => {
    const holders = [person('h', '7'), person('g', '8', { live: false })]
    expect(plan([want('a', '7')], [person('a', null)], { holders }).lines).toMatchObject([
      { outcome: 'conflict', with: ['h'] },
    ])
    expect(outcomes([want('a', '8')], [person('a', null)], { holders })).toEqual(['give'])
    expect(outcomes([want('a', '7')], [person('a', null)], { holders, allowDuplicates: true })).toEqual([
      'give',
    ])
    expect(outcomes([want('a', '7')], [person('a', null, { eventId: 'other' })], { holders })).toEqual([
      'give',
    ])
  })

  it('may be freed by one line and given by another', () => {
    const people = [person('a', '1'), person('b', '2')]
    expect(outcomes([want('a', '2'), want('b', '1')], people, { holders: people })).toEqual(['give', 'give'])
  })

  it('are in conflict within the file: one bib twice, or two bibs for one', () => {
    const people = [person('a', null), person('b', null)]
    expect(outcomes([want('a', '1'), want('b', '1')], people)).toEqual(['conflict', 'conflict'])
    const lines = [want('a', '1', { line: 2 }), want('a', '2', { line: 3 })]
    expect(plan(lines, people).lines).toMatchObject([
      { outcome: 'conflict', with: ['line 3'] },
      { outcome: 'conflict', with: ['line 2'] },
    ])
    expect(outcomes([want('a', '1'), want('a', '1')], people)).toEqual(['give', 'give'])
  })

  it("do not count where the provider's do, and are taken all the same", () => {
    const people = [person('a', '7', { providerBib: '7', localBib: null }), person('b', null)]
    expect(plan([want('a', '9')], people).lines).toMatchObject([{ outcome: 'give', before: '7', after: '7' }])
    expect(plan([want('a', '9')], people, { authority: 'local' }).lines).toMatchObject([{ after: '9' }])
    expect(outcomes([want('a', '9'), want('b', '9')], people)).toEqual(['conflict', 'conflict'])
  })

  it('are taken back by an empty one, where one person is meant', () => {
    const people = [
      person('a', '9', { providerBib: '7', localBib: '9' }),
      person('b', '3', { localBib: null }),
    ]
    const made = plan([want('a', null), want('b', null)], people, { takesBack: true, authority: 'local' })
    expect(made.lines).toMatchObject([{ outcome: 'take', after: '7' }, { outcome: 'same' }])
    expect(made.writes).toEqual(new Map([['a', null]]))
  })
})

describe('people without a number', () => {
  const ana = { name: 'ana ruiz', dateOfBirth: '1990-01-01' }
  const named = (key: string, more: Partial<BibPerson> = {}) =>
    person(key, null, { lastName: 'Ruiz', ...more })

  it('are found by name and birth date, if it is one of them that races', () => {
    expect(plan([want(null, '1', { person: ana })], [named('a')]).writes).toEqual(new Map([['a', '1']]))
    const twins = [named('a'), named('b')]
    expect(plan([want(null, '1', { person: ana })], twins).lines).toMatchObject([
      { outcome: 'ambiguous', with: ['a', 'b'], key: null },
    ])
    const cancelled = [named('a', { live: false }), named('b')]
    expect(plan([want(null, '1', { person: ana })], cancelled).writes).toEqual(new Map([['b', '1']]))
    expect(outcomes([want(null, '1', { person: ana })], [named('a', { dateOfBirth: '1991-01-01' })])).toEqual(
      ['unknown'],
    )
  })

  it('are not looked for by name where a number is given', () => {
    expect(outcomes([want('x', '1', { person: ana })], [named('a')])).toEqual(['unknown'])
  })
})
