import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/row.ts'
import { freedFirst } from '../../src/sync/bib-order.ts'

const change = (key: string, old: string | null, now: string | null): Change => ({
  key,
  change: 'changed',
  fields: { bib_number: [old, now] },
  sourceUpdatedAt: null,
})
const keys = (changes: readonly Change[]) => freedFirst(changes).map(({ key }) => key)

describe('entries of one page', () => {
  it('free a bib before it is given to another', () => {
    expect(keys([change('a', null, '12'), change('b', '12', null)])).toEqual(['b', 'a'])
  })

  it('free a chain of bibs from its end', () => {
    const chain = [
      change('a', null, '1'),
      change('b', '1', '2'),
      change('c', '2', '3'),
      change('d', '3', null),
    ]
    expect(keys(chain)).toEqual(['d', 'c', 'b', 'a'])
  })

  it('that swap bibs are each there once', () => {
    expect(keys([change('a', '1', '2'), change('b', '2', '1')]).sort()).toEqual(['a', 'b'])
  })

  it('that share no bib stay in their order', () => {
    const others = [
      change('a', '1', null),
      change('b', null, '2'),
      { ...change('c', null, null), fields: {} },
    ]
    expect(keys(others)).toEqual(['a', 'b', 'c'])
  })
})
