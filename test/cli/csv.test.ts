import { describe, expect, it } from 'vitest'
import { cellText, csvLines } from '../../src/cli/csv.ts'
import { distinct } from '../../src/cli/query.ts'

describe('csvLines', () => {
  it('quotes what has to be quoted', () => {
    expect(
      csvLines([
        ['bib', 'name'],
        [7, 'Doe, "JJ"\nJane'],
        [null, '=x'],
      ]),
    ).toBe('bib,name\n7,"Doe, ""JJ""\nJane"\n,\'=x\n')
  })

  it('is nothing for no rows', () => {
    expect(csvLines([])).toBe('')
  })

  it('writes JSON and bytes as text', () => {
    expect(cellText({ a: [1] })).toBe('{"a":[1]}')
    expect(cellText(Buffer.from([0xde, 0xad]))).toBe('\\xdead')
  })
})

describe('distinct', () => {
  it('numbers names that are there twice', () => {
    expect(distinct(['a', 'b', 'a', 'a'])).toEqual(['a', 'b', 'a_2', 'a_3'])
  })
})
