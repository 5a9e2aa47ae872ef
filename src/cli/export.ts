import { isatty } from 'node:tty'
import { StartlistError } from '../domain/errors.ts'
import type { StartListState } from '../domain/start-list.ts'
import type { FormatOptions } from '../export/format.ts'
import { FORMAT_NAMES, FORMATS, type FormatName } from '../export/formats.ts'
import { exportOptions, formatNamed, type GivenOptions, type OptionName } from '../export/options.ts'
import { remarksOf } from '../export/tally.ts'
import { type Contents, startListWriter } from '../export/writer.ts'
import type { Db } from '../store/database.ts'
import { addMark } from '../store/feed/marks.ts'
import { type ChangedSince, openStartList, type StartListSnapshot } from '../store/start-list/snapshot.ts'
import type { Cli, Command } from './cli.ts'
import type { ExitCode } from './exit.ts'
import { markName, optionalId, providerOption } from './options.ts'
import { withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age } from './times.ts'
import { writeWhole } from './write-file.ts'

export interface ExportOptions extends GivenOptions {
  list?: boolean
  event?: string
  format?: string
  partner?: string
  provider?: string
  out?: string
  after?: string
  since?: string
  mark?: string
  withdrawn?: boolean
  withdrawnOut?: string
}

/** `export`: writes an event's start list as a timing program reads it, from one snapshot. */
export const exportList: Command<ExportOptions> = async (cli, options) => {
  if (options.list) return listFormats(cli)
  const { event: eventId, format: named } = options
  if (eventId === undefined || named === undefined)
    throw new StartlistError('USAGE', 'export wants --event and --format, or --list')
  const format = formatNamed(named)
  const chosen = exportOptions(format, options, spell)
  assertWritable(cli, options, format)
  const partnerId = optionalId(options.partner, '--partner')
  const of = {
    eventId,
    ...(partnerId === undefined ? {} : { partnerId }),
    ...(options.provider === undefined ? {} : { provider: providerOption(options.provider) }),
  }
  const changed = changedSince(options)
  const mark = options.mark === undefined ? null : markName(options.mark, '--mark')
  return withSession(cli, {}, async ({ db, clock }) => {
    const list = await openStartList(db, of, changed)
    const contents = (which: Contents['which']): Contents => ({ state: list.state, which, after: list.after })
    try {
      const which = options.withdrawn ? 'withdrawn' : 'listed'
      let exit = await writeFile(cli, {
        list,
        format,
        options: chosen,
        contents: contents(which),
        file: options.out,
      })
      if (options.withdrawnOut !== undefined) {
        const file = options.withdrawnOut
        const gone = await writeFile(cli, {
          list,
          format,
          options: chosen,
          contents: contents('withdrawn'),
          file,
        })
        exit = gone === 0 ? exit : gone
      }
      if (mark !== null) await setMark(db, list.state, mark)
      tellState(cli, list, clock.now())
      return exit
    } finally {
      await list.close()
    }
  })
}

function changedSince({ after, since }: ExportOptions): ChangedSince {
  if (after !== undefined && since !== undefined)
    throw new StartlistError('USAGE', 'give --after or --since, not both')
  return {
    after: after === undefined ? undefined : positionOption(after),
    since: since === undefined ? undefined : markName(since, '--since'),
  }
}

/** Behind the last change that is in the files: nothing that comes meanwhile is lost between two exports. */
async function setMark(db: Db, { event, position }: StartListState, name: string): Promise<void> {
  const { provider, partnerId, listId: eventId } = event
  await addMark(db, { provider, partnerId, eventId }, name, { position, move: true })
}

/** How an option is typed: `--date-order`. */
export const spell = (name: OptionName): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function positionOption(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new StartlistError('BAD_INPUT', `--after is a position of the feed such as 812, not "${text}"`)
}

/** Before anything is opened: a file on standard output leaves no room for JSON lines, nor a workbook for a terminal. */
export function assertWritable(
  { out }: Cli,
  { out: file, withdrawn, withdrawnOut }: ExportOptions,
  format: FormatName,
): void {
  if (withdrawn && withdrawnOut !== undefined)
    throw new StartlistError('USAGE', 'give --withdrawn or --withdrawn-out, not both')
  if (file !== undefined) {
    if (file === withdrawnOut)
      throw new StartlistError('USAGE', '--out and --withdrawn-out name the same file')
    return
  }
  if (out.json) throw new StartlistError('USAGE', 'with --json, the file needs a name: give --out')
  if (FORMATS[format].shape === 'xlsx' && isatty(1))
    throw new StartlistError('USAGE', 'a workbook is not for a terminal: give --out')
}

interface OneFile {
  list: Pick<StartListSnapshot, 'lines' | 'state'>
  format: FormatName
  options: FormatOptions
  contents: Contents
  /** Undefined for standard output. */
  file: string | undefined
}

/** @returns 3 when somebody who belongs into the file is not in it */
export async function writeFile(
  cli: Cli,
  { list, format, options, contents, file }: OneFile,
): Promise<ExitCode> {
  const writer = startListWriter(format, options, contents)
  const { which, after } = contents
  const pieces = untilStopped(
    cli,
    writer.write(list.lines({ fields: writer.fields, leavers: writer.leavers, which })),
  )
  const bytes = file === undefined ? await writeOut(cli, pieces) : await writeWhole(file, pieces)
  const { count: _, ...counts } = writer.tally
  const { position, at, bibsAsOf } = list.state
  if (file !== undefined)
    cli.out.record({ kind: 'export', format, file, which, after, position, at, bibsAsOf, bytes, ...counts })
  const what = which === 'listed' ? '' : ', withdrawn'
  cli.out.note(
    `${file ?? FORMATS[format].title}: ${counts.rows} ${counts.rows === 1 ? 'row' : 'rows'}${what}.`,
  )
  for (const remark of remarksOf(writer.tally, options.formulas)) cli.out.note(remark)
  return counts.unentered > 0 ? 3 : 0
}

/** Nobody takes half of a start list for a whole one: what is cut off ends with an error. */
export async function* untilStopped(
  { signal }: Cli,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    signal.throwIfAborted()
    yield piece
  }
}

export async function writeOut({ out }: Cli, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const piece of pieces) {
    await out.write(piece)
    bytes += piece.length
  }
  return bytes
}

function tellState({ out }: Cli, { state }: Pick<StartListSnapshot, 'state'>, now: number): void {
  const { event, registrations, position, bibsAsOf } = state
  const bibs = bibsAsOf === null ? '' : ` Bibs as of ${age(Date.parse(bibsAsOf), now)} ago.`
  out.note(`${event.name}: ${registrations} registrations up to position ${position} of its feed.${bibs}`)
  out.note(`What changes from now on: --after ${position}.`)
}

const COLUMNS: Column[] = [
  { head: 'Format' },
  { head: 'For', shrink: true, least: 20 },
  { head: 'File' },
  { head: 'Delimiter' },
  { head: 'Encoding' },
  { head: 'Dates' },
  { head: 'Sex' },
  { head: 'Rows' },
  { head: 'Formulas' },
]

function listFormats({ out }: Cli): ExitCode {
  for (const name of FORMAT_NAMES) {
    const { title, extension, defaults, columns } = FORMATS[name]
    out.record({ format: name, title, extension, ...defaults, columns: columns.map(([head]) => head) })
  }
  out.table(COLUMNS, FORMAT_NAMES.map(rowOf))
  out.line('runscore and racedirector are other names of generic. Each column after File is an option.')
  return 0
}

function rowOf(name: FormatName): Cell[] {
  const { title, extension, shape, defaults } = FORMATS[name]
  const isText = shape === 'delimited'
  const { delimiter, encoding, bom, dates, sex, rows, formulas } = defaults
  return [
    name,
    title,
    extension,
    isText ? delimiter : '',
    isText ? `${encoding}${bom ? ' bom' : ''}` : '',
    isText ? dates : '',
    sex,
    rows,
    isText ? formulas : '',
  ]
}
