import type { Clock } from '../domain/clock.ts'
import type { Db } from '../store/database.ts'
import { databaseNow } from '../store/overview/health.ts'
import { pendingTurns, workingAccounts } from '../store/turns.ts'
import type { TurnQueue } from './turn-queue.ts'

/** What giving out turns takes. */
export interface Reconciling {
  db: Db
  clock: Clock
  queue: TurnQueue
  /** Only accounts of this timing partner. */
  partnerId?: number
}

/**
 * Gives a turn to each account that can make calls and has none waiting or active, at the instant that its last turn
 * asked for; at once where it never had one, and where a plan is stale or a person asks (N2). So a new account is
 * found, and nothing that was lost on the way, a notification or a job, stays lost.
 * @returns the accounts that got a turn
 */
export async function reconcile({ db, queue, partnerId }: Omit<Reconciling, 'clock'>): Promise<number[]> {
  // Read before the turns: a turn that ends in between has then left its next one behind.
  const accounts = await workingAccounts(db, partnerId)
  const pending = new Map((await pendingTurns(db, queue.name)).map((turn) => [turn.accountId, turn]))
  // All of them are the database's instants.
  const now = await databaseNow(db)
  const given: number[] = []
  for (const { accountId, nextTurnAt, isDue } of accounts) {
    const turn = pending.get(accountId)
    const isServed = turn !== undefined && (!isDue || turn.state === 'active' || turn.startAt <= now)
    if (isServed) continue
    await queue.ensure(accountId, isDue ? now : Math.max(now, nextTurnAt ?? now))
    given.push(accountId)
  }
  return given
}
