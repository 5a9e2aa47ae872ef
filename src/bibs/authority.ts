import type { BibAuthority } from '../domain/bib.ts'
import type { BibList } from '../store/bibs/lists.ts'
import { peopleOfTwoBibs } from '../store/bibs/people.ts'
import { appendChanges, lockFeed } from '../store/changes.ts'
import type { Db } from '../store/database.ts'
import { setLocalBibs } from '../store/participants/local-bibs.ts'
import { readRows } from '../store/participants/read.ts'
import { participantTable } from '../store/participants/table.ts'
import { setBibAuthority } from '../store/partners.ts'
import { freedFirst } from '../sync/bib-order.ts'
import { bibsOf, withAuthority } from '../sync/local-bib.ts'

/** Rows, raw data included, that are in memory at a time. */
const BATCH = 500

/**
 * Says whose bibs count in a list, and lets the stored ones follow at once: those of people to whom both gave one. No
 * call. A pass under way goes by what held when it began, and the next one mends what that wrote (F5).
 * @returns how many people have another bib now
 */
export async function changeBibAuthority(
  db: Db,
  list: Pick<BibList, 'provider' | 'partnerId' | 'listId'>,
  authority: BibAuthority,
): Promise<number> {
  const shape = participantTable(list.provider)
  const at = { partnerId: list.partnerId, eventId: list.listId }
  const event = { provider: list.provider, ...at }
  return db.transaction().execute(async (trx) => {
    await lockFeed(trx, event)
    await setBibAuthority(trx, event, authority)
    const keys = await peopleOfTwoBibs(trx, list)
    const changes = []
    for (let from = 0; from < keys.length; from += BATCH) {
      const rows = await readRows(trx, shape, at, keys.slice(from, from + BATCH))
      const numbered = [...rows.values()]
        .map((row) => withAuthority(row, authority))
        .filter((one) => one !== null)
      await setLocalBibs(
        trx,
        shape,
        at,
        numbered.map(({ row }) => bibsOf(row)),
      )
      changes.push(...numbered.map(({ change }) => change))
    }
    await appendChanges(trx, event, null, freedFirst(changes))
    return changes.length
  })
}
