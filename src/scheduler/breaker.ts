import type { StartlistError } from '../domain/errors.ts'
import { pauseAccount } from '../store/accounts.ts'
import type { Db } from '../store/database.ts'
import { countOutage, endOutage, hasRaceWithin, pauseProvider } from '../store/plans/account-plan.ts'
import { isOutage as isProviders } from '../sync/account-sync.ts'

/**
 * The breaker of an account (N4): when the provider is down, calls stop, and growing probes look whether it is back.
 * Its state is the account's pause in the database, so that all processes keep it and a person sees it.
 */

/** One event that cannot be read is not an outage; the next one as well, without a good answer between, is. */
const OUTAGES_TO_OPEN = 2
const FIRST_PROBE_MS = 15_000
const LONGEST_NEAR_MS = 2 * 60_000
const LONGEST_MS = 15 * 60_000
const SOON_MS = 4 * 3_600_000

/** How long no call is made after so many failures in a row that are the provider's, ms; 0 for not at all. Pure. */
export function probeDelay(outages: number, isRaceSoon: boolean): number {
  if (outages < OUTAGES_TO_OPEN) return 0
  const longest = isRaceSoon ? LONGEST_NEAR_MS : LONGEST_MS
  return Math.min(FIRST_PROBE_MS * 2 ** Math.min(outages - OUTAGES_TO_OPEN, 20), longest)
}

/** Is this failure the provider's as a whole, and not one event's? */
export function isOutage(error: StartlistError): boolean {
  // A refusal by our own ledger tells nothing new.
  return error.retryAt === undefined && isProviders(error)
}

/**
 * Counts a failure that is the provider's, and opens the breaker when it is not the first, or keeps it open for longer.
 * When most accounts of the provider meet the same, the others need not find out for themselves.
 * @returns whether it is open
 */
export async function noteOutage(db: Db, accountId: number): Promise<boolean> {
  const outages = await countOutage(db, accountId)
  const forMs = probeDelay(outages, await hasRaceWithin(db, accountId, SOON_MS))
  if (forMs === 0) return false
  await pauseAccount(db, accountId, { forMs, reason: 'outage' })
  await pauseProvider(db, accountId, { forMs, leastAccounts: 3 })
  return true
}

/** The provider answers again. */
export async function closeBreaker(db: Db, accountId: number): Promise<void> {
  await endOutage(db, accountId)
}
