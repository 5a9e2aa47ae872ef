import { StartlistError } from '../domain/errors.ts'
import { decideHold, type Hold, lockHold, readHold } from '../store/holds.ts'
import { checkFence } from '../store/lanes.ts'
import type { EventContext } from './context.ts'
import { closeRuns } from './history.ts'
import { removeRows } from './removal.ts'
import { type StoredWork, storedEvent, withLane } from './stored-work.ts'

/** What applying a hold did. */
export interface Applied {
  hold: Hold
  /** Registrations removed; of a shared account those of the timing partner that lost most. */
  removed: number
  /** A row of `sync_history` for each timing partner, to undo it by; none for a foreign list. */
  runIds: number[]
}

/**
 * A person says that the provider is right. A removal is carried out for every holder, in one transaction under the
 * account's lane: exactly the registrations of the hold that no page has listed since. A foreign list is let through by
 * the next pass (A2, A3). A removal that was discarded may be applied after all.
 * @throws StartlistError `NO_SUCH_HOLD` also for one that is decided; `LANE_BUSY`
 */
export async function applyHold(work: StoredWork, holdId: number, by: string): Promise<Applied> {
  const known = await readHold(work.db, holdId)
  if (known === null) throw new StartlistError('NO_SUCH_HOLD', `there is no hold ${holdId}`)
  undecided(known, ['open', 'discarded'])
  if (known.kind === 'foreign_list') return letThrough(work, known, by)
  return withLane(work, known.accountId, async (lane) => {
    const event = await storedEvent(lane, known.eventId, 'hold')
    return lane.db.transaction().execute(async (trx) => {
      await checkFence(trx, known.accountId, lane.fence)
      // As it was when the person looked: not discarded meanwhile by another.
      const hold = undecided(await lockHold(trx, holdId), [known.state])
      const removed = await removeRows(trx, event, hold.keys, `hold ${holdId}, applied by ${by}`)
      const runIds = runsOf(event)
      await decideHold(trx, holdId, { state: 'applied', by, runIds })
      await closeRuns(trx, lane, event, { quietPoll: false, complete: true })
      return { hold, removed, runIds }
    })
  })
}

async function letThrough({ db }: StoredWork, { holdId, state }: Hold, by: string): Promise<Applied> {
  return db.transaction().execute(async (trx) => {
    const hold = undecided(await lockHold(trx, holdId), [state])
    await decideHold(trx, holdId, { state: 'applied', by })
    return { hold, removed: 0, runIds: [] }
  })
}

/**
 * A person says that the provider is wrong: the stored rows stay. The same absence, or the same list, opens no hold
 * again; rows that come back to the list are judged anew when they are missing next.
 * @throws StartlistError `NO_SUCH_HOLD` also for one that is decided
 */
export async function discardHold({ db }: Pick<StoredWork, 'db'>, holdId: number, by: string): Promise<Hold> {
  return db.transaction().execute(async (trx) => {
    const hold = undecided(await lockHold(trx, holdId), ['open'])
    await decideHold(trx, holdId, { state: 'discarded', by })
    return hold
  })
}

function undecided<T extends Hold>(hold: T | null, states: readonly Hold['state'][]): T {
  if (hold === null) throw new StartlistError('NO_SUCH_HOLD', 'the hold is gone')
  if (states.includes(hold.state)) return hold
  const by = hold.decidedBy === null ? '' : ` by ${hold.decidedBy}`
  throw new StartlistError('NO_SUCH_HOLD', `hold ${hold.holdId} is decided: ${hold.state}${by}`)
}

const runsOf = ({ holders }: EventContext): number[] =>
  holders.map((holder) => holder.runId).filter((runId) => runId !== null)
