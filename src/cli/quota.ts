import { effectiveLimit, keptFor } from '../quota/window.ts'
import { blindnessSentence } from '../status/blindness-sentence.ts'
import { readAccount } from '../store/accounts.ts'
import { readBlindness } from '../store/blindness.ts'
import { readWindow } from '../store/calls.ts'
import { credentialOverview } from '../store/overview/credentials.ts'
import { listEvents } from '../store/overview/events.ts'
import { type Spent, spentCalls } from '../store/overview/quota.ts'
import { limitsOf } from '../sync/open-account.ts'
import { accountsOf } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { type Session, withSession } from './session.ts'

/** `quota`: what every account spent of its rolling hour, for whom, and what is left. */
export const quota: Command<object> = (cli) =>
  withSession(cli, {}, async (session) => {
    const { db } = session
    const names = new Map((await listEvents(db)).map((event) => [event.eventId, event.name]))
    const accounts = accountsOf(await credentialOverview(db))
    for (const { accountId, label } of accounts) await tellAccount(cli, session, { accountId, label, names })
    if (accounts.length === 0) cli.out.line('There is no account yet: run startlist setup.')
    return 0
  })

async function tellAccount(
  { out }: Cli,
  { db, config }: Session,
  { accountId, label, names }: { accountId: number; label: string; names: ReadonlyMap<string, string> },
): Promise<void> {
  const state = await readAccount(db, accountId)
  if (state === null) return
  const limits = limitsOf(config, state)
  const window = await readWindow(db, accountId)
  const limit = effectiveLimit(limits, window.observedLimit)
  const reserved = keptFor('backfill', limits, limit, window.upkeep)
  const spare = Math.max(0, limit - window.count - reserved)
  const spent = await spentCalls(db, accountId)
  const blindness = await readBlindness(db, accountId)
  const facts = { provider: state.provider, accountId, used: window.count, limit, reserved, spare }
  const { externalUse, quotaLimit, observedLimit } = state
  const configured = config[state.provider].quotaPerHour
  out.record({ ...facts, configured, set: quotaLimit, shown: observedLimit, externalUse, spent, blindness })
  out.line(
    `${label} (${state.provider}, account ${accountId}): ${window.count} of ${limit} calls this hour, ${reserved} reserved, ${spare} spare`,
  )
  if (limit < configured) out.line(`  The lowest limit holds: ${limitsText({ configured, ...state })}.`)
  const hidden = blindnessSentence(blindness)
  if (hidden !== null) out.line(`  ${hidden}`)
  out.table(
    [{ head: 'Class' }, { head: 'Event', shrink: true }, { head: 'Calls', align: 'right' }],
    spent.map((row) => [row.class, nameOf(row, names), String(row.calls)]),
  )
  out.line()
}

/** Every word on an account's limit, for one whose words disagree. */
function limitsText(said: {
  configured: number
  quotaLimit: number | null
  observedLimit: number | null
  externalUse: number
}): string {
  const parts = [`${said.configured} configured`]
  if (said.quotaLimit !== null) parts.push(`${said.quotaLimit} set for the account`)
  if (said.observedLimit !== null) parts.push(`${said.observedLimit} shown by the provider`)
  if (said.externalUse > 0) parts.push(`${Math.round(said.externalUse * 100)} % left to other programs`)
  return parts.join(', ')
}

function nameOf({ eventId }: Spent, names: ReadonlyMap<string, string>): string {
  return eventId === null ? 'none: events, tokens' : (names.get(eventId) ?? eventId)
}
