import { describe, expect, it } from 'vitest'
import { type Column, displayWidth, oneLine, printable, renderTable, shorten } from '../../src/cli/table.ts'
import fc from '../helpers/fast-check.ts'

const columns: Column[] = [
  { head: 'Race', shrink: true, least: 6 },
  { head: 'Runners', align: 'right' },
  { head: 'Note', optional: true },
]

describe('renderTable', () => {
  it('aligns texts left and numbers right, and ends no line with a blank', () => {
    const rows = [
      ['Harbor Half Marathon', '1250', ''],
      ['5K', '40', 'hold'],
    ]
    expect(renderTable(columns, rows)).toEqual([
      'Race                  Runners  Note',
      'Harbor Half Marathon     1250',
      '5K                         40  hold',
    ])
  })

  it('leaves out an optional column in which nothing stands', () => {
    expect(renderTable(columns, [['5K', '40', '']])).toEqual(['Race  Runners', '5K         40'])
  })

  it('shortens what may shrink until the terminal is wide enough', () => {
    const [, row] = renderTable(columns, [['Harbor Half Marathon', '40', '']], { width: 20 })
    expect(row).toBe('Harbor Hal…       40')
  })

  it('keeps the least, even where that is too wide', () => {
    const [, row] = renderTable(columns, [['Harbor Half Marathon', '40', '']], { width: 5 })
    expect(row).toBe('Harbo…       40')
  })

  it('paints cells without moving them', () => {
    const rows = [[{ text: '5K', style: 'red' as const }, '40', '']]
    const painted = renderTable(columns, rows, { paint: (style, text) => `<${String(style)}>${text}</>` })
    expect(painted[1]).toBe('<red>5K</>         40')
  })

  it('fits the width whatever stands in it, when everything may shrink', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    const shape: Column[] = ['A', 'B', 'C'].map((head) => ({ head, shrink: true, least: 4 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text)), fc.integer({ min: 16, max: 100 }), (rows, width) => {
        for (const line of renderTable(shape, rows, { width }))
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('printable', () => {
  it('lets no escape sequence and no line break of a provider through', () => {
    expect(printable('\u001b[31mRed\u001b[0m\nRace\u0007')).toBe('Red Race ')
    expect(oneLine('  two\n\n  lines ')).toBe('two lines')
  })
})

describe('displayWidth', () => {
  it.each([
    ['Río', 3],
    ['Ri\u0301o', 3],
    ['東京', 4],
    ['🏃', 2],
    ['', 0],
  ])('of %s is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  it('is kept by shorten', () => {
    expect(shorten('東京マラソン', 6)).toBe('東京…')
    expect(shorten('5K', 6)).toBe('5K')
  })
})

it('leaves out the least important columns of a narrow terminal, and shrinks only then', () => {
  const columns = [
    { head: 'Race', shrink: true, least: 6 },
    { head: 'Start', drop: 2 },
    { head: 'Next', drop: 1 },
  ]
  const rows = [['Harbor Half', '07:00', '42s']]
  expect(renderTable(columns, rows, { width: 24 })[1]).toBe('Harbor Half  07:00  42s')
  expect(renderTable(columns, rows, { width: 15 })[1]).toBe('Harbor …  07:00')
  expect(renderTable(columns, rows, { width: 8 })[1]).toBe('Harbor …')
})
