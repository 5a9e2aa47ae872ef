import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { adapterOf } from '../providers/registry.ts'
import { readAccount } from '../store/accounts.ts'
import type { Db } from '../store/database.ts'
import { eventsOfAccount } from '../store/events.ts'
import { participantTable } from '../store/participants/table.ts'
import { type EventContext, eventContext, type LaneContext } from './context.ts'
import { openLane } from './lane.ts'
import { refusedError } from './secrets.ts'

/** What work on stored rows needs of a process: no key, for it opens no secret and makes no call. */
export interface StoredWork {
  db: Db
  clock: Clock
  signal?: AbortSignal
}

/**
 * Takes an account's lane for work on its stored rows (N1). Neither quota, nor a pause, nor a refused secret stands in
 * its way.
 * @throws StartlistError `LANE_BUSY`; `NO_SUCH_CREDENTIAL` without such an account; whatever `work` throws
 */
export async function withLane<T>(
  { db, clock, signal }: StoredWork,
  accountId: number,
  work: (lane: LaneContext) => Promise<T>,
): Promise<T> {
  const account = await readAccount(db, accountId)
  if (account === null) throw new StartlistError('NO_SUCH_CREDENTIAL', `there is no account ${accountId}`)
  const provider = adapterOf(account.provider)?.provider
  if (provider === undefined) {
    throw new StartlistError(
      'CONFIG_INVALID',
      `this release of startlist does not know the provider ${account.provider}`,
    )
  }
  const lane = await openLane(db, clock, accountId, { signal })
  try {
    return await work({
      db,
      clock,
      account,
      provider,
      shape: participantTable(account.provider),
      fence: lane.fence,
      calls: () => 0,
    })
  } finally {
    await lane.release()
  }
}

/**
 * An event with all who receive it, for a run of the given kind.
 * @throws StartlistError `CREDENTIAL_REFUSED` when nobody receives it now
 */
export async function storedEvent(
  lane: LaneContext,
  eventId: string,
  kind: EventContext['kind'],
): Promise<EventContext> {
  const { accountId } = lane.account
  const [event] = await eventsOfAccount(lane.db, accountId, { eventIds: [eventId] })
  if (event === undefined) throw await refusedError(lane.db, accountId)
  return eventContext(lane, event, kind)
}
