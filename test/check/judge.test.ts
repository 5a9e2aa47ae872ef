import { describe, expect, it } from 'vitest'
import { FINDING_CODES, findingCode, sentenceOf } from '../../src/check/codes.ts'
import { type CheckedEvent, judge } from '../../src/check/judge.ts'
import { readBibRanges } from '../../src/domain/bib.ts'
import type { CheckedPerson } from '../../src/store/checks/people.ts'

const FINE: CheckedPerson = {
  ...{
    key: 'R1',
    eventId: 'e',
    firstName: 'Ana',
    lastName: 'Ruiz',
    bib: '412',
    chip: 'AB12345',
    gender: 'F',
  },
  ...{ dateOfBirth: '1990-06-01', listedAge: 35, raceDayAge: 35, category: '10K', status: 'active' },
  ...{ pending: false, live: true, sameBib: 1, sameChip: 1, samePerson: 1 },
}
const DAY: CheckedEvent = { raceDay: '2026-05-02', ranges: readBibRanges('1-999') }

const codes = (person: Partial<CheckedPerson>, event: CheckedEvent = DAY) =>
  judge({ ...FINE, ...person }, event).map(({ code, note }) => (note === '' ? code : `${code}: ${note}`))

describe('somebody with whom all is well', () => {
  it('has no finding', () => {
    expect(codes({})).toEqual([])
    expect(codes({ bib: 'X1' }, { raceDay: null, ranges: null })).toEqual([])
  })
})

describe('a finding', () => {
  const cases: [Partial<CheckedPerson>, string[]][] = [
    [{ sameBib: 2 }, ['duplicate-bib: 2 people']],
    [{ sameChip: 3 }, ['duplicate-chip: chip AB12345, 3 people']],
    [{ bib: '1000' }, ['bib-out-of-range']],
    [{ chip: '412' }, ['chip-as-bib']],
    [{ gender: null }, ['missing-sex']],
    [{ gender: ' ' }, ['missing-sex']],
    [{ dateOfBirth: null, listedAge: null, raceDayAge: null }, ['missing-age']],
    [{ dateOfBirth: null, listedAge: null }, []],
    [{ category: null }, ['missing-category']],
    [{ bib: null }, ['missing-bib']],
    [{ samePerson: 2 }, ['same-person: 2 entries']],
    [{ dateOfBirth: '1900-01-01', listedAge: null, raceDayAge: 126 }, ['impossible-age: age 126']],
    [{ dateOfBirth: '2026-05-02', listedAge: 0, raceDayAge: 0 }, ['impossible-age: age 0']],
    [{ dateOfBirth: '2026-05-03', listedAge: 35 }, ['impossible-age: born after race day']],
    [{ dateOfBirth: null, listedAge: 0, raceDayAge: null }, ['impossible-age: age 0']],
    // Listed as of the day of registration, before the last birthday; or of another person.
    [{ listedAge: 34 }, []],
    [{ listedAge: 12 }, ['age-contradiction: listed 12, by birth date 35']],
  ]
  it.each(cases)('of %j is %j', (person, found) => {
    expect(codes(person)).toEqual(found)
  })

  it('needs no race day for an age as listed', () => {
    const unknown = { raceDay: null, ranges: null }
    expect(codes({ listedAge: 12 }, unknown)).toEqual([])
    expect(codes({ raceDayAge: 130 }, unknown)).toEqual(['impossible-age: age 130'])
  })
})

describe('somebody whose details are still to be read', () => {
  it('lacks nothing yet, but what there is is judged', () => {
    const bare = { gender: null, dateOfBirth: null, listedAge: null, raceDayAge: null, category: null }
    expect(codes({ ...bare, pending: true, bib: null })).toEqual(['details-pending'])
    expect(codes({ ...bare, pending: true, sameBib: 2 })).toEqual([
      'duplicate-bib: 2 people',
      'details-pending',
    ])
  })
})

describe('somebody who is gone', () => {
  it('is told of for the bib alone', () => {
    expect(codes({ live: false, status: 'cancelled', gender: null, sameBib: 1 })).toEqual([
      'bib-of-cancelled: cancelled',
    ])
  })
})

describe('sentences', () => {
  it('count people', () => {
    expect(sentenceOf('missing-sex', 1)).toBe('1 person has no sex.')
    expect(sentenceOf('missing-sex', 4)).toBe('4 people have no sex.')
  })

  it('and codes are known by their names', () => {
    expect(FINDING_CODES.map(findingCode)).toEqual(FINDING_CODES)
    expect(findingCode('no-such')).toBeUndefined()
    expect(findingCode('toString')).toBeUndefined()
  })
})
