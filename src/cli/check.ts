import { type CheckFinding, checkList, FOUND_HEADS, foundCells, streamFinding } from '../check/check-list.ts'
import { FINDING_CODES, findingCode } from '../check/codes.ts'
import { StartlistError } from '../domain/errors.ts'
import { type BibList, bibLists } from '../store/bibs/lists.ts'
import type { Db, Trx } from '../store/database.ts'
import type { Cli, Command } from './cli.ts'
import { csvLines } from './csv.ts'
import { optionalId } from './options.ts'
import { withSession } from './session.ts'
import { type Cell, type Column, oneLine } from './table.ts'

export interface CheckOptions {
  event: string
  partner?: string
  csv?: string
}

/** People of a finding that a person is shown; `--csv` has them all. */
const MOST_SHOWN = 5
/** And that a program is. */
const MOST_TOLD = 1_000

/** `check`: is an event's start list right? Exit code 3 while there is a problem. */
export const check: Command<CheckOptions> = (cli, options) => {
  const partnerId = optionalId(options.partner, '--partner')
  if (options.csv !== undefined && cli.out.json)
    throw new StartlistError('USAGE', 'give --csv or --json, not both')
  const code = options.csv === undefined ? undefined : findingCode(options.csv)
  if (options.csv !== undefined && code === undefined)
    throw new StartlistError('BAD_INPUT', `"${options.csv}" is no finding`, {
      hint: `It is one of ${FINDING_CODES.join(', ')}.`,
    })
  return withSession(cli, {}, ({ db }) =>
    readOnly(db, async (trx) => {
      const lists = await bibLists(trx, { eventId: options.event, partnerId })
      if (lists.length === 0) throw new StartlistError('NO_SUCH_EVENT', `there is no event ${options.event}`)
      if (code !== undefined) {
        await cli.out.write(csvLines([FOUND_HEADS]))
        for (const list of lists)
          for await (const batch of streamFinding(trx, list, code)) {
            cli.signal.throwIfAborted()
            await cli.out.write(csvLines(batch.map((person) => foundCells(list, person))))
          }
        return 0
      }
      let problems = 0
      for (const list of lists) {
        const { people, findings } = await checkList(trx, list, cli.out.json ? MOST_TOLD : MOST_SHOWN)
        problems += findings.filter(({ severity }) => severity === 'problem').length
        tell(cli, list, people, findings)
      }
      return problems > 0 ? 3 : 0
    }),
  )
}

const readOnly = <T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)

function tell({ out }: Cli, list: BibList, people: number, findings: readonly CheckFinding[]): void {
  const { provider, partnerId, listId } = list
  for (const finding of findings)
    out.record({ kind: 'finding', provider, partnerId, eventId: listId, ...finding })
  const problems = findings.filter(({ severity }) => severity === 'problem').length
  out.record({
    ...{ kind: 'check', provider, partnerId, eventId: listId, people },
    ...{ problems, warnings: findings.length - problems },
  })
  const warnings = findings.length - problems
  const named = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
  const verdict =
    findings.length === 0
      ? 'nothing to mend'
      : [problems > 0 ? named(problems, 'problem') : '', warnings > 0 ? named(warnings, 'warning') : '']
          .filter((part) => part !== '')
          .join(', ')
  out.line(`${oneLine(list.name)}, ${oneLine(list.partner)}: ${people} people, ${verdict}.`)
  for (const finding of findings) tellFinding(out, finding)
}

function tellFinding(out: Cli['out'], { code, severity, sentence, count, people }: CheckFinding): void {
  out.line()
  out.line(`${out.paint(severity === 'problem' ? 'red' : 'yellow', severity)}  ${code}: ${sentence}`)
  out.table(
    COLUMNS,
    people.map(({ bib, name, registration, note }): Cell[] => [
      bib ?? '-',
      oneLine(name),
      registration,
      note,
    ]),
  )
  if (count > people.length) out.line(`and ${count - people.length} more: --csv ${code} lists all.`)
}

const COLUMNS: Column[] = [
  { head: 'Bib', align: 'right' },
  { head: 'Name', shrink: true, least: 12 },
  { head: 'Registration', align: 'right' },
  { head: 'Note', optional: true, shrink: true },
]
