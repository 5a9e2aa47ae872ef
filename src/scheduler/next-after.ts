import type { StartlistError } from '../domain/errors.ts'
import { databaseNow } from '../store/overview/health.ts'
import type { Services } from '../sync/open-account.ts'

/** Somebody else has the lane: it is asked for again after so long, ms. */
export const LANE_BUSY_MS = 2_000
/** After a failure that says no time of its own, ms. */
export const FAILED_MS = 30_000

/** When an account whose turn failed gets its next one, ms since the epoch; null when a person has to act first. */
export async function nextAfter({ db, clock }: Services, error: StartlistError): Promise<number | null> {
  if (error.code === 'CREDENTIAL_REFUSED') return null
  if (error.retryAt !== undefined) return error.retryAt
  // The database's instant, as all that is due; our own clock may be minutes wrong.
  const now = await databaseNow(db).catch(() => clock.now())
  if (error.code === 'LANE_BUSY' || error.code === 'FENCED') return now + LANE_BUSY_MS
  return error.code === 'INTERRUPTED' ? now : now + FAILED_MS
}
