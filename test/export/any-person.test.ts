import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/domain/fingerprint.ts'
import type { StartListLine } from '../../src/domain/start-list.ts'
import { ENCODINGS } from '../../src/export/encode.ts'
import { DELIMITERS, type Delimiter, type FormatOptions } from '../../src/export/format.ts'
import { FORMAT_NAMES, FORMATS, type FormatName } from '../../src/export/formats.ts'
import { SOURCES, type SourceName } from '../../src/export/sources.ts'
import fc from '../helpers/fast-check.ts'
import { person, write } from './people.ts'
import { type Cell, readBack } from './read-back.ts'

/** Whoever registers, with whatever name, comes out of every file as who they are. */

const nasty = fc.constantFrom(
  ...[
    '=1+1',
    '+',
    '-',
    '@x',
    "'=x",
    '"',
    '""',
    ',',
    ';',
    '|',
    '\t',
    '\n',
    '\r\n',
    '\u0001',
    ' ',
    '_x0041_',
    '<b>&',
  ],
  ...[
    '007',
    '1e5',
    'TRUE',
    '1-2',
    '王',
    'Ünal',
    'Ł',
    '😀',
    '👩‍👩‍👧',
    'é',
    '\uFEFF',
    '\u202E',
    '\uFFFE',
    '{}',
  ],
)
const anyText = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 4 })), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const anyDate = fc
  .date({ min: new Date('1890-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

const anyLine: fc.Arbitrary<StartListLine> = fc
  .record({
    ...{ bib: maybe(anyText), chip: maybe(anyText), firstName: maybe(anyText), middleName: maybe(anyText) },
    ...{
      lastName: maybe(anyText),
      gender: maybe(anyText),
      dateOfBirth: maybe(anyDate),
      age: maybe(fc.nat(120)),
    },
    ...{ category: maybe(anyText), wave: maybe(anyText), corral: maybe(anyText), team: maybe(anyText) },
    ...{ email: maybe(anyText), phone: maybe(anyText), street: maybe(anyText), city: maybe(anyText) },
    ...{ state: maybe(anyText), zip: maybe(anyText), country: maybe(anyText), nationality: maybe(anyText) },
    specialRequirements: maybe(anyText),
    answers: maybe(fc.array(fc.record({ question: anyText, answer: anyText }), { maxLength: 2 })),
  })
  .map((given) => person('R1', { ...given, providerBib: given.bib }))

/** What a reader of a delimited file has to find: said here once more, without the code that writes it. */
function expectedText(line: StartListLine, source: SourceName, { formulas }: FormatOptions): string {
  const value = source === 'id' ? line.registration : storedIn(line, source)
  const text = value === null ? '' : typeof value === 'object' ? canonicalJson(value) : String(value)
  const oneLine = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  const runs = /^'*[=+@\t\r＝＋－＠-]/.test(oneLine) && !/^[+-]?\d+(\.\d+)?$/.test(oneLine)
  return runs && formulas === 'guarded' ? `'${oneLine}` : oneLine
}

const storedIn = (line: StartListLine, source: SourceName) =>
  SOURCES[source].read({ ...line, id: line.registration, line } as never) ?? null

const TEXT_SOURCES = (format: FormatName) =>
  FORMATS[format].columns.filter(([, source]) => source !== 'sex' && source !== 'dateOfBirth')

const PARAMETERS = { seed: 20_260_502, numRuns: 150, endOnFailure: true }

describe('any participant survives', () => {
  const delimited = FORMAT_NAMES.filter((format) => FORMATS[format].shape === 'delimited')
  it.each(delimited)('%s, with any delimiter and Unicode encoding', async (format) => {
    const unicode = ENCODINGS.filter((encoding) => encoding !== 'windows-1252')
    const options = fc.record({
      delimiter: fc.constantFrom(...(Object.keys(DELIMITERS) as Delimiter[])),
      encoding: fc.constantFrom(...unicode),
      bom: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: 3 }), options, async (lines, chosen) => {
        const all = { ...FORMATS[format].defaults, ...chosen }
        const read = await readBack(format, (await write(format, lines, chosen)).bytes, chosen)
        expect(read).toHaveLength(lines.length)
        for (const [i, line] of lines.entries())
          for (const [head, source] of TEXT_SOURCES(format))
            expect([head, read[i]![head]]).toEqual([head, expectedText(line, source, all)])
      }),
      PARAMETERS,
    )
  })

  it('json, exactly', async () => {
    await fc.assert(
      fc.asyncProperty(anyLine, async (line) => {
        const [read] = await readBack('json', (await write('json', [line])).bytes)
        for (const [, source] of TEXT_SOURCES('json'))
          expect([source, read![source]]).toEqual([source, source === 'id' ? 'R1' : storedIn(line, source)])
        expect(read!.dateOfBirth).toBe(line.dateOfBirth)
      }),
      PARAMETERS,
    )
  })

  it('xlsx, but for what XML has no way to write', async () => {
    await fc.assert(
      fc.asyncProperty(anyLine, async (line) => {
        const [read] = await readBack('xlsx', (await write('xlsx', [line])).bytes)
        for (const [head, source] of TEXT_SOURCES('xlsx'))
          expect([head, plain(read![head] ?? null)]).toEqual([
            head,
            plain(source === 'id' ? 'R1' : asCell(storedIn(line, source))),
          ])
        const born = read!.date_of_birth
        expect(born instanceof Date ? born.toISOString().slice(0, 10) : born).toBe(line.dateOfBirth)
      }),
      { ...PARAMETERS, numRuns: 60 },
    )
  })
})

const asCell = (value: ReturnType<typeof storedIn>): Cell =>
  value === null || typeof value === 'number'
    ? value
    : typeof value === 'object'
      ? canonicalJson(value)
      : String(value)

/** As both sides of a workbook agree: its reader trims, knows no escapes, and takes an empty cell for none. */
function plain(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell
  const text = cell
    .replaceAll('_x005F_', '_')
    .replace(/\r\n?/g, '\n')
    .replace(/(?!\n|\t)[\p{Cc}\uFFFE\uFFFF]/gu, ' ')
    .trim()
  return text === '' ? null : text
}
