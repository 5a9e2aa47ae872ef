import { StartlistError } from '../domain/errors.ts'
import { adapterOf } from '../providers/registry.ts'
import { adviceFor, labelOf } from '../status/credentials.ts'
import { type CredentialOverview, credentialOverview } from '../store/overview/credentials.ts'
import { callBudget } from '../sync/call-budget.ts'
import { type Check, ok, open } from '../sync/verify/check.ts'
import { verifyAccount } from '../sync/verify/verify-account.ts'
import { inTime, requirePartner } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { type ExitCode, foldExit } from './exit.ts'
import { idOption } from './options.ts'
import { type Session, withSession } from './session.ts'
import { knownAnswers } from './verify/known.ts'
import { lookAhead } from './verify/look-ahead.ts'
import { saveRecording } from './verify/record.ts'
import { reportText, saveReport } from './verify/report.ts'
import { checkSpec, readSpecFile } from './verify/spec.ts'
import { tellAnswers, tellCheck, type VerifiedAccount } from './verify/view.ts'

export interface VerifyOptions {
  partner: string
  spec?: string
  record?: string
  report?: string
  known?: boolean
}

/** Calls that one `verify` makes at most, over all accounts of the partner: a person's reserve is 30 of each. */
const MOST_CALLS = 29

/**
 * `verify`: one timing partner from secret to poll, in fewer than 30 calls, and what its accounts answer to the open
 * questions about their providers.
 */
export const verify: Command<VerifyOptions> = (cli, options) => {
  const partnerId = idOption(options.partner, '--partner')
  if (options.known && (options.record ?? options.report) !== undefined)
    throw new StartlistError('USAGE', '--known makes no call, so there is nothing to record or to report')
  return withChecks(cli, (session) => verifyChosen(cli, session, partnerId, options))
}

/** A database that is not ready is a check that failed. */
async function withChecks(cli: Cli, work: (session: Session) => Promise<ExitCode>): Promise<ExitCode> {
  let isOpen = false
  try {
    return await withSession(cli, {}, (session) => {
      isOpen = true
      return work(session)
    })
  } catch (error) {
    const isSchema = error instanceof StartlistError && /^(SCHEMA_|DATABASE_)/.test(error.code)
    if (isOpen || !isSchema) throw error
    const detail = `${error.message}. ${error.hint}`
    const code = tellCheck(cli, { check: 'schema', state: 'fail', detail, error }, null)
    cli.out.record({ kind: 'summary', ok: false, calls: 0 })
    return code
  }
}

/** The verification itself, for `setup` as well. */
export async function verifyChosen(
  cli: Cli,
  session: Session,
  partnerId: number,
  options: Omit<VerifyOptions, 'partner'> = {},
): Promise<ExitCode> {
  await requirePartner(session.db, partnerId)
  const spec = options.spec === undefined ? null : await readSpecFile(options.spec)
  const credentials = await credentialOverview(session.db, { partnerId })
  if (options.known) return knownAnswers(cli, session, credentials, spec)
  const codes: ExitCode[] = []
  const schema = ok('schema', "the database has this release's schema")
  codes.push(tellCheck(cli, schema, null))
  const accounts: VerifiedAccount[] = []
  const budgetLeft = { calls: MOST_CALLS }
  const groups = [...Map.groupBy(credentials, ({ accountId }) => accountId)]
  for (const [i, [accountId, members]] of groups.entries()) {
    const budget = callBudget(Math.floor(budgetLeft.calls / (groups.length - i)))
    const one = await verifyOne(cli, session, { accountId, members, partnerId, budget })
    budgetLeft.calls -= budget.spent
    accounts.push(one)
    codes.push(...one.codes)
  }
  if (credentials.length === 0) {
    const nothing = open('credentials', 'there is none yet: startlist setup, or startlist credentials add')
    codes.push(tellCheck(cli, nothing, null))
  }
  const findings = spec === null ? null : checkSpec(cli, spec, providersOf(accounts))
  if (findings !== null) codes.push(findings.code)
  const calls = MOST_CALLS - budgetLeft.calls
  const code = foldExit(codes)
  cli.out.record({ kind: 'summary', ok: code === 0, calls })
  cli.out.line()
  cli.out.line(`${verdict(code)} ${calls} ${calls === 1 ? 'call' : 'calls'}.`)
  if (options.report !== undefined) {
    const text = reportText({ now: cli.clock.now(), accounts, calls, findings: findings?.findings ?? null })
    await saveReport(cli, options.report, text)
  }
  if (options.record !== undefined) await saveRecording(cli, options.record, accounts)
  return code
}

const providersOf = (accounts: readonly VerifiedAccount[]) => [
  ...new Set(accounts.map((one) => one.provider)),
]

function verdict(code: ExitCode): string {
  if (code === 0) return 'All is as it should be.'
  return code === 3 ? 'Nothing is wrong, but not everything could be shown.' : 'Something is wrong.'
}

interface One {
  accountId: number | null
  members: CredentialOverview[]
  partnerId: number
  budget: ReturnType<typeof callBudget>
}

async function verifyOne(
  cli: Cli,
  session: Session,
  { accountId, members, partnerId, budget }: One,
): Promise<VerifiedAccount> {
  const { provider } = members[0]!
  const one: VerifiedAccount = {
    ...{ accountId, provider, label: labelOf(members) },
    ...{ checks: [], answers: [], exchanges: [], codes: [] },
  }
  cli.out.line()
  cli.out.line(cli.out.paint('bold', `${one.label} (${provider})`))
  const tell = (check: Check) => {
    const told = check.error === undefined ? check : { ...check, detail: toldOf(cli, check) }
    one.checks.push(told)
    one.codes.push(tellCheck(cli, told, one))
  }
  const tried = members.filter(({ hasSecret, state }) => hasSecret && state !== 'Paused')
  for (const credential of members.filter((member) => !tried.includes(member))) {
    const { message, hint } = adviceFor(credential)
    tell(open('secret', `credential ${credential.credentialId}: ${message}. ${hint}`))
  }
  if (accountId === null || tried.length === 0 || adapterOf(provider) === undefined) return one
  const credentialIds = tried.map(({ credentialId }) => credentialId)
  const request = { accountId, partnerId, credentialIds, budget, signal: cli.signal, tell }
  const { answers, exchanges } = await verifyAccount(session, request)
  for (const check of await lookAhead(cli, session, accountId, exchanges)) tell(check)
  Object.assign(one, { answers, exchanges })
  tellAnswers(cli, one)
  return one
}

/** A wait in the reader's own time, and what to do. */
function toldOf(cli: Cli, { detail, error }: Check): string {
  const told = inTime(error, cli, { canWait: false })
  return told instanceof StartlistError ? `${told.message}. ${told.hint}` : detail
}
