import { StartlistError } from '../domain/errors.ts'
import type { Db } from '../store/database.ts'
import { openHolds } from '../store/holds.ts'
import { type EventOverview, listEvents } from '../store/overview/events.ts'
import { type AccountOutcome, type SyncRequest, syncAccount } from '../sync/account-sync.ts'
import { isOver } from '../sync/event-schedule.ts'
import type { EventOutcome } from '../sync/event-sync.ts'
import { withAccount } from '../sync/open-account.ts'
import {
  accountsOf,
  type Choice,
  type ChosenAccount,
  chosenCredentials,
  inTime,
  onAccounts,
  reportAccount,
  reportUnusable,
} from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { type ExitCode, exitOf, foldExit } from './exit.ts'
import { optionalId, providerOption } from './options.ts'
import { openProgress } from './progress.ts'
import { type Session, withSession } from './session.ts'
import type { Cell, Column } from './table.ts'

export interface SyncOptions {
  partner?: string
  provider?: string
  event?: string
  past?: boolean
  full?: boolean
  details?: boolean
  wait?: boolean
}

/** Polls, or with `--full` sweeps, the events of the chosen partners now, whether or not they are due. */
export const sync: Command<SyncOptions> = (cli, options) => {
  if (options.details && !options.full) throw new StartlistError('USAGE', '--details needs --full')
  const partnerId = optionalId(options.partner, '--partner')
  const provider = options.provider === undefined ? undefined : providerOption(options.provider)
  return withSession(cli, {}, (session) => run(cli, session, options, { partnerId, provider }))
}

async function run(cli: Cli, session: Session, options: SyncOptions, choice: Choice): Promise<ExitCode> {
  const accounts = accountsOf(await chosenCredentials(session.db, choice))
  const known = await knownEvents(session.db, choice, options.event)
  const request: SyncRequest = {
    ...(options.event === undefined ? {} : { eventId: options.event }),
    ...(choice.partnerId === undefined ? {} : { partnerId: choice.partnerId }),
    past: options.past === true,
    full: options.full === true,
    details: options.details === true,
  }
  // An account without anything to do is not opened: proving its secrets would cost a call.
  const busy = accounts.filter((account) =>
    known.some((event) => event.accountId === account.accountId && isWanted(event, request, cli)),
  )
  const codes: ExitCode[] = []
  if (busy.length > 0) codes.push(await syncAll(cli, session, busy, known, request, options.wait === true))
  else if (accounts.length > 0) sayNothingToDo(cli, known)
  codes.push(await reportUnusable(cli, session.db, choice))
  return foldExit(codes)
}

/** @throws StartlistError `NO_SUCH_EVENT` when the one asked for is unknown */
async function knownEvents(
  db: Db,
  { partnerId, provider }: Choice,
  eventId?: string,
): Promise<EventOverview[]> {
  const only = {
    ...(partnerId === undefined ? {} : { partnerId }),
    ...(eventId === undefined ? {} : { eventId }),
  }
  const events = (await listEvents(db, only)).filter((e) => provider === undefined || e.provider === provider)
  if (eventId !== undefined && events.length === 0)
    throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventId}`)
  return events
}

function isWanted(event: EventOverview, request: SyncRequest, { clock }: Cli): boolean {
  if (request.eventId !== undefined) return true
  return !event.missing && (request.past === true || !isOver(event, clock.now()))
}

function sayNothingToDo({ out }: Cli, known: readonly EventOverview[]): void {
  const message =
    known.length === 0
      ? 'No event is known yet: run startlist discover.'
      : 'Nothing to do: every known event is over. --past takes those as well.'
  out.line(message)
  out.record({ kind: 'note', message })
}

async function syncAll(
  cli: Cli,
  session: Session,
  accounts: readonly ChosenAccount[],
  known: readonly EventOverview[],
  request: SyncRequest,
  wait: boolean,
): Promise<ExitCode> {
  const names = new Map(known.map((event) => [event.eventId, event.name]))
  const progress = await openProgress(cli, names)
  const results = await onAccounts(accounts, async (account) => {
    const use = {
      class: request.eventId === undefined ? ('poll' as const) : ('person' as const),
      wait,
      signal: cli.signal,
      ...progress.of(account),
    }
    try {
      const outcome = await withAccount(session, account.accountId, use, (open) => syncAccount(open, request))
      for (const event of outcome.events) for (const line of event.lines) cli.out.record(line)
      return outcome
    } finally {
      progress.done(account.accountId)
    }
  }).finally(() => progress.stop())
  const outcomes = results.flatMap(({ result }) => (result.status === 'fulfilled' ? result.value.events : []))
  if (outcomes.length > 0)
    cli.out.table(
      COLUMNS,
      outcomes.flatMap((outcome) => rowsOf(outcome, names)),
    )
  const codes = results.map(({ account, result }) => {
    if (result.status === 'rejected') return reportAccount(cli, account, inTime(result.reason, cli))
    const wanted = new Set(
      known
        .filter((e) => e.accountId === account.accountId && isWanted(e, request, cli))
        .map((e) => e.eventId),
    )
    return reportOutcome(cli, account, result.value, {
      names,
      left: wanted.size - result.value.events.length,
    })
  })
  if (outcomes.some((outcome) => outcome.held))
    codes.push(await reportHolds(cli, session.db, outcomes, names))
  return foldExit(codes)
}

const COLUMNS: Column[] = [
  { head: 'Event', shrink: true, least: 16 },
  { head: 'Partner', align: 'right' },
  { head: 'Kind' },
  { head: 'Calls', align: 'right' },
  { head: 'Seen', align: 'right' },
  { head: 'New', align: 'right' },
  { head: 'Changed', align: 'right' },
  { head: 'Gone', align: 'right' },
  { head: 'Rejected', align: 'right', optional: true },
  { head: 'Note', optional: true },
]

function rowsOf({ lines, error, held }: EventOutcome, names: ReadonlyMap<string, string>): Cell[][] {
  return lines.map((line) => {
    const note = error !== null ? error.code : held ? 'hold' : ''
    return [
      names.get(line.eventId) ?? line.eventId,
      String(line.partnerId),
      line.kind,
      ...[line.calls, line.seen, line.inserted, line.updated, line.removed].map(String),
      line.rejected === 0 ? '' : String(line.rejected),
      note === '' ? '' : { text: note, style: 'red' },
    ]
  })
}

function reportOutcome(
  cli: Cli,
  account: ChosenAccount,
  { events, stopped }: AccountOutcome,
  { names, left }: { names: ReadonlyMap<string, string>; left: number },
): ExitCode {
  const codes: ExitCode[] = []
  for (const { eventId, lines, error } of events) {
    // What stopped the whole account is told once, for all of its events.
    if (error === null || error === stopped) continue
    const fields = { provider: account.provider, eventId, partnerIds: lines.map((line) => line.partnerId) }
    cli.out.problem(inTime(error, cli), { label: names.get(eventId) ?? eventId, fields })
    codes.push(exitOf(error))
  }
  if (stopped !== null) codes.push(reportAccount(cli, account, inTime(stopped, cli), left))
  return foldExit(codes)
}

async function reportHolds(
  { out }: Cli,
  db: Db,
  outcomes: readonly EventOutcome[],
  names: ReadonlyMap<string, string>,
): Promise<ExitCode> {
  const held = new Set(outcomes.filter((outcome) => outcome.held).map((outcome) => outcome.eventId))
  for (const hold of await openHolds(db)) {
    if (!held.has(hold.eventId)) continue
    const { holdId, provider, eventId, kind, reason, absent, known } = hold
    out.record({ kind: 'hold', holdId, provider, eventId, hold: kind, reason, absent, known })
    out.note(
      `startlist: ${names.get(eventId) ?? eventId}: hold ${holdId}: ${reason}. startlist status says what to do.`,
    )
  }
  return 3
}
