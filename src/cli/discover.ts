import { type DiscoveryResult, discover as discoverEvents } from '../sync/discover.ts'
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
import { type ExitCode, foldExit } from './exit.ts'
import { optionalId } from './options.ts'
import { type Session, withSession } from './session.ts'
import type { Column } from './table.ts'

export interface DiscoverOptions {
  partner?: string
}

/** Finds new and changed events of the chosen partners' accounts. */
export const discover: Command<DiscoverOptions> = (cli, options) => {
  const partnerId = optionalId(options.partner, '--partner')
  return withSession(cli, {}, (session) => discoverChosen(cli, session, { partnerId }))
}

/** What a discovery brought one credential. */
interface Line extends DiscoveryResult {
  provider: string
  calls: number
  partner: string
  organization: string | null
}

/** The discovery itself, for `setup` as well. */
export async function discoverChosen(cli: Cli, session: Session, choice: Choice): Promise<ExitCode> {
  const accounts = accountsOf(await chosenCredentials(session.db, choice))
  if (accounts.length > 0) cli.out.note('Looking for events ...')
  const results = await onAccounts(accounts, async (account) => {
    const lines = await discoverOne(cli, session, account)
    for (const { provider, partnerId, events, new: fresh, changed, missing, calls } of lines) {
      cli.out.record({ provider, partnerId, events, new: fresh, changed, missing, calls })
    }
    return lines
  })
  const lines = results.flatMap(({ result }) => (result.status === 'fulfilled' ? result.value : []))
  if (lines.length > 0) {
    cli.out.table(
      COLUMNS,
      lines.map((line) => [
        line.partner,
        line.organization ?? '',
        line.provider,
        ...[line.events, line.new, line.changed, line.missing, line.calls].map(String),
      ]),
    )
  }
  const codes = results.map(({ account, result }) =>
    result.status === 'rejected'
      ? reportAccount(cli, account, inTime(result.reason, cli, { canWait: false }))
      : 0,
  )
  return foldExit([...codes, await reportUnusable(cli, session.db, choice)])
}

function discoverOne(cli: Cli, session: Session, account: ChosenAccount): Promise<Line[]> {
  const use = { class: 'upkeep' as const, signal: cli.signal }
  return withAccount(session, account.accountId, use, async (open, receivers) => {
    const found = await discoverEvents(open, receivers)
    const payer = Math.min(...found.map((result) => result.partnerId))
    return found.map((result) => {
      const receiver = receivers.find((r) => r.partnerId === result.partnerId)
      return {
        ...result,
        provider: account.provider,
        partner: receiver?.partner ?? '',
        organization: receiver?.organization ?? null,
        // One fetch served all: it stands once, on the lowest partner id.
        calls: result.partnerId === payer ? open.calls() : 0,
      }
    })
  })
}

const COLUMNS: Column[] = [
  { head: 'Partner', shrink: true },
  { head: 'Organization', shrink: true },
  { head: 'Provider' },
  { head: 'Events', align: 'right' },
  { head: 'New', align: 'right' },
  { head: 'Changed', align: 'right' },
  { head: 'Missing', align: 'right' },
  { head: 'Calls', align: 'right' },
]
