import { StartlistError } from '../domain/errors.ts'
import { exportOptions, formatNamed } from '../export/options.ts'
import { freezeStartList } from '../store/freezes/create.ts'
import { frozenDocument } from '../store/freezes/document.ts'
import { type OpenFreeze, openFreeze } from '../store/freezes/open.ts'
import { type DamagedFreeze, type Freeze, findFreeze, listFreezes } from '../store/freezes/read.ts'
import { type Verdict, verifyFreeze } from '../store/freezes/verify.ts'
import type { Cli, Command } from './cli.ts'
import { decider } from './decider.ts'
import type { ExitCode } from './exit.ts'
import { assertWritable, type ExportOptions, spell, untilStopped, writeFile, writeOut } from './export.ts'
import { idOption, optionalId, providerOption } from './options.ts'
import { withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age } from './times.ts'
import { writeWhole } from './write-file.ts'

export interface FreezeOptions {
  event?: string
  partner?: string
  provider?: string
  by?: string
}

/** `freeze`: keeps a start list as it stands now, signed. */
export const freeze: Command<FreezeOptions> = (cli, options) => {
  const { event: eventId } = options
  if (eventId === undefined) throw new StartlistError('USAGE', 'freeze wants --event')
  const by = decider(options.by)
  return withSession(cli, {}, async ({ db, key }) => {
    const id = await freezeStartList(db, { eventId, ...only(options) }, { by, key })
    const made = await findFreeze(db, id)
    cli.out.record(recordOf(made))
    cli.out.line(
      `Freeze ${id}: ${made.rows} registrations of ${made.state.event.name}, SHA-256 ${made.sha256.toString('hex')}.`,
    )
    if (made.state.pending > 0)
      cli.out.note(`The details of ${made.state.pending} are pending: their bibs are not known yet.`)
    cli.out.note(`startlist freeze export ${id} writes it again, whatever becomes of the registrations.`)
    return 0
  })
}

function only({ partner, provider }: FreezeOptions): { partnerId?: number; provider?: string } {
  const partnerId = optionalId(partner, '--partner')
  return {
    ...(partnerId === undefined ? {} : { partnerId }),
    ...(provider === undefined ? {} : { provider: providerOption(provider) }),
  }
}

/** `freeze list`: what was frozen, newest first. */
export const list: Command<FreezeOptions> = (cli, options) =>
  withSession(cli, {}, async ({ db, clock }) => {
    const freezes = await listFreezes(db, { eventId: options.event, ...only(options) })
    for (const one of freezes) cli.out.record(recordOf(one))
    if (freezes.length === 0) cli.out.line('No start list was frozen.')
    else
      cli.out.table(
        COLUMNS,
        freezes.map((one) => rowOf(one, clock.now())),
      )
    return 0
  })

/** `freeze verify`: 0 as it was signed, 3 as it was signed but for what privacy took out, 1 something else changed it. */
export const verify: Command<{ id: string }> = (cli, { id }) =>
  withSession(cli, {}, async ({ db }) => {
    const found = await findFreeze(db, idOption(id, 'the freeze'))
    const verdict = await verifyFreeze(db, found)
    cli.out.record({ ...recordOf(found), ...verdict })
    for (const fault of verdict.faults) cli.out.line(fault)
    cli.out.line(verdictText(found, verdict))
    return exitOfVerdict(found, verdict)
  })

function exitOfVerdict({ rows }: Freeze, { genuine, intact }: Verdict): ExitCode {
  if (!genuine) return 1
  return intact === rows ? 0 : 3
}

function verdictText({ freezeId, rows }: Freeze, { genuine, intact, erased }: Verdict): string {
  if (!genuine) return `Freeze ${freezeId} was changed: do not rely on it.`
  const taken = [
    [erased.forget, 'forgotten people'],
    [erased.retention, 'people whose time was over'],
    [erased.kept, 'what the timing partner does not keep any more'],
  ] as const
  const without = taken.filter(([count]) => count > 0).map(([count, what]) => `${count} without ${what}`)
  if (without.length === 0)
    return `Freeze ${freezeId} is genuine: ${rows} of ${rows} rows are as they were signed.`
  return `Freeze ${freezeId} is genuine: ${intact} of ${rows} rows are as they were signed, ${without.join(', ')}.`
}

export interface FreezeExportOptions extends ExportOptions {
  id: string
  signature?: boolean
}

/** `freeze export`: the document that was signed, its signature, or the list as a timing program reads it. */
export const exportFreeze: Command<FreezeExportOptions> = async (cli, options) => {
  const freezeId = idOption(options.id, 'the freeze')
  const format = options.format === undefined ? null : formatNamed(options.format)
  if (format !== null && options.signature)
    throw new StartlistError('USAGE', 'give --format or --signature, not both')
  const chosen = format === null ? null : exportOptions(format, options, spell)
  assertWritable(cli, options, format ?? 'json')
  return withSession(cli, {}, async ({ db }) => {
    const opened = await openFreeze(db, freezeId)
    try {
      const { freeze: found, lines } = opened
      const verdict = await verifyFreeze(opened.trx, found)
      if (!verdict.genuine) throw new StartlistError('FREEZE_BROKEN', `freeze ${freezeId} was changed`)
      cli.out.note(verdictText(found, verdict))
      if (format === null || chosen === null) return await writePlain(cli, opened, options)
      const { state } = found
      const contents = { state, which: 'listed', after: null } as const
      const file = { format, options: chosen, contents, file: options.out }
      return await writeFile(cli, { list: { state, lines }, ...file })
    } finally {
      await opened.close()
    }
  })
}

async function writePlain(
  cli: Cli,
  { freeze: found, trx }: OpenFreeze,
  { out: file, signature }: FreezeExportOptions,
): Promise<ExitCode> {
  const pieces = untilStopped(
    cli,
    signature ? encoded([`${found.signature}\n`]) : encoded(frozenDocument(trx, found)),
  )
  const bytes = file === undefined ? await writeOut(cli, pieces) : await writeWhole(file, pieces)
  if (file !== undefined) cli.out.record({ ...recordOf(found), file, bytes })
  return 0
}

async function* encoded(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text)
}

function recordOf(freeze: Freeze | DamagedFreeze): object {
  const { freezeId, frozenAt, frozenBy, state, rows, erased } = freeze
  const sha256 = freeze.sha256.toString('hex')
  const at = frozenAt === null ? null : new Date(frozenAt).toISOString()
  const kept = { freezeId, frozenAt: at, frozenBy, rows, erased, sha256 }
  if (state === null) {
    const { partnerId, eventId } = freeze
    return { ...kept, damaged: true, partnerId, eventId }
  }
  const { provider, partnerId, eventId, name } = state.event
  const { position, pending, bibsAsOf } = state
  return { ...kept, provider, partnerId, eventId, event: name, position, pending, bibsAsOf }
}

const COLUMNS: Column[] = [
  { head: 'Freeze', align: 'right' },
  { head: 'Event', shrink: true, least: 12 },
  { head: 'Made', align: 'right' },
  { head: 'By', shrink: true },
  { head: 'Rows', align: 'right' },
  { head: 'Erased', align: 'right', optional: true },
  { head: 'Position', align: 'right' },
  { head: 'SHA-256' },
  { head: 'P', align: 'right', optional: true },
]

function rowOf(freeze: Freeze | DamagedFreeze, now: number): Cell[] {
  const { freezeId, frozenAt, frozenBy, state, rows, erased, sha256 } = freeze
  return [
    String(freezeId),
    state === null ? { text: `damaged (${freeze.eventId})`, style: 'red' } : state.event.name,
    frozenAt === null ? '?' : age(frozenAt, now),
    frozenBy,
    String(rows),
    erased === 0 ? '' : { text: String(erased), style: 'yellow' },
    state === null ? '?' : String(state.position),
    sha256.toString('hex').slice(0, 16),
    String(state === null ? freeze.partnerId : state.event.partnerId),
  ]
}
