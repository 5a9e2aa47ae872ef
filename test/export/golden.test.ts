import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { FormatOptions } from '../../src/export/format.ts'
import { FORMAT_NAMES, FORMATS, type FormatName } from '../../src/export/formats.ts'
import { contents, GONE, PEOPLE, write } from './people.ts'

/** Files as they were found right. `UPDATE_GOLDEN=1` writes them anew: look at the difference before you keep it. */
const file = (name: string) => fileURLToPath(new URL(`golden/${name}`, import.meta.url))

async function expectGolden(name: string, bytes: Buffer): Promise<void> {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file(name), bytes)
  const golden = readFileSync(file(name))
  // As text first: a difference that can be read.
  if (!name.endsWith('.xlsx')) expect(textOf(bytes)).toBe(textOf(golden))
  expect(bytes.equals(golden)).toBe(true)
}

const textOf = (bytes: Buffer) => bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8')

describe('golden files', () => {
  it.each(FORMAT_NAMES)('%s', async (format) => {
    const { bytes } = await write(format, PEOPLE)
    await expectGolden(`${format}.${FORMATS[format].extension}`, bytes)
  })

  it.each(FORMAT_NAMES.filter((format) => FORMATS[format].columns !== FORMATS[format].withdrawn))(
    '%s, withdrawn',
    async (format) => {
      const { bytes } = await write(format, GONE, {}, contents({ which: 'withdrawn', after: 700 }))
      await expectGolden(`${format}-withdrawn.${FORMATS[format].extension}`, bytes)
    },
  )

  const variants: [name: string, format: FormatName, options: Partial<FormatOptions>][] = [
    ['webscorer-utf-8.txt', 'webscorer', { encoding: 'utf-8', bom: false }],
    ['generic-windows-1252.csv', 'generic', { encoding: 'windows-1252' }],
    ['chronotrack-entries.csv', 'chronotrack', { rows: 'entry', ids: 'namespaced' }],
    [
      'copernico-dmy-pipe.csv',
      'copernico',
      { delimiter: 'pipe', dates: 'dmy', blankBib: '0', sex: 'provider' },
    ],
  ]
  it.each(variants)('%s', async (name, format, options) => {
    await expectGolden(name, (await write(format, PEOPLE, options)).bytes)
  })
})
