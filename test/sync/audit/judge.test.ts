import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import type { ChangeKind, StoredRow } from '../../../src/domain/row.ts'
import { excessOf } from '../../../src/quota/excess.ts'
import type { FeedEntry } from '../../../src/store/runs.ts'
import { judgeCount } from '../../../src/sync/audit/counts.ts'
import { replayFaults } from '../../../src/sync/audit/replay.ts'

describe('our count against the total', () => {
  const facts = { ours: 60, theirs: 60, listed: 25, news: 0, held: 0 }
  it.each([
    ['same', 'the same number', {}],
    ['untold', 'no total', { theirs: null }],
    ['news', 'two more, both on page 1', { theirs: 62, news: 2 }],
    ['news', 'many more, and page 1 is all of newcomers', { theirs: 300, news: 25 }],
    ['missing', 'three more, and two newcomers', { theirs: 63, news: 2 }],
    ['missing', 'more, and nobody is new', { theirs: 61 }],
    ['gone', 'fewer', { theirs: 55 }],
    ['held', 'fewer, and a hold is about as many', { theirs: 55, held: 5 }],
    ['gone', 'fewer than a hold explains', { theirs: 54, held: 5 }],
  ] as const)('is %s with %s', (verdict, _, differs) => {
    expect(judgeCount({ ...facts, ...differs })).toBe(verdict)
  })
})

describe('the ledger against the headers', () => {
  it('exceeds only by calls that are neither ours, nor set aside, nor under way', () => {
    const of = (told: number) => excessOf({ told, counted: 40, setAside: 10 })
    expect([of(12), of(50), of(52), of(53), of(90)]).toEqual([0, 0, 0, 3, 40])
  })
})

describe('a feed replayed to its row', () => {
  const NOTHING = { registration_status: 'active' } as Partial<StoredRow>
  const row = (content: Partial<StoredRow>) => ({ ...NOTHING, ...content }) as StoredRow
  const entry = (change: ChangeKind, fields: Record<string, [Json, Json]>): FeedEntry => ({
    position: 1,
    key: 'R-1',
    change,
    fields,
  })
  const added = entry('added', {
    first_name: [null, 'Ida'],
    registration_status: [null, 'active'],
    categories: [null, [{ name: '10 km', bib: '7' }]],
  })
  const stored = row({ first_name: 'Ida', categories: [{ bib: '7', name: '10 km' }] })
  const faults = (content: StoredRow, entries: FeedEntry[], isWhole = true) =>
    replayFaults(content, entries, { isWhole })

  it('gives the row, whatever order the keys of a column have', () => {
    expect(faults(stored, [added])).toEqual([])
    const renamed = entry('changed', { first_name: ['Ida', 'Ada'] })
    expect(faults({ ...stored, first_name: 'Ada' }, [added, renamed])).toEqual([])
  })

  it('shows columns that the row has otherwise, also where the feed knows no value', () => {
    expect(faults({ ...stored, first_name: 'Eve' }, [added])).toEqual(['first_name'])
    expect(faults({ ...stored, bib_number: '9' }, [added])).toEqual(['bib_number'])
  })

  it('shows an entry whose old value is not what the one before left', () => {
    const torn = entry('changed', { first_name: ['Eva', 'Ada'] })
    expect(faults({ ...stored, first_name: 'Ada' }, [added, torn])).toEqual(['first_name'])
  })

  it('shows a row without an entry, unless the beginning of the feed was purged', () => {
    expect(faults(stored, [])).toEqual(['*'])
    expect(faults(stored, [], false)).toEqual([])
  })

  it('says nothing of columns from before an adoption, or a purge', () => {
    const adopted = entry('adopted', { first_name: ['I.', 'Ida'] })
    expect(faults({ ...stored, bib_number: '9' }, [adopted])).toEqual([])
    const later = entry('changed', { first_name: ['I.', 'Ida'] })
    expect(faults({ ...stored, bib_number: '9' }, [later], false)).toEqual([])
    expect(faults({ ...stored, first_name: 'Eve' }, [later], false)).toEqual(['first_name'])
  })
})
