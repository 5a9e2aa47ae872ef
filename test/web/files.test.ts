import { describe, expect, it } from 'vitest'
import {
  type BibConflict,
  type BibLine,
  conflictText,
  givenText,
  lineText,
  outcomeOf,
  planText,
  worstFirst,
} from '../../web/src/view/bibs.ts'
import { chosenOf, type ExportOption, presetsText, valueText } from '../../web/src/view/exports.ts'

const line: BibLine = {
  ...{ line: 2, asked: 'R1', outcome: 'give', registration: 'R1', name: 'Ana Ruiz' },
  ...{ bib: '0412', before: null, after: '0412', with: [] },
}

describe('a file of bibs', () => {
  const said: [over: Partial<BibLine>, text: string, word: string][] = [
    [{}, 'none → 0412', 'Gets it'],
    [{ before: '7' }, '7 → 0412', 'Gets it'],
    [{ before: '7', after: '7' }, '0412, kept as yours: the provider’s 7 counts', 'Gets it'],
    [{ outcome: 'gone' }, '0412: cancelled or removed', 'Left out'],
    [
      { outcome: 'unknown', registration: null, name: null },
      '0412: nobody in this race has this registration number, or this name and birth date',
      'Refused',
    ],
    [
      { outcome: 'ambiguous', with: ['R1', 'R2'] },
      '0412: several have this name and birth date: registrations R1, R2',
      'Refused',
    ],
    [{ outcome: 'conflict', with: ['R8'] }, '0412 is then also the bib of registration R8', 'Refused'],
    [
      { outcome: 'conflict', with: ['line 4', 'line 9'] },
      '0412, and another bib on line 4, line 9',
      'Refused',
    ],
  ]
  it.each(said)('says of a line with %j: %s', (over, text, word) => {
    const one = { ...line, ...over }
    expect([lineText(one), outcomeOf(one).text]).toEqual([text, word])
  })

  it('is summed up in one sentence, and shows what is refused first', () => {
    const counts = { give: 11, same: 0, gone: 1, unknown: 1, ambiguous: 0, conflict: 1 }
    expect(planText({ counts })).toBe('11 bibs to give, 1 line left out, 2 lines refused.')
    const clean = { give: 1, same: 3, gone: 0, unknown: 0, ambiguous: 0, conflict: 0 }
    expect(planText({ counts: clean })).toBe('1 bib to give, 3 lines unchanged.')
    const outcomes = ['give', 'gone', 'conflict', 'give', 'unknown'] as const
    const lines = outcomes.map((outcome, i) => ({ ...line, outcome, line: i + 2 }))
    expect(worstFirst(lines).map((one) => one.line)).toEqual([4, 6, 3, 2, 5])
  })

  it('a bib that is given says which counts', () => {
    expect([givenText('7', '7'), givenText('7', '9'), givenText(null, null), givenText(null, '9')]).toEqual([
      ...['The bib is 7 now.', '7 is kept as yours; the provider’s 9 counts.'],
      ...['No bib any more.', 'The bib is 9 now.'],
    ])
  })

  it('a conflict says whose the bibs are', () => {
    const twice: BibConflict = {
      ...{ kind: 'twice', bib: '7', registration: 'R1', name: 'Ana' },
      ...{ providerBib: '7', localBib: null, isGone: false },
    }
    expect(conflictText(twice)).toBe('the provider’s')
    expect(conflictText({ ...twice, providerBib: null, localBib: '7' })).toBe('yours')
    expect(conflictText({ ...twice, isGone: true })).toBe(
      'the provider’s; cancelled or removed, and the bib is another’s now',
    )
    expect(conflictText({ ...twice, kind: 'differs', localBib: '9' })).toBe('the provider gave 7, you gave 9')
  })
})

describe('the options of an export', () => {
  const options: ExportOption[] = [
    { name: 'delimiter', values: ['comma', 'tab'], preset: 'comma' },
    { name: 'encoding', values: ['utf-8', 'windows-1252'], preset: 'utf-8' },
    { name: 'bom', values: ['yes', 'no'], preset: 'no' },
    { name: 'dateOrder', values: ['ymd', 'mdy'], preset: 'mdy' },
    { name: 'blankBib', values: null, preset: '' },
  ]

  it('are asked for where they are not the format’s own, and where they mean something', () => {
    expect(chosenOf(options, {})).toEqual({})
    expect(chosenOf(options, { delimiter: 'comma', bom: 'yes', blankBib: '0' })).toEqual({
      bom: 'yes',
      blankBib: '0',
    })
    // It has no byte order mark, and the server refuses one for it.
    expect(chosenOf(options, { encoding: 'windows-1252', bom: 'yes' })).toEqual({ encoding: 'windows-1252' })
    expect(chosenOf(options, { rows: 'entry' })).toEqual({})
  })

  it('are told in words', () => {
    expect(presetsText(options)).toBe('comma, UTF-8, 02/03/1990')
    expect([valueText('rows', 'registration'), valueText('blankBib', '')]).toEqual([
      'registration',
      'nothing',
    ])
  })
})
