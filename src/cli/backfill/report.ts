import type { CallPurpose } from '../../domain/account.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { AccountBackfill } from '../../scheduler/backfill/account.ts'
import { openHolds } from '../../store/holds.ts'
import { countEvents } from '../../store/overview/events.ts'
import { listPartners } from '../../store/partners.ts'
import type { SyncLine } from '../../sync/event-sync.ts'
import { type Choice, type ChosenAccount, inTime, reportAccount } from '../accounts.ts'
import type { Cli } from '../cli.ts'
import { type ExitCode, exitOf, foldExit } from '../exit.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'
import type { Column } from '../table.ts'
import { untilText } from '../times.ts'
import { wrapLine } from '../wrap.ts'

/** What a backfill did and left, per timing partner and in all; the exit code that is true of it. */

interface Result {
  account: ChosenAccount
  result: PromiseSettledResult<AccountBackfill>
}

interface Done {
  account: ChosenAccount
  backfill: AccountBackfill
  lines: SyncLine[]
}

const COLUMNS: Column[] = [
  { head: 'Partner', shrink: true, least: 12 },
  { head: 'Events', align: 'right' },
  { head: 'People', align: 'right' },
  { head: 'New', align: 'right' },
  { head: 'Changed', align: 'right' },
  { head: 'Same', align: 'right' },
  { head: 'Rejected', align: 'right' },
  { head: 'Deferred', align: 'right' },
]

/** @returns 0 when nothing is left, 3 when something is, 1 when something failed */
export async function report(
  cli: Cli,
  session: Session,
  results: readonly Result[],
  choice: Choice,
): Promise<ExitCode> {
  const done: Done[] = []
  const codes: ExitCode[] = []
  for (const { account, result } of results) {
    if (result.status === 'rejected') codes.push(reportAccount(cli, account, result.reason))
    else done.push({ account, backfill: result.value, lines: await linesOf(session, account, result.value) })
  }
  const chosen = (line: SyncLine) => choice.partnerId === undefined || line.partnerId === choice.partnerId
  const lines = done.flatMap((one) => one.lines).filter(chosen)
  for (const line of lines) cli.out.record(line)
  const participants = await tellPartners(cli, session, done, lines).catch(() => 0)
  for (const one of done) codes.push(await tellTroubles(cli, session, one))
  const left = done.reduce((sum, { backfill }) => sum + backfill.left.length, 0)
  const waits = done.flatMap(({ backfill }) => backfill.resumeAt ?? [])
  const resumeAt = waits.length === 0 ? null : new Date(Math.min(...waits)).toISOString()
  tellCalls(cli, done)
  cli.out.record({
    kind: 'summary',
    ...callsOf(done),
    events: done.reduce((sum, { backfill }) => sum + new Set(backfill.tally.finished).size, 0),
    participants,
    left,
    deferred: done.reduce((sum, { backfill }) => sum + backfill.deferred.length, 0),
    resumeAt,
  })
  return foldExit(codes)
}

/** The history may be out of reach, where the database was what stopped it. */
const linesOf = ({ db }: Session, { provider }: ChosenAccount, { tally }: AccountBackfill) =>
  tally.lines(db, provider).catch(() => [])

async function tellPartners(
  { out }: Cli,
  { db }: Session,
  done: readonly Done[],
  lines: SyncLine[],
): Promise<number> {
  const counts = await countEvents(db, lines as Parameters<typeof countEvents>[1])
  const names = new Map((await listPartners(db)).map((partner) => [partner.partnerId, partner.name]))
  const deferred = done.flatMap(({ backfill }) => backfill.deferred)
  let participants = 0
  const rows = [...Map.groupBy(lines, (line) => line.partnerId)].map(([partnerId, own]) => {
    const people = counts
      .filter((count) => count.partnerId === partnerId)
      .reduce((sum, count) => sum + count.participants, 0)
    participants += people
    const sum = (of: 'inserted' | 'updated' | 'unchanged' | 'rejected') =>
      own.reduce((all, line) => all + line[of], 0)
    const later = deferred.filter(({ event }) =>
      event.holders.some((holder) => holder.partnerId === partnerId),
    )
    const row = {
      events: own.length,
      participants: people,
      ...{ inserted: sum('inserted'), updated: sum('updated'), unchanged: sum('unchanged') },
      ...{ rejected: sum('rejected'), deferred: later.length },
    }
    out.record({ kind: 'partner', partnerId, ...row })
    return [names.get(partnerId) ?? String(partnerId), ...Object.values(row).map(String)]
  })
  if (rows.length > 0) out.table(COLUMNS, rows)
  return participants
}

async function tellTroubles(cli: Cli, { db }: Session, { account, backfill }: Done): Promise<ExitCode> {
  const { clock, out } = cli
  const { problems, stopped, left, deferred, held, atLimit, resumeAt, lists } = backfill
  const codes: ExitCode[] = []
  const nameOf = (eventId: string) => lists.find((list) => list.eventId === eventId)?.event.name ?? eventId
  for (const [eventId, error] of problems) {
    if (error === stopped) continue
    const label = eventId === null ? `${account.label}: looking for events` : nameOf(eventId)
    out.problem(inTime(error, cli), { label, fields: { provider: account.provider, eventId } })
    codes.push(exitOf(error))
  }
  if (stopped !== null) {
    const code = reportAccount(cli, account, inTime(stopped, cli), left.length)
    // It was waited for; what was read is stored, and the next run goes on.
    codes.push(stopped.code === 'DATABASE_UNREACHABLE' ? 3 : code)
  }
  if (held.size > 0) await tellHolds(cli, db, held, nameOf)
  if (deferred.length > 0) {
    note(
      out,
      `startlist: ${account.label}: ${some(deferred.length)} large: startlist backfill --process-large reads them.`,
    )
  }
  if (atLimit) note(out, `startlist: ${account.label}: --limit is reached; ${some(left.length)} left.`)
  if (resumeAt !== null) {
    const message = `the hourly quota is spent; ${some(left.length)} left`
    const error = new StartlistError('QUOTA_SPENT', `${message} until ${untilText(resumeAt, clock.now())}`, {
      hint: 'Run the command again then; it goes on where it was.',
      retryAt: resumeAt,
    })
    out.problem(error, { label: account.label, fields: { provider: account.provider, left: left.length } })
  }
  if (left.length > 0 || held.size > 0) codes.push(3)
  return foldExit(codes)
}

/** Broken between words where a terminal shows it. */
function note(out: Output, text: string): void {
  const width = out.interactive ? (process.stderr.columns ?? 80) : Number.POSITIVE_INFINITY
  for (const line of wrapLine(text, width)) out.note(line)
}

const some = (events: number) => `${events} ${events === 1 ? 'event is' : 'events are'}`

async function tellHolds(
  { out }: Cli,
  db: Session['db'],
  held: ReadonlySet<string>,
  nameOf: (eventId: string) => string,
): Promise<void> {
  for (const { holdId, provider, eventId, kind, reason, absent, known } of await openHolds(db)) {
    if (!held.has(eventId)) continue
    out.record({ kind: 'hold', holdId, provider, eventId, hold: kind, reason, absent, known })
    note(out, `startlist: ${nameOf(eventId)}: hold ${holdId}: ${reason}. startlist holds says what to do.`)
  }
}

/** What the ledger has of this run, all accounts together. */
function callsOf(done: readonly Done[]) {
  const counts = done.map(({ backfill }) => backfill.tally.counts())
  const sum = (of: (count: (typeof counts)[number]) => number) =>
    counts.reduce((all, count) => all + of(count), 0)
  const byPurpose: Partial<Record<CallPurpose, number>> = {}
  for (const count of counts)
    for (const [purpose, calls] of Object.entries(count.byPurpose) as [CallPurpose, number][])
      byPurpose[purpose] = (byPurpose[purpose] ?? 0) + calls
  return {
    calls: sum(({ calls }) => calls),
    callsLowerBound: sum(({ lowerBound }) => lowerBound),
    endProofs: sum(({ endProofs }) => endProofs),
    callsByPurpose: byPurpose,
  }
}

const KINDS: [purpose: CallPurpose, name: string][] = [
  ['token', 'token'],
  ['events', 'discovery'],
  ['list', 'list'],
  ['detail', 'detail'],
  ['removed', 'removals'],
  ['removal-check', 'removal check'],
  ['probe', 'probe'],
]

function tellCalls({ out }: Cli, done: readonly Done[]): void {
  const { calls, callsLowerBound, endProofs, callsByPurpose } = callsOf(done)
  const kinds = KINDS.flatMap(([purpose, name]) =>
    callsByPurpose[purpose] === undefined ? [] : `${callsByPurpose[purpose]} ${name}`,
  )
  if (calls === 0) {
    out.line('No call was made: there was nothing to read.')
    return
  }
  const content = (callsByPurpose.list ?? 0) + (callsByPurpose.detail ?? 0) - endProofs
  const line = (text: string) => {
    const width = process.stdout.isTTY ? (process.stdout.columns ?? 80) : Number.POSITIVE_INFINITY
    for (const part of wrapLine(text, width)) out.line(part)
  }
  line(`${calls} calls: ${kinds.join(', ')}.`)
  line(
    `Registrations took ${content} calls, of ${callsLowerBound} that it takes at least; ends of lists took ${endProofs} more.`,
  )
}
