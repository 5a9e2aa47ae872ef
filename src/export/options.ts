import { z } from 'zod'
import { StartlistError } from '../domain/errors.ts'
import { DATE_ORDERS } from './dates.ts'
import { ENCODINGS } from './encode.ts'
import { ROWS } from './entry.ts'
import { DELIMITERS, type FormatOptions } from './format.ts'
import { FORMAT_NAMES, FORMATS, type FormatName } from './formats.ts'
import { SEX_VOCABULARIES } from './sex.ts'
import { type Kind, SOURCES } from './sources.ts'

const keysOf = <T extends string>(of: Readonly<Record<T, unknown>>) => Object.keys(of) as [T, ...T[]]
const yesOrNo = z.enum(['yes', 'no'])

/** What may be set for a format, as it is typed: names of options and their values. */
export const EXPORT_OPTIONS = {
  delimiter: z.enum(keysOf(DELIMITERS)),
  encoding: z.enum(ENCODINGS),
  bom: yesOrNo,
  dateOrder: z.enum(DATE_ORDERS),
  sex: z.enum(keysOf(SEX_VOCABULARIES)),
  rows: z.enum(ROWS),
  formulas: z.enum(['exact', 'guarded']),
  blankBib: z.string().max(20),
  ids: z.enum(['plain', 'namespaced']),
} as const

export type OptionName = keyof typeof EXPORT_OPTIONS
export type GivenOptions = { readonly [name in OptionName]?: string | undefined }

/** Options that mean something to other shapes than delimited text. */
const OF_SHAPE: Readonly<Record<'json' | 'xlsx', readonly OptionName[]>> = {
  json: ['sex', 'rows', 'ids'],
  xlsx: ['sex', 'rows', 'ids', 'blankBib'],
}

/** An option that a person can choose for a format. */
export interface OptionChoice {
  name: OptionName
  /** What it may be; null for any short text. */
  values: readonly string[] | null
  /** What the format's importer wants. */
  preset: string
}

/** What can be chosen for a format, with what happens by default; without what changes nothing in its files. */
export function choicesOf(format: FormatName): OptionChoice[] {
  const { shape, columns, defaults } = FORMATS[format]
  const kinds = new Set<Kind>(columns.map(([, source]) => SOURCES[source].kind))
  const needs: { readonly [name in OptionName]?: Kind } = { sex: 'sex', dateOrder: 'date', blankBib: 'bib' }
  const presets: Record<OptionName, string> = {
    ...defaults,
    ...{ bom: defaults.bom ? 'yes' : 'no', dateOrder: defaults.dates },
  }
  return (Object.keys(EXPORT_OPTIONS) as OptionName[])
    .filter((name) => shape === 'delimited' || OF_SHAPE[shape].includes(name))
    .filter((name) => needs[name] === undefined || kinds.has(needs[name]))
    .map((name) => {
      const known = EXPORT_OPTIONS[name]
      return { name, values: 'options' in known ? known.options : null, preset: presets[name] }
    })
}

/** Other names of formats. */
const ALIASES: Readonly<Record<string, FormatName>> = { runscore: 'generic', racedirector: 'generic' }

/**
 * A format by its name.
 * @throws StartlistError BAD_INPUT
 */
export function formatNamed(text: string): FormatName {
  const name = text.toLowerCase().replace(/[\s_-]/g, '')
  const found =
    FORMAT_NAMES.find((known) => known === name) ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined)
  if (found !== undefined) return found
  throw new StartlistError('BAD_INPUT', `"${text}" is no format`, {
    hint: `It is one of ${[...FORMAT_NAMES, ...Object.keys(ALIASES)].join(', ')}.`,
  })
}

/**
 * A format's options: what was given, else what its importer wants.
 * @param spell how the reader of an error writes the option, such as `--date-order`
 * @throws StartlistError BAD_INPUT
 */
export function exportOptions(
  format: FormatName,
  given: GivenOptions,
  spell: (name: OptionName) => string,
): FormatOptions {
  const { defaults, shape } = FORMATS[format]
  for (const name of Object.keys(EXPORT_OPTIONS) as OptionName[]) {
    if (given[name] === undefined) continue
    if (shape !== 'delimited' && !OF_SHAPE[shape].includes(name))
      throw new StartlistError('BAD_INPUT', `${spell(name)} means nothing to ${format}`)
  }
  const read = <T extends OptionName>(name: T): z.infer<(typeof EXPORT_OPTIONS)[T]> | undefined => {
    if (given[name] === undefined) return undefined
    const parsed = (EXPORT_OPTIONS[name] as z.ZodType).safeParse(given[name])
    if (parsed.success) return parsed.data as z.infer<(typeof EXPORT_OPTIONS)[T]>
    const known = EXPORT_OPTIONS[name]
    const hint =
      'options' in known ? `It is one of ${known.options.join(', ')}.` : 'Twenty characters at most.'
    throw new StartlistError('BAD_INPUT', `"${given[name]}" is nothing that ${spell(name)} takes`, { hint })
  }
  const bom = read('bom')
  const options: FormatOptions = {
    delimiter: read('delimiter') ?? defaults.delimiter,
    encoding: read('encoding') ?? defaults.encoding,
    bom: bom === undefined ? defaults.bom : bom === 'yes',
    dates: read('dateOrder') ?? defaults.dates,
    sex: read('sex') ?? defaults.sex,
    rows: read('rows') ?? defaults.rows,
    formulas: read('formulas') ?? defaults.formulas,
    blankBib: read('blankBib') ?? defaults.blankBib,
    ids: read('ids') ?? defaults.ids,
  }
  if (options.encoding === 'windows-1252' && bom === 'yes')
    throw new StartlistError('BAD_INPUT', `${spell('bom')} means nothing to windows-1252`)
  return options
}
