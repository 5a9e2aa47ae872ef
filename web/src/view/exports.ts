/** Files for timing programs, and lists that were frozen, in words. Pure. */
import { clock } from './times.ts'
import { count, label } from './words.ts'

/** A file format. */
export interface ExportFormat {
  name: string
  /** who reads it, with how the file's name ends */
  title: string
  options: readonly ExportOption[]
}

/** Something that can be said of a format's files. */
export interface ExportOption {
  name: string
  /** null for any short text */
  values: readonly string[] | null
  /** what the format's importer wants */
  preset: string
}

const LABELS: Readonly<Record<string, string>> = {
  delimiter: 'Between two cells',
  encoding: 'Encoding',
  bom: 'Byte order mark',
  dateOrder: 'Dates',
  sex: 'Sex',
  rows: 'A row for each',
  formulas: 'Cells like formulas',
  blankBib: 'Instead of no bib',
  ids: 'Ids',
}

const VALUES: Readonly<Record<string, string>> = {
  'encoding utf-8': 'UTF-8',
  'encoding utf-16le': 'UTF-16',
  'encoding windows-1252': 'Windows-1252',
  'dateOrder ymd': '1990-02-03',
  'dateOrder mdy': '02/03/1990, m/d/y',
  'dateOrder dmy': '03/02/1990, d/m/y',
  'sex provider': 'as the provider says it',
  'rows entry': 'category entered',
  'formulas exact': 'as they are',
  'formulas guarded': 'guarded',
  'ids plain': 'R1234',
  'ids namespaced': 'haku-R1234',
}

export const optionLabel = (name: string): string => LABELS[name] ?? label(name)

/** A value as a person reads it. */
export const valueText = (name: string, value: string): string =>
  VALUES[`${name} ${value}`] ?? (value === '' ? 'nothing' : value)

/** What an importer is given unless something else is chosen: `comma, UTF-8, byte order mark, 1990-02-03, m/f/x`. */
export function presetsText(options: readonly ExportOption[]): string {
  const shown = ['delimiter', 'encoding', 'bom', 'dateOrder', 'sex']
  return options
    .filter(({ name, preset }) => shown.includes(name) && !(name === 'bom' && preset === 'no'))
    .map(({ name, preset }) =>
      name === 'bom' ? 'byte order mark' : (valueText(name, preset).split(', ')[0] ?? ''),
    )
    .join(', ')
}

/**
 * What is asked for beside a format's own presets.
 * @param chosen by option; one that the format has not is left out
 */
export function chosenOf(
  options: readonly ExportOption[],
  chosen: Readonly<Record<string, string>>,
): Record<string, string> {
  const isPlain = (chosen.encoding ?? '') === 'windows-1252'
  return Object.fromEntries(
    options
      .filter(({ name, preset }) => chosen[name] !== undefined && chosen[name] !== preset)
      // That encoding has none, and saying so twice would be refused.
      .filter(({ name }) => !(name === 'bom' && isPlain))
      .map(({ name }) => [name, chosen[name] ?? '']),
  )
}

/** What a file is of, as it was when it was asked for. Instants in ms. */
export interface FileFacts {
  at: number
  /** of the change feed: up to there it goes */
  position: number
  registrations: number
  /** whose details, and so perhaps bibs, are not read yet */
  pending: number
}

/** `The list as of 06:41:20 EST: 240 registrations.` */
export function factsText({ at, registrations }: FileFacts, zone: string | null): string {
  return `The list as of ${clock(at, zone, 'seconds')}: ${count(registrations, 'registration')}.`
}

/** A signed start list, as it was; nothing of what is null can be told any more. */
export interface Freeze {
  id: number
  at: number | null
  by: string
  rows: number
  /** rows that privacy took something out of since */
  erased: number
  sha256: string
  /** somebody changed it in the database: no file can be had */
  isDamaged: boolean
}
