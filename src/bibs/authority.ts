import type { BibAuthority } from '../domain/bib.ts'
import type { BibList } from '../store/bibs/lists.ts'
import { peopleOfTwoBibs } from '../store/bibs/people.ts'
import { lockFeed } from '../store/changes.ts'
import type { Db } from '../store/database.ts'
import { setBibAuthority } from '../store/partners.ts'
import { withAuthority } from '../sync/local-bib.ts'
import { renumber } from './renumber.ts'

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
  const event = { provider: list.provider, partnerId: list.partnerId, eventId: list.listId }
  return db.transaction().execute(async (trx) => {
    await lockFeed(trx, event)
    await setBibAuthority(trx, event, authority)
    const keys = await peopleOfTwoBibs(trx, list)
    return renumber(trx, list, null, keys, (row) => withAuthority(row, authority))
  })
}
