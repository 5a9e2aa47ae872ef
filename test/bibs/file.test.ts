import { describe, expect, it } from 'vitest'
import { foldName, readBibFile } from '../../src/bibs/file.ts'

const read = (text: string) => readBibFile(Buffer.from(text))
const fault = (message: RegExp) =>
  expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringMatching(message) })

describe('a file of bibs', () => {
  it.each([
    ['commas', 'Registration ID,Bib #\nR1,0412\n'],
    ['semicolons and a byte order mark', '\uFEFFbib;participant_id\r\n0412;R1\r\n'],
    ['tabs and other columns', 'Wave\tBIB_NUMBER\tExternal-ID\nA\t0412\tR1\n'],
    ['an id beside the registration', 'id,registration,bib\n9,R1,0412\n'],
    ['the registration beside an id', 'registration,id,bib\nR1,9,0412\n'],
  ])('is read with %s', (_, text) => {
    expect(read(text)).toEqual([{ line: 2, registration: 'R1', person: null, bib: '0412' }])
  })

  it('is read in UTF-16, as spreadsheets write it', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('reg\tbib\nR1\t7\n', 'utf16le')])
    expect(readBibFile(bytes)).toMatchObject([{ registration: 'R1', bib: '7' }])
  })

  it('names people by name and birth date', () => {
    const person = { name: 'ana de la cruz', dateOfBirth: '1990-05-04' }
    expect(read('First name,Last name,DOB,Bib\nAna, De la  Cruz,1990-05-04,7\n')).toMatchObject([{ person }])
    expect(read('Name,birth date,Bib\n"De la Cruz, Ana",05/04/1990,7\n')).toMatchObject([{ person }])
    // A name alone is no person.
    expect(read('Name,born,Bib\nAna Cruz,,7\n')).toMatchObject([{ person: null, registration: null }])
  })

  it('leaves blank lines out and keeps empty bibs as none', () => {
    expect(read('reg,bib\nR1,\n,\n\nR2,8\n')).toMatchObject([
      { registration: 'R1', bib: null },
      { line: 5, registration: 'R2', bib: '8' },
    ])
  })

  it('takes off the apostrophe that an export put before a formula', () => {
    expect(read("registration,bib\n'-R1,7\n")).toMatchObject([{ registration: '-R1' }])
  })

  it.each([
    ['name,born\nA,1990-01-01', /no column of bibs/],
    ['bib,name\n7,Ana', /whose the bibs are/],
    ['bib,bib no,reg\n7,8,R1', /columns 1 and 2 both are the bib column/],
    [`reg,bib\nR1,7\nR2,${'8'.repeat(21)}`, /^line 3: /],
    ['reg,bib,dob\nR1,7,31.12.1990', /^line 2: the birth date/],
    ['reg,bib\nR1,"7', /no CSV/],
    ['', /empty|no column/],
  ])('is refused whole: %j', (text, message) => {
    expect(() => read(text)).toThrow(fault(message))
  })

  it('is refused in other encodings, and no value is told', () => {
    expect(() => readBibFile(Buffer.from('reg,bib\nM\xfcller,7', 'latin1'))).toThrow(fault(/UTF-8/))
    expect(() => read('reg,bib,dob\nR1,7,secret')).not.toThrow(/secret/)
  })
})

describe('a name to compare', () => {
  it.each([
    [' ANA \u00a0 Ruiz ', 'ana ruiz'],
    ['John Smith, Jr.', 'john smith, jr.'],
  ])('%j is %j', (name, folded) => {
    expect(foldName(name)).toBe(folded)
  })
})
