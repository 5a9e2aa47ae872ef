import { ledgerExcesses } from '../../store/audit/headers.ts'
import { type MismatchedEvent, mismatchedEvents } from '../../store/audit/results.ts'
import { type Alert, rule } from '../rule.ts'

/** What an audit found that is not as it should be: stored rows, the feed, or calls that the ledger does not know. */
export const auditMismatch = rule({
  name: 'audit-mismatch',
  every: 60_000,
  read: async ({ db }) => ({ events: await mismatchedEvents(db), excesses: await ledgerExcesses(db) }),
  judge: judgeAudits,
})

function judgeAudits({
  events,
  excesses,
}: {
  events: readonly MismatchedEvent[]
  excesses: readonly { accountId: number; excess: number }[]
}): Alert[] {
  return [
    ...events.map(({ provider, partnerId, eventId, findings }) => ({
      key: `audit-mismatch:${provider}:${partnerId}:${eventId}`,
      message: `the audit of ${provider} event ${eventId} of timing partner ${partnerId} found ${findings} ${findings === 1 ? 'mismatch' : 'mismatches'}`,
      hint: `startlist audit --event ${eventId} looks again; startlist sync --event ${eventId} --full --details reads all anew.`,
    })),
    ...excesses.map(({ accountId, excess }) => ({
      key: `audit-mismatch:ledger:${accountId}`,
      message: `the provider counted ${excess} calls of account ${accountId} that startlist did not make`,
      hint: `Another program uses the same client id: startlist doctor says what to do.`,
    })),
  ]
}
