import { StartlistError } from '../domain/errors.ts'
import type { BibList } from '../store/bibs/lists.ts'
import { bibAuthorityOf } from '../store/bibs/lists.ts'
import { holdersOf, peopleByKey, peopleByName } from '../store/bibs/people.ts'
import { lockFeed } from '../store/changes.ts'
import type { Db, Trx } from '../store/database.ts'
import { NO_COUNTS, openRun, updateRun } from '../store/history.ts'
import { withLocalBib } from '../sync/local-bib.ts'
import type { WantedBib } from './file.ts'
import { type BibPlan, planBibs } from './plan.ts'
import { renumber } from './renumber.ts'

/** Bibs that a person gives, or takes back. */

export interface BibRequest {
  wanted: readonly WantedBib[]
  /** An empty bib takes one back; else it leaves what there is. */
  takesBack: boolean
  /** Let several people have one bib. */
  allowDuplicates: boolean
  /** Look only: nothing is written. */
  preview: boolean
}

/** What became of them. */
export interface BibResult extends BibPlan {
  /** To undo them by; null where nothing was written. */
  runId: number | null
  /** Registrations whose bib was changed. */
  changed: number
}

/**
 * Gives bibs in one list, all of them or none. No lane is taken and no call made: the event's feed is locked first, as
 * every page does (D4), so a poll that writes the same rows waits, or is waited for, and merges what it finds.
 * @throws StartlistError NO_SUCH_EVENT for an event that no account feeds
 */
export async function assignBibs(db: Db, list: BibList, request: BibRequest): Promise<BibResult> {
  return db.transaction().execute(async (trx) => {
    const event = { provider: list.provider, partnerId: list.partnerId, eventId: list.listId }
    if (!(await lockFeed(trx, event)) || list.accountId === null) {
      throw new StartlistError(
        'NO_SUCH_EVENT',
        `event ${list.listId} has not been read from its provider yet`,
        {
          hint: 'startlist discover finds it again.',
        },
      )
    }
    // As it stands now that nobody can write: not as it was when the list was looked up.
    const current = { ...list, bibAuthority: await bibAuthorityOf(trx, event) }
    const plan = await planOf(trx, current, request)
    if (request.preview || plan.blocked || plan.writes.size === 0) return { ...plan, runId: null, changed: 0 }
    const runId = await openRun(trx, { event, accountId: list.accountId, kind: 'bibs' })
    const changed = await renumber(trx, list, runId, [...plan.writes.keys()].sort(), (row) =>
      withLocalBib(row, plan.writes.get(row.participant_id) ?? null, current.bibAuthority),
    )
    const counts = { ...NO_COUNTS, updated: changed }
    await updateRun(trx, runId, counts, { status: 'success', complete: true })
    return { ...plan, runId, changed }
  })
}

async function planOf(trx: Trx, list: BibList, request: BibRequest): Promise<BibPlan> {
  const { wanted, takesBack, allowDuplicates } = request
  const keys = wanted.map(({ registration }) => registration).filter((key) => key !== null)
  const names = wanted.flatMap(({ registration, person }) =>
    registration === null && person ? [person] : [],
  )
  const found = [...(await peopleByKey(trx, list, keys)), ...(await peopleByName(trx, list, names))]
  const people = [...new Map(found.map((person) => [person.key, person])).values()]
  const bibs = wanted.map(({ bib }) => bib).filter((bib) => bib !== null)
  const holders = await holdersOf(trx, list, bibs)
  return planBibs({ wanted, people, holders, authority: list.bibAuthority, takesBack, allowDuplicates })
}
