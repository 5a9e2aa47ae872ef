import { type AccountOutcome, type SyncRequest, syncAccount } from '../../sync/account-sync.ts'
import type { Progress } from '../../sync/context.ts'
import { discover } from '../../sync/discover.ts'
import { withAccount } from '../../sync/open-account.ts'
import type { DemoAccount, Installation } from './install.ts'
import type { Screen } from './screen.ts'

/** Discovers the events of all accounts; returns how many there are. */
export async function discoverAll(installation: Installation, signal: AbortSignal): Promise<number> {
  let events = 0
  for (const { accountId } of installation.accounts) {
    const results = await withAccount(installation.services, accountId, { class: 'person', signal }, discover)
    // Two timing partners of one account have the same events.
    events += Math.max(...results.map((result) => result.events))
  }
  return events
}

/** Stores names, then fills in details, an account at a time, with a bar each. */
export async function fillAll(
  installation: Installation,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const bars = screen.bars(installation.accounts.map((account) => account.organization))
  try {
    for (const account of installation.accounts) {
      const bar = bars.of(account.organization)
      const names = new Map<string, number>()
      const details = new Map<string, number>()
      let callsForNames = 0
      const progress: Progress = ({ eventId, kind, done, calls }) => {
        if (kind === 'list') {
          names.set(eventId, done)
          callsForNames = calls
        } else details.set(eventId, done)
        bar.update(sum(details), sum(names), note())
      }
      const note = () =>
        `${String(sum(names)).padStart(3)} names in ${String(callsForNames).padStart(2)} calls, ${String(sum(details)).padStart(3)} details`
      await syncOne(installation, account, {}, { signal, progress })
      bar.finish(note())
    }
  } finally {
    bars.close()
  }
}

/** Syncs one account and throws what kept an event from being up to date: nothing of that belongs in a demo. */
export async function syncOne(
  { services }: Installation,
  { accountId }: DemoAccount,
  request: SyncRequest,
  use: { signal: AbortSignal; progress?: Progress },
): Promise<AccountOutcome> {
  const outcome = await withAccount(services, accountId, { class: 'person', ...use }, (account) =>
    syncAccount(account, request),
  )
  const error = outcome.stopped ?? outcome.events.find((event) => event.error !== null)?.error
  use.signal.throwIfAborted()
  if (error) throw error
  return outcome
}

function sum(counts: Map<string, number>): number {
  return counts.values().reduce((total, n) => total + n, 0)
}
