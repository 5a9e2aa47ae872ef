import { shortId } from '../status/credentials.ts'
import { callsThisHour } from '../store/calls.ts'
import type { Db } from '../store/database.ts'
import { type CredentialOverview, credentialOverview } from '../store/overview/credentials.ts'
import { storedSecrets } from '../store/sealed.ts'
import { isSealed } from '../store/secrets.ts'
import type { Command } from './cli.ts'
import { withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age } from './times.ts'

/** A line of the inventory. */
interface InventoryLine extends CredentialOverview {
  /** Of its account in the rolling hour. */
  calls: number
  /** Its secret lies in the database as it is. */
  plain: boolean
}

/** `credentials list`: who has which key, whether it works, and what its account spent. */
export const listCredentials: Command<object> = (cli) =>
  withSession(cli, {}, async ({ db }) => {
    const lines = await inventory(db)
    for (const line of lines) cli.out.record(recordOf(line))
    if (lines.length === 0) {
      cli.out.line('There is no credential yet: startlist setup, or startlist credentials add.')
      return 0
    }
    cli.out.table(
      COLUMNS,
      lines.map((line) => rowOf(line, cli.clock.now())),
    )
    for (const { credentialId, state, why } of lines)
      if (state !== 'Ready' && why !== null) cli.out.line(`${credentialId}: ${state}: ${why}`)
    const plain = lines.filter((line) => line.plain).map((line) => line.credentialId)
    if (plain.length > 0) cli.out.line(`In plain text: ${plain.join(', ')}: startlist credentials seal`)
    if (lines.some((line) => line.shared))
      cli.out.line('* one client id of several credentials: one account, one quota')
    return 0
  })

async function inventory(db: Db): Promise<InventoryLine[]> {
  const calls = new Map<number, number>()
  const plain = new Set<number>()
  for (const { kind, id, value } of await storedSecrets(db))
    if (kind === 'credential' && !isSealed(value)) plain.add(id)
  const credentials = await credentialOverview(db)
  for (const { accountId } of credentials)
    if (accountId !== null && !calls.has(accountId)) calls.set(accountId, await callsThisHour(db, accountId))
  return credentials.map((credential) => ({
    ...credential,
    calls: credential.accountId === null ? 0 : (calls.get(credential.accountId) ?? 0),
    plain: plain.has(credential.credentialId),
  }))
}

function recordOf(line: InventoryLine): object {
  const { credentialId: id, partnerId, partner, organization, provider, state, why, shared, events } = line
  const lastSuccess = line.lastSuccess === null ? null : new Date(line.lastSuccess).toISOString()
  const described = { id, partnerId, partner, organization, provider, clientId: shortId(line.clientId) }
  const standing = { state, why, shared, events, lastSuccess, callsThisHour: line.calls }
  return { ...described, ...standing, plainText: line.plain }
}

const COLUMNS: Column[] = [
  { head: 'Id', align: 'right' },
  { head: 'Partner', shrink: true, least: 6 },
  { head: 'Organization', shrink: true, least: 6 },
  { head: 'At' },
  { head: 'Client id' },
  { head: 'State' },
  { head: 'Events', align: 'right' },
  { head: 'Last', align: 'right' },
  { head: 'Calls', align: 'right' },
]

const STYLES = { Ready: 'green', Refused: 'red', Untested: 'yellow', Paused: 'yellow' } as const

function rowOf(line: InventoryLine, now: number): Cell[] {
  return [
    String(line.credentialId),
    line.partner,
    line.organization ?? '-',
    line.provider,
    `${shortId(line.clientId)}${line.shared ? '*' : ''}`,
    { text: line.state, style: STYLES[line.state] },
    String(line.events),
    age(line.lastSuccess, now),
    String(line.calls),
  ]
}
