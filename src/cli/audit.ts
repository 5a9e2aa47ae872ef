import { StartlistError } from '../domain/errors.ts'
import { readAccount } from '../store/accounts.ts'
import type { Audit } from '../store/audit/results.ts'
import { listEvents } from '../store/overview/events.ts'
import { auditAccount, auditLedger, type LedgerAudit } from '../sync/audit/audit-account.ts'
import type { AuditOutcome } from '../sync/audit/audit-event.ts'
import { limitsOf, withAccount } from '../sync/open-account.ts'
import {
  accountsOf,
  type ChosenAccount,
  chosenCredentials,
  inTime,
  onAccounts,
  reportAccount,
  reportUnusable,
} from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { type ExitCode, exitOf, foldExit } from './exit.ts'
import { optionalId } from './options.ts'
import { type Session, withSession } from './session.ts'
import type { Cell, Column } from './table.ts'

export interface AuditOptions {
  partner?: string
  event?: string
  sample: string
}

/** What one command audits. */
interface Audited {
  partnerId?: number
  eventId?: string
  sample: number
}

/** Single reads of one event at most: a larger sample is `sync --full --details`. */
const MOST_SAMPLED = 200

/**
 * `audit`: our counts against the provider's totals, a random sample against single reads, the change feed replayed to the
 * rows, and the ledger against the provider's headers. Ends with 1 when anything is not what it should be.
 */
export const audit: Command<AuditOptions> = (cli, options) => {
  const partnerId = optionalId(options.partner, '--partner')
  const audited: Audited = {
    ...(partnerId === undefined ? {} : { partnerId }),
    ...(options.event === undefined ? {} : { eventId: options.event }),
    sample: sampleOption(options.sample),
  }
  return withSession(cli, {}, (session) => run(cli, session, audited))
}

function sampleOption(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > MOST_SAMPLED)
    throw new StartlistError('BAD_INPUT', `--sample is a number from 0 to ${MOST_SAMPLED}, not "${text}"`)
  return Number(text)
}

async function run(cli: Cli, session: Session, audited: Audited): Promise<ExitCode> {
  const { partnerId, eventId } = audited
  const known = await listEvents(session.db)
  const named = known.filter((event) => eventId === undefined || event.eventId === eventId)
  if (eventId !== undefined && named.length === 0)
    throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventId}`)
  const fed = new Set(named.map((event) => event.accountId))
  const chosen = accountsOf(await chosenCredentials(session.db, { partnerId }))
  const results = await onAccounts(
    chosen.filter(({ accountId }) => fed.has(accountId)),
    (account) => auditOne(session, account, audited, cli),
  )
  const names = new Map(known.map((event) => [event.eventId, event.name]))
  const outcomes = results.flatMap(({ result }) =>
    result.status === 'fulfilled' ? result.value.outcomes : [],
  )
  const rows = outcomes.flatMap(({ audits }) => audits.map((one) => rowOf(one, names)))
  if (rows.length > 0) cli.out.table(COLUMNS, rows)
  for (const { audits } of outcomes) for (const one of audits) tellFindings(cli, one, names)
  const codes = results.flatMap(({ account, result }): ExitCode[] => {
    if (result.status === 'rejected')
      return [reportAccount(cli, account, inTime(result.reason, cli, NO_WAIT))]
    return [
      ...result.value.outcomes.map((outcome) => codeOfOutcome(cli, outcome, names)),
      tellLedger(cli, account, result.value.ledger),
    ]
  })
  if (rows.length === 0) cli.out.note('No event has been read whole yet: run startlist sync.')
  codes.push(await reportUnusable(cli, session.db, { partnerId }))
  return foldExit(codes)
}

const NO_WAIT = { canWait: false }

async function auditOne(
  session: Session,
  { accountId }: ChosenAccount,
  { sample, ...only }: Audited,
  { out, clock, signal }: Cli,
): Promise<{ outcomes: AuditOutcome[]; ledger: LedgerAudit | null }> {
  const outcomes: AuditOutcome[] = []
  const seed = new Date(clock.now()).toISOString()
  await withAccount(session, accountId, { class: 'upkeep', signal }, (account) =>
    auditAccount(account, {
      ...only,
      ...{ class: 'upkeep', sample, seed },
      onEvent(outcome) {
        outcomes.push(outcome)
        for (const one of outcome.audits) out.record(recordOf(one))
      },
    }),
  )
  const state = await readAccount(session.db, accountId)
  const ledger = state && (await auditLedger(session.db, accountId, limitsOf(session.config, state)))
  if (ledger !== null) out.record({ kind: 'ledger', ...ledger })
  return { outcomes, ledger }
}

function codeOfOutcome(
  cli: Cli,
  { eventId, audits, error }: AuditOutcome,
  names: ReadonlyMap<string, string>,
): ExitCode {
  const mismatched: ExitCode = audits.some(({ findings }) => findings.length > 0) ? 1 : 0
  if (error === null) return mismatched
  cli.out.problem(inTime(error, cli, NO_WAIT), { label: names.get(eventId) ?? eventId, fields: { eventId } })
  return foldExit([mismatched, exitOf(error)])
}

function tellLedger({ out }: Cli, { label }: ChosenAccount, ledger: LedgerAudit | null): ExitCode {
  if (ledger === null || ledger.told === null || ledger.excess === null) return 0
  const { told, counted, excess } = ledger
  if (excess === 0)
    out.line(`${label}: the provider counts ${told} calls of the hour, the ledger ${counted}: they agree.`)
  else
    out.note(
      `startlist: ${label}: the provider counts ${told} calls of the hour, the ledger ${counted}: ${excess} are not startlist's. startlist status says what to do.`,
    )
  return excess === 0 ? 0 : 1
}

function recordOf({ findings, count, ...one }: Audit): object {
  return { kind: 'audit', ...one, count, mismatches: findings }
}

const COLUMNS: Column[] = [
  { head: 'Event', shrink: true, least: 16 },
  { head: 'Partner', align: 'right' },
  { head: 'Ours', align: 'right' },
  { head: 'Theirs', align: 'right' },
  { head: 'Count' },
  { head: 'Sampled', align: 'right' },
  { head: 'Blind', align: 'right' },
  { head: 'Replayed', align: 'right' },
  { head: 'Wrong', align: 'right' },
]

const nameOf = (eventId: string, names: ReadonlyMap<string, string>): string => names.get(eventId) ?? eventId

function rowOf(one: Audit, names: ReadonlyMap<string, string>): Cell[] {
  const wrong = one.findings.length
  return [
    nameOf(one.eventId, names),
    String(one.partnerId),
    String(one.ours),
    one.theirs === null ? '-' : String(one.theirs),
    one.count,
    String(one.sampled),
    String(one.blind),
    String(one.replayed),
    wrong === 0 ? '0' : { text: String(wrong), style: 'red' },
  ]
}

/** Findings that a person is shown; all of them are in `--json`. */
const MOST_TOLD = 10

function tellFindings({ out }: Cli, { eventId, findings }: Audit, names: ReadonlyMap<string, string>): void {
  for (const { kind, key, fields } of findings.slice(0, MOST_TOLD)) {
    const whom = key === '' ? 'the event' : `registration ${key}`
    out.note(
      `startlist: ${nameOf(eventId, names)}: ${whom}: ${kind} (${fields.join(', ') || 'fewer than the provider counts'})`,
    )
  }
  if (findings.length > MOST_TOLD)
    out.note(`  and ${findings.length - MOST_TOLD} more: startlist audit --json lists them.`)
}
