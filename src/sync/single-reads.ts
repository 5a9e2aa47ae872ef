import { StartlistError } from '../domain/errors.ts'
import type { JsonObject } from '../domain/json.ts'
import type { DetailAnswer } from '../providers/provider.ts'
import { anySeen } from '../store/sweep-seen.ts'
import type { AccountContext, EventContext } from './context.ts'
import type { Pass } from './pass.ts'

/** What single reads said of absent rows. */
export interface Checked {
  gone: string[]
  hidden: Map<string, JsonObject>
  /** 404, but on a route that does not answer for a listed registration either: there is no single read. */
  unread: string[]
}

/** Nobody was asked for. */
export const NOTHING_CHECKED: Checked = { gone: [], hidden: new Map(), unread: [] }

/** This many single reads failing in a row are the provider's failure, not one registration's. */
const MOST_FAILURES_IN_A_ROW = 3

/** Asks for absent rows one by one, a call each (A1). One whose read fails is in neither part of the answer. */
export async function checkSingly(
  account: AccountContext,
  event: EventContext,
  keys: readonly string[],
): Promise<Checked> {
  const checked: Checked = { gone: [], hidden: new Map(), unread: [] }
  const failures = { inARow: 0 }
  for (const [i, key] of keys.entries()) {
    account.signal.throwIfAborted()
    // They are not interrupted, but what has fallen due meanwhile goes first.
    await event.between(event)
    // A few reads cannot be taken up again later, but let a poll go first.
    if (i > 0) await event.between(event)
    const answer = await readSingly(account, event, key, failures)
    if (answer === null) continue
    if (answer.found) checked.hidden.set(key, answer.record)
    else checked.gone.push(key)
  }
  return checked
}

/**
 * Asks for one absent row. One whose single read always fails is left as it is, and asked for again by the next sweep:
 * it must not keep the event from ever being complete. Failures in a row are the provider's.
 */
async function readSingly(
  account: AccountContext,
  event: EventContext,
  key: string,
  failures: { inARow: number },
): Promise<DetailAnswer | null> {
  try {
    const answer = await account.connection.readDetail(event.eventId, key, 'removal-check', event.events)
    failures.inARow = 0
    return answer
  } catch (error) {
    const alone = error instanceof StartlistError && ['transient', 'provider_bug'].includes(error.class)
    if (!alone || error.code === 'NETWORK' || ++failures.inARow >= MOST_FAILURES_IN_A_ROW) throw error
    return null
  }
}

/** A 404 counts only if the same route answers for a row that is listed: else the route is gone, not the people (A1). */
export async function provenGone(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  checked: Checked,
): Promise<Checked> {
  if (checked.gone.length === 0 || checked.hidden.size > 0) return checked
  const listed = await anySeen(account.db, { ...event.at, pass: pass.seenAs })
  const proof =
    listed === null
      ? { found: false }
      : await account.connection.readDetail(event.eventId, listed, 'removal-check', event.events)
  return proof.found ? checked : { gone: [], hidden: checked.hidden, unread: checked.gone }
}
