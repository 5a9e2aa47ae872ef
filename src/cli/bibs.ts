import { readFileSync } from 'node:fs'
import { assignBibs, type BibResult } from '../bibs/assign.ts'
import { readBibFile, type WantedBib } from '../bibs/file.ts'
import { nameOf, type PlannedBib } from '../bibs/plan.ts'
import { readBib } from '../domain/bib.ts'
import { StartlistError } from '../domain/errors.ts'
import { bibConflicts } from '../store/bibs/conflicts.ts'
import { type BibList, bibLists } from '../store/bibs/lists.ts'
import { peopleByKey } from '../store/bibs/people.ts'
import type { Db } from '../store/database.ts'
import type { Cli, Command } from './cli.ts'
import { optionalId, textOption } from './options.ts'
import { withSession } from './session.ts'
import { type Cell, type Column, oneLine } from './table.ts'

interface OfEvent {
  event: string
  partner?: string
}

export interface SetBibOptions extends OfEvent {
  participant: string
  bib: string
  allowDuplicates?: boolean
}

/** `bibs set`: one registration's local bib; empty takes it back. */
export const setBib: Command<SetBibOptions> = (cli, options) => {
  const registration = textOption(options.participant, '--participant')
  const bib = readBib(options.bib)
  if (bib === undefined) throw new StartlistError('BAD_INPUT', '--bib has at most 20 characters')
  return withSession(cli, {}, async ({ db }) => {
    const all = await listsOf(db, options)
    const list = await oneList(db, all, registration)
    const wanted: WantedBib[] = [{ line: 0, registration, person: null, bib }]
    const allowDuplicates = options.allowDuplicates === true
    const result = await assignBibs(db, list, { wanted, takesBack: true, allowDuplicates, preview: false })
    const [line] = result.lines
    if (line === undefined || line.outcome === 'unknown')
      throw new StartlistError(
        'NO_SUCH_PARTICIPANT',
        `event ${options.event} has no registration ${registration}`,
      )
    if (line.outcome === 'gone')
      throw new StartlistError('BIB_CONFLICT', `registration ${registration} is cancelled or removed`, {
        hint: 'No bib was changed.',
      })
    if (line.outcome === 'conflict')
      throw new StartlistError('BIB_CONFLICT', `bib ${bib} is taken by registration ${line.with.join(', ')}`)
    cli.out.record({ kind: 'bib', ...recordOf(line), runId: result.runId })
    cli.out.line(`${oneLine(line.name ?? '')} (${registration}): ${becameOf(line)}.${undoText(result)}`)
    return 0
  })
}

export interface ImportBibsOptions extends OfEvent {
  file: string
  dryRun?: boolean
  allowDuplicates?: boolean
}

/** `bibs import`: many at once, all of the file or nothing. */
export const importBibs: Command<ImportBibsOptions> = (cli, options) =>
  withSession(cli, {}, async ({ db }) => {
    const wanted = readBibFile(readFile(options.file))
    const [list, ...others] = await listsOf(db, options)
    if (list === undefined || others.length > 0) throw severalError(options.event)
    const preview = options.dryRun === true
    const allowDuplicates = options.allowDuplicates === true
    const result = await assignBibs(db, list, { wanted, takesBack: false, allowDuplicates, preview })
    tellPlan(cli, result, preview)
    if (result.blocked && !preview)
      throw new StartlistError('BIB_CONFLICT', `nothing of ${options.file} was stored`)
    return result.blocked ? 3 : 0
  })

/** `bibs conflicts`: bibs of several people, and people of two bibs. */
export const showConflicts: Command<OfEvent> = (cli, options) =>
  withSession(cli, {}, async ({ db }) => {
    const lists = await listsOf(db, options)
    let count = 0
    for (const list of lists) {
      const conflicts = await bibConflicts(db, list, { most: MOST_CONFLICTS })
      count += conflicts.length
      for (const one of conflicts)
        cli.out.record({ provider: list.provider, partnerId: list.partnerId, ...one })
      if (conflicts.length === 0) continue
      if (lists.length > 1) cli.out.line(`${list.partner} (${list.partnerId})`)
      cli.out.table(
        CONFLICTS,
        conflicts.map((one): Cell[] => [
          one.bib,
          oneLine(nameOf(one)),
          one.key,
          one.live ? '' : { text: one.status, style: 'yellow' },
          one.providerBib ?? '',
          one.localBib ?? '',
          one.kind === 'twice' ? 'held by several' : `${list.bibAuthority} bibs count`,
        ]),
      )
    }
    if (count === 0) cli.out.line('No bib is held twice, and nobody has two.')
    return 0
  })

const MOST_CONFLICTS = 10_000

/** Every timing partner's list of the event that is meant. */
async function listsOf(db: Db, { event, partner }: OfEvent): Promise<BibList[]> {
  const lists = await bibLists(db, { eventId: event, partnerId: optionalId(partner, '--partner') })
  if (lists.length === 0) throw new StartlistError('NO_SUCH_EVENT', `there is no event ${event}`)
  return lists
}

/** A local bib is one timing partner's: where several have the registration, a person has to say whose. */
async function oneList(db: Db, lists: readonly BibList[], registration: string): Promise<BibList> {
  const [only] = lists
  if (only !== undefined && lists.length === 1) return only
  const having: BibList[] = []
  for (const list of lists) if ((await peopleByKey(db, list, [registration])).length > 0) having.push(list)
  const [first, ...others] = having
  if (first === undefined)
    throw new StartlistError(
      'NO_SUCH_PARTICIPANT',
      `no timing partner has a registration ${registration} here`,
    )
  if (others.length > 0) throw severalError(first.name)
  return first
}

const severalError = (event: string) =>
  new StartlistError('BAD_INPUT', `several timing partners have ${event}, each with bibs of its own`, {
    hint: 'Say whose with --partner.',
  })

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StartlistError('BAD_INPUT', `${path} cannot be read`, { cause: error })
  }
}

function recordOf({ outcome, asked, key, name, bib, before, after, with: others }: PlannedBib): object {
  return { outcome, asked, registration: key, name, bib, before, after, with: others }
}

/** What became of a registration's bib, in words. */
function becameOf({ outcome, bib, before, after }: PlannedBib): string {
  if (outcome === 'same') return after === null ? 'has no bib of yours' : `has bib ${after} already`
  if (bib !== null && after !== bib)
    return `bib ${bib} is kept, and the provider's ${after} counts (startlist events set --bib-authority local)`
  return `bib ${before ?? 'none'} -> ${after ?? 'none'}`
}

const undoText = ({ runId }: BibResult) => (runId === null ? '' : ` startlist undo ${runId} takes it back.`)

/** Lines of each kind that a person is shown; all of them are in `--json`. */
const MOST_SHOWN = 20
const ORDER = ['conflict', 'ambiguous', 'unknown', 'gone', 'give'] as const
const SAID = {
  conflict: 'conflict',
  ambiguous: 'ambiguous',
  unknown: 'unknown',
  gone: 'cancelled',
  give: 'gets it',
} as const satisfies Record<(typeof ORDER)[number], string>

function tellPlan({ out }: Cli, result: BibResult, preview: boolean): void {
  const { lines } = result
  for (const line of lines) out.record({ kind: 'bib', line: line.line, ...recordOf(line) })
  const of = (outcome: PlannedBib['outcome']) => lines.filter((line) => line.outcome === outcome)
  const rows = ORDER.flatMap((outcome) => {
    const all = of(outcome)
    const shown = all.slice(0, MOST_SHOWN).map((line): Cell[] => rowOf(line, SAID[outcome]))
    const more = all.length - shown.length
    return more > 0 ? [...shown, ['', SAID[outcome], '', `and ${more} more`, '', '', '']] : shown
  })
  if (rows.length > 0) out.table(PLAN, rows)
  const counts = {
    ...{ give: of('give').length, same: of('same').length, gone: of('gone').length },
    ...{ unknown: of('unknown').length, ambiguous: of('ambiguous').length, conflict: of('conflict').length },
  }
  const { runId, changed, blocked } = result
  out.record({ kind: 'bibs', preview, blocked, runId, changed, ...counts })
  const parts = [
    ...[`${counts.give} to give`, `${counts.same} as they are`, `${counts.gone} cancelled`],
    ...[`${counts.unknown} unknown`, `${counts.ambiguous} ambiguous`, `${counts.conflict} in conflict`],
  ]
  out.line(`${lines.length} lines: ${parts.filter((part) => !part.startsWith('0 ')).join(', ')}.`)
  if (preview) out.line('Nothing was stored: this is a preview.')
  else if (!blocked) out.line(`${changed} bibs were stored.${undoText(result)}`)
}

function rowOf(line: PlannedBib, said: string): Cell[] {
  return [
    String(line.line),
    line.outcome === 'give' ? said : { text: said, style: line.outcome === 'gone' ? 'yellow' : 'red' },
    line.bib ?? '',
    oneLine(line.name ?? (line.key === null ? (line.asked ?? '') : '')),
    line.key ?? '',
    line.outcome === 'give' ? `${line.before ?? 'none'} -> ${line.after ?? 'none'}` : (line.before ?? ''),
    line.with.length > 0 ? line.with.join(', ') : hiddenText(line),
  ]
}

const hiddenText = ({ outcome, bib, after }: PlannedBib) =>
  outcome === 'give' && after !== bib ? "the provider's counts" : ''

const PLAN: Column[] = [
  { head: 'Line', align: 'right' },
  { head: 'What' },
  { head: 'Bib', align: 'right' },
  { head: 'Name', shrink: true, least: 12 },
  { head: 'Registration', align: 'right' },
  { head: 'Bib now' },
  { head: 'With', shrink: true, optional: true },
]

const CONFLICTS: Column[] = [
  { head: 'Bib', align: 'right' },
  { head: 'Name', shrink: true, least: 12 },
  { head: 'Registration', align: 'right' },
  { head: 'Status', optional: true },
  { head: "Provider's", align: 'right' },
  { head: 'Yours', align: 'right' },
  { head: 'Why', shrink: true, least: 10 },
]
