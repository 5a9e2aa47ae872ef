import { databaseNow } from '../store/overview/health.ts'
import { workingAccounts } from '../store/turns.ts'
import type { Reconciling } from './reconcile.ts'

/** The database notifies here, with an account's id, when a plan of that account became stale. */
export const WAKE_CHANNEL = 'startlist_wake'

/** A discovery changes many events in a moment: one turn for all of them. */
const GATHER_MS = 100

export interface WakeOptions extends Reconciling {
  /** The connection was made anew: notifications may have been missed. */
  onMissed: () => void
  onProblem: (error: unknown) => void
  signal: AbortSignal
}

/** Gives an account a turn at once when the database says that its plans changed: a new event, a moved date, a repaired secret. */
export async function listenForWakes(options: WakeOptions): Promise<void> {
  const { queue, clock, signal } = options
  const asked = new Set<number>()
  let isGathering = false
  const gather = async () => {
    await clock.sleep(GATHER_MS, signal)
    const accountIds = new Set(asked)
    asked.clear()
    isGathering = false
    await wake(options, accountIds)
  }
  const onNotification = (payload: string) => {
    if (!/^\d{1,9}$/.test(payload) || signal.aborted) return
    asked.add(Number(payload))
    if (isGathering) return
    isGathering = true
    gather().catch((error: unknown) => {
      if (!signal.aborted) options.onProblem(error)
    })
  }
  await queue.listen(WAKE_CHANNEL, onNotification, options.onMissed)
}

async function wake({ db, queue, partnerId }: Reconciling, accountIds: ReadonlySet<number>): Promise<void> {
  const now = await databaseNow(db)
  for (const { accountId } of await workingAccounts(db, partnerId)) {
    if (accountIds.has(accountId)) await queue.ensure(accountId, now)
  }
}
