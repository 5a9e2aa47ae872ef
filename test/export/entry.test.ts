import { describe, expect, it } from 'vitest'
import { type EntryRules, entriesOf } from '../../src/export/entry.ts'
import { sexOf, writeSex } from '../../src/export/sex.ts'
import { person } from './people.ts'

const category = (id: string | null, name: string, more: object = {}) => ({
  ...{ id, name, bib: null, chip: null, wave: null, corral: null },
  ...more,
})
const rules = (given: Partial<EntryRules> = {}): EntryRules => ({
  ...{ rows: 'entry', namespace: '', eventId: null, which: 'listed' },
  ...given,
})
const ids = (...args: Parameters<typeof entriesOf>) => entriesOf(...args).map(({ id }) => id)

describe('entries of a registration', () => {
  const half = category('502', 'Half', { bib: '4012', wave: 'Wave 2' })

  it('keep their id when another category, a bib or a name comes', () => {
    const before = person('R1', { categories: [category('501', '10K')] })
    const after = person('R1', { bib: '7', firstName: 'Ben', categories: [half, category('501', 'Ten')] })
    expect(ids(before, rules())).toEqual(['R1-501'])
    expect(ids(after, rules())).toEqual(['R1-502', 'R1-501'])
    expect(ids(after, rules({ rows: 'registration' }))).toEqual(['R1'])
    expect(ids(after, rules({ rows: 'registration', namespace: 'haku-' }))).toEqual(['haku-R1'])
  })

  it('have an id of the name where a category has none, and are there once where it is named twice', () => {
    const line = person('R1', {
      categories: [category(null, '10K'), category(null, 'Half'), category(null, '10K')],
    })
    const found = ids(line, rules())
    expect(found).toHaveLength(2)
    expect(found[0]).toMatch(/^R1-[0-9a-f]{8}$/)
    expect(ids(person('R1', { categories: [category(null, 'Half')] }), rules())).toEqual([found[1]])
  })

  it('have the bib of their category, unless a person gave one to the registration', () => {
    const given = { categories: [category('501', '10K'), half], wave: 'Wave 1' }
    const mine = entriesOf(person('R1', { bib: '12', providerBib: '12', ...given }), rules())
    expect(mine.map(({ bib, wave, category: name }) => [name, bib, wave])).toEqual([
      ['10K', '12', null],
      ['Half', '4012', 'Wave 2'],
    ])
    const local = entriesOf(person('R1', { bib: '77', providerBib: '12', localBib: '77', ...given }), rules())
    expect(local.map(({ bib }) => bib)).toEqual(['77', '77'])
  })

  it('are none while nobody knows the categories, and one where a provider has no such thing', () => {
    expect(ids(person('R1', { categories: null }), rules())).toEqual([])
    expect(ids(person('501', { categories: [] }), rules())).toEqual(['501'])
  })

  it('are withdrawn one by one', () => {
    const withdrawn = rules({ which: 'withdrawn' })
    const categories = [category('501', '10K'), { ...half, left: true as const }]
    const left = person('R1', { categories, formerCategories: [category('503', 'Relay')] })
    expect(entriesOf(left, withdrawn).map(({ id, status }) => [id, status])).toEqual([
      ['R1-502', 'left'],
      ['R1-503', 'left'],
    ])
    expect(ids(left, rules())).toEqual(['R1-501'])
    expect(
      entriesOf({ ...left, status: 'cancelled' }, withdrawn).map(({ id, status }) => [id, status]),
    ).toEqual([
      ['R1-501', 'cancelled'],
      ['R1-502', 'cancelled'],
      ['R1-503', 'cancelled'],
    ])
    // By registrations nobody has gone.
    expect(ids(left, rules({ which: 'withdrawn', rows: 'registration' }))).toEqual([])
  })

  it('say who moved to another event of the race', () => {
    const [gone] = entriesOf(
      person('501', { eventId: '71', categories: [] }),
      rules({ which: 'withdrawn', rows: 'registration', eventId: '70' }),
    )
    expect(gone).toMatchObject({ id: '501', status: 'moved' })
  })
})

describe('sexes', () => {
  it.each([
    ['Male', 'male'],
    ['m', 'male'],
    ['F', 'female'],
    ['Women', 'female'],
    ['Non-Binary', 'other'],
    ['x', 'other'],
    ['Prefer not to say', null],
    ['', null],
    [null, null],
  ] as const)('%j is %s', (word, sex) => {
    expect(sexOf(word)).toBe(sex)
  })

  it('are written in the words that are asked for, and never made up', () => {
    expect(writeSex('Non-binary', 'm/f/x')).toBe('x')
    expect(writeSex('Prefer not to say', 'M/F/X')).toBe('')
    expect(writeSex('Prefer not to say', 'provider')).toBe('Prefer not to say')
  })
})
