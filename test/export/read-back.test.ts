import readSheets from 'read-excel-file/node'
import { describe, expect, it } from 'vitest'
import { FORMAT_NAMES, FORMATS } from '../../src/export/formats.ts'
import { contents, GONE, PEOPLE, write } from './people.ts'
import { type Row, readBack } from './read-back.ts'

/** What importers find in the cells of a file, written down by hand. */
async function find(format: keyof typeof FORMATS, registration: number, options = {}): Promise<Row> {
  const rows = await readBack(format, (await write(format, PEOPLE, options)).bytes, options)
  return rows[registration - 1001]!
}

describe('what an importer reads', () => {
  it('RACE RESULT', async () => {
    expect(await find('raceresult', 1001)).toEqual({
      ...{
        RegistrationID: 'R1001',
        Bib: '007',
        Lastname: 'Alder',
        Firstname: 'Ana',
        Sex: 'f',
        Nation: 'USA',
      },
      ...{
        DateOfBirth: '1990-02-03',
        Contest: '10K',
        Club: 'Harbor Striders',
        City: 'Springhaven',
        State: 'NY',
      },
      ...{ Country: 'US', Transponder1: 'KX41A07', Wave: 'Wave 1' },
    })
    // A spreadsheet program opens it there: it must run nothing.
    expect(await find('raceresult', 1005)).toMatchObject({
      ...{ Firstname: `'=HYPERLINK("http://example.com","x")`, Lastname: "'-Dash", Club: "'@Running" },
    })
  })

  it('ChronoTrack Live', async () => {
    expect(await find('chronotrack', 1001)).toEqual({
      ...{ 'External ID': 'R1001', 'Reg Choice': '10K', Bib: '007', Tag: 'KX41A07', 'First Name': 'Ana' },
      ...{ 'Last Name': 'Alder', Sex: 'F', DOB: '02/03/1990', Age: '36', Email: 'ana@example.com' },
      ...{ City: 'Springhaven', Region: 'NY', Country: 'US', Team: 'Harbor Striders', Wave: 'Wave 1' },
    })
    // No spreadsheet is between: the team is called what it is called.
    expect(await find('chronotrack', 1005)).toMatchObject({ Team: '@Running', 'Last Name': '-Dash' })
  })

  it.each(['utf-16le', 'utf-8'] as const)('Webscorer in %s', async (encoding) => {
    expect(await find('webscorer', 1003, { encoding })).toEqual({
      ...{
        Bib: '13',
        'First name': '秀英',
        'Last name': '王',
        Team: '早朝会 🏃‍♀️',
        Distance: '10K',
        Wave: '',
      },
      ...{ Age: '', Gender: 'Female', 'Info 1': 'R1003' },
    })
    expect(await find('webscorer', 1004, { encoding })).toMatchObject({
      ...{ 'First name': 'Jo "JJ"', 'Last name': 'O’Neill, Jr.; III', Gender: 'Non-binary' },
    })
  })

  it('MYLAPS EventApp', async () => {
    expect(await find('mylaps', 1002)).toEqual({
      ...{ id: 'R1002', name: 'Jörg Großmann-Łuka', bib: '12', chipcode: '', gender: 'M' },
      ...{ birthdate: '1899-12-31', race: '10K', wave: '' },
    })
    expect(await find('mylaps', 1006)).toMatchObject({ id: 'R1006', name: 'Cher', bib: '' })
  })

  it('Copernico', async () => {
    expect(await find('copernico', 1004)).toEqual({
      ...{
        id: 'R1004',
        event: '10K',
        bib: '14',
        name: 'Jo "JJ"',
        surname: 'O’Neill, Jr.; III',
        gender: 'other',
      },
      ...{ birthdate: '', club: '', nationality: '', city: '', wave: '', tag: '' },
    })
  })

  it('PikaTimer', async () => {
    expect(await find('pikatimer', 1001)).toEqual({
      ...{ Bib: '007', 'First Name': 'Ana', 'Middle Name': 'M', 'Last Name': 'Alder', Age: '36' },
      ...{ Birthday: '1990-02-03', Sex: 'F', City: 'Springhaven', State: 'NY', Country: 'US', Event: '10K' },
      ...{ Wave: 'Wave 1', Team: 'Harbor Striders', 'Registration ID': 'R1001' },
    })
  })

  it('RunScore and The Race Director', async () => {
    expect(await find('generic', 1007)).toEqual({
      ...{
        'Registration ID': 'R1007',
        Bib: '0100',
        'Last Name': 'Elm',
        'First Name': 'Dana',
        Sex: '',
        Age: '',
      },
      ...{ 'Birth Date': '', City: '', State: '', Country: '', Team: '', Event: '10K', Wave: '', Corral: '' },
      ...{ Chip: '', Shirt: '' },
    })
    const old = await find('generic', 1002, { encoding: 'windows-1252' })
    expect(old).toMatchObject({ 'First Name': 'Jörg', 'Last Name': 'Großmann-Luka', City: 'Ñuñoa' })
  })

  it('whoever reads all', async () => {
    expect(await find('csv', 1001)).toMatchObject({
      ...{ id: 'R1001', bib: '007', zip: '01234', phone: "'+1 555 0100", emergency_name: 'Ben Alder' },
      ...{ amount_paid: '85.00', shirt: 'M', registered_at: '2026-01-02T03:04:05.000000Z', details: 'read' },
    })
    expect(await find('csv', 1004)).toMatchObject({
      ...{ special_requirements: 'line one line two and a tab', gender: 'Non-binary', sex: 'X' },
      answers: '[{"answer":"\\"Because\\", he said","question":"Why?"}]',
    })
    expect(await find('json', 1004)).toMatchObject({ specialRequirements: 'line one\r\nline two\tand a tab' })
    expect(await find('json', 1001)).toMatchObject({ bib: '007', phone: '+1 555 0100', age: 36 })
  })

  it('a spreadsheet', async () => {
    expect(await find('xlsx', 1001)).toMatchObject({
      ...{ bib: '007', zip: '01234', phone: '+1 555 0100', age: 36, amount_paid: '85.00' },
      date_of_birth: new Date('1990-02-03T00:00:00Z'),
    })
    // Before spreadsheets agree on days, a date is a text.
    expect(await find('xlsx', 1002)).toMatchObject({
      date_of_birth: '1899-12-31',
      last_name: 'Großmann-Łuka',
    })
    expect(await find('xlsx', 1005)).toMatchObject({ first_name: '=HYPERLINK("http://example.com","x")' })
    expect(await find('xlsx', 1008)).toMatchObject({ last_name: '<Fir> & Sons', bib: '1-2' })
    const { bytes } = await write('xlsx', PEOPLE)
    const [, about] = await readSheets(bytes)
    expect(about).toMatchObject({ sheet: 'About' })
    expect(about!.data).toContainEqual(['Details pending', '1'])
    expect(about!.data).toContainEqual(['Bibs as of', '2026-05-01T15:00:00.000000Z'])
  })
})

describe('in every format', () => {
  it.each(FORMAT_NAMES)('%s names each by an id that is not the bib, once', async (format) => {
    for (const rows of ['registration', 'entry'] as const) {
      const { bytes } = await write(format, PEOPLE, { rows })
      const read = await readBack(format, bytes, { rows })
      const heads = FORMATS[format].columns
      const [idHead] = heads.find(([, source]) => source === 'id')!
      const ids = read.map((row) => row[format === 'json' ? 'id' : idHead])
      expect(new Set(ids).size).toBe(read.length)
      // One of two categories has a row more; one whose categories are not known has none.
      expect(ids).toEqual(
        rows === 'registration'
          ? PEOPLE.map(({ registration }) => registration)
          : [
              ...['R1001-501', 'R1002-501', 'R1002-502', 'R1003-501', 'R1004-501', 'R1005-501'],
              ...['R1007-501', 'R1008-501'],
            ],
      )
    }
  })

  it.each(FORMAT_NAMES)('%s tells of the withdrawn who they are and why', async (format) => {
    const { bytes } = await write(format, GONE, {}, contents({ which: 'withdrawn' }))
    const read = await readBack(format, bytes)
    expect(
      read.map((row) => Object.values(row).filter((cell) => ['R2001', 'cancelled'].includes(String(cell)))),
    ).toEqual([expect.arrayContaining(['R2001', 'cancelled']), []])
    const withdrawn = Object.keys(read[0]!)
    if (FORMATS[format].columns !== FORMATS[format].withdrawn)
      expect(withdrawn.filter((head) => /birth|dob|age|sex|gender|mail|phone|city/i.test(head))).toEqual([])
  })

  it('no timing program is sent more of a person than it times with', () => {
    for (const format of FORMAT_NAMES.filter((name) => !['csv', 'json', 'xlsx'].includes(name))) {
      const sources = FORMATS[format].columns.map(([, source]) => source)
      const least = [
        'phone',
        'street',
        'zip',
        'emergencyName',
        'emergencyPhone',
        'amountPaid',
        'answers',
      ] as const
      expect([format, sources.filter((source) => (least as readonly string[]).includes(source))]).toEqual([
        format,
        [],
      ])
      // Athletes find their results by it there, and nowhere else.
      expect([format, sources.includes('email')]).toEqual([format, format === 'chronotrack'])
    }
  })
})

describe('the tally', () => {
  it('says what a person should know of a file', async () => {
    expect((await write('chronotrack', PEOPLE)).writer.tally).toMatchObject({
      ...{
        rows: 8,
        pending: 1,
        withoutBib: 0,
        withoutSex: 2,
        several: 1,
        unentered: 0,
        formulas: 3,
        replaced: 0,
      },
    })
    expect(
      (await write('generic', PEOPLE, { rows: 'entry', encoding: 'windows-1252' })).writer.tally,
    ).toMatchObject({
      ...{ rows: 8, several: 0, unentered: 1, replaced: 9 },
    })
  })
})
