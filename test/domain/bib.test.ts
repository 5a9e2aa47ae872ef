import { describe, expect, it } from 'vitest'
import { bibRangesText, effectiveBib, isInRanges, readBib, readBibRanges } from '../../src/domain/bib.ts'

describe('the effective bib', () => {
  it.each([
    ['provider', '7', '412', '7'],
    ['provider', null, '412', '412'],
    ['local', '7', '412', '412'],
    ['local', '7', null, '7'],
    ['local', null, null, null],
  ] as const)('by %s of %s and %s is %s', (authority, provider, local, bib) => {
    expect(effectiveBib(provider, local, authority)).toBe(bib)
  })
})

describe('a bib as it is written', () => {
  it.each([
    [' 0412 ', '0412'],
    ['R 12', 'R 12'],
    ['\u200b\t', null],
    ['', null],
    ['9'.repeat(21), undefined],
  ])('%j is %j', (text, bib) => {
    expect(readBib(text)).toBe(bib)
  })
})

describe('ranges of bibs', () => {
  const ranges = readBibRanges('1-999, 2000\u20132999,E1-E50, 5000')

  it('are kept as one text', () => {
    expect(bibRangesText(ranges)).toBe('1-999,2000-2999,E1-E50,5000')
    expect(readBibRanges(bibRangesText(ranges))).toEqual(ranges)
  })

  it.each(['1', '999', '0999', '2500', 'e7', 'E50', '5000'])('have %s', (bib) => {
    expect(isInRanges(bib, ranges)).toBe(true)
  })

  it.each(['0', '1000', '3000', 'E51', 'F7', '12a', 'x', '12345678901'])('have not %s', (bib) => {
    expect(isInRanges(bib, ranges)).toBe(false)
  })

  it.each(['', '1-', '9-1', 'A1-B9', '1;9', '1-9,,'])('are not %j', (text) => {
    expect(() => readBibRanges(text)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
  })
})
