import type { KeptFinding } from '../store/audit/results.ts'
import type { EventOverview } from '../store/overview/events.ts'
import type { AccountLine, Trouble } from './model.ts'

/** What audits left to tell of. Pure. */

/** Mismatches, told once for each event of a timing partner. */
export function auditTroubles(findings: readonly KeptFinding[], known: readonly EventOverview[]): Trouble[] {
  const groups = Map.groupBy(
    findings,
    ({ provider, partnerId, eventId }) => `${provider} ${partnerId} ${eventId}`,
  )
  return [...groups.values()].map((members) => {
    const { provider, partnerId, eventId } = members[0]!
    return {
      problem: 'audit',
      subject: known.find((event) => event.eventId === eventId)?.name ?? eventId,
      message: `the audit found ${findingsText(members)}`,
      hint: `startlist audit --event ${eventId} looks again; startlist sync --event ${eventId} --full --details reads all anew. Report it if it comes back.`,
      needsPerson: true,
      fields: {
        provider,
        partnerId,
        eventId,
        findings: members.map(({ kind, key, fields }) => ({ kind, key, fields })),
      },
    }
  })
}

function findingsText(findings: readonly KeptFinding[]): string {
  const of = (kind: KeptFinding['kind']) => findings.filter((finding) => finding.kind === kind).length
  const parts: [count: number, text: string][] = [
    [of('count'), 'registrations missing that the provider counts'],
    [of('row'), `${people(of('row'))} stored other than the provider said`],
    [of('feed'), `${people(of('feed'))} other than the change feed tells`],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map(([, text]) => text)
    .join('; ')
}

const people = (count: number): string => (count === 1 ? 'a registration' : `${count} registrations`)

/** Accounts whose provider counts calls that the ledger does not know. */
export function ledgerTroubles(
  excesses: readonly { accountId: number; excess: number }[],
  accounts: readonly AccountLine[],
): Trouble[] {
  return excesses.flatMap(({ accountId, excess }) => {
    const account = accounts.find((line) => line.accountId === accountId)
    if (account === undefined) return []
    return [
      {
        problem: 'ledger' as const,
        subject: account.label,
        message: `the provider counts ${excess} calls of the hour that startlist did not make`,
        hint: `Does another program use this client id? startlist quota set --account ${accountId} --external-use 20% leaves it a share.`,
        needsPerson: true,
        fields: { provider: account.provider, accountId, excess },
      },
    ]
  })
}
