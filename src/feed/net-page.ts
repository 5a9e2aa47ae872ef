import type { PartnerEvent } from '../store/changes.ts'
import type { Trx } from '../store/database.ts'
import {
  changedPeople,
  type FeedEntry,
  type FeedFilter,
  type SomePeople,
  scanFeed,
} from '../store/overview/feed.ts'
import { netChanges } from './net.ts'
import { isWanted } from './wanted.ts'

/** Which part of a feed is summed up. What comes behind its end moves nobody to another page. */
export interface Span {
  after: number
  until: number
}

/** Where too few of them are wanted, so many times as many registrations are summed up next, and never more than that. */
const GROWTH = 4
const MOST_AT_ONCE = 5_000

/**
 * Some of what came of all changes in a span, an entry a registration, by their newest change: as many as are wanted, and
 * no more are held. Kind and column are looked at when all is summed up, as in {@link askedChanges}.
 * @param page `past` is the position of the entry that the page before ended with
 * @throws StartlistError CHANGES_GONE
 */
export async function readNetPage(
  trx: Trx,
  at: PartnerEvent,
  { after, until }: Span,
  { kinds, field, ...whose }: FeedFilter,
  page: SomePeople,
): Promise<FeedEntry[]> {
  const order = page.newestFirst ? 'newest' : 'together'
  const items: FeedEntry[] = []
  let { past, most } = page
  for (;;) {
    const some = await changedPeople(trx, at, after, { ...whose, until }, { ...page, past, most })
    const people = some.map(({ who }) => who)
    for await (const batch of netChanges(scanFeed(trx, at, after, { ...whose, until, people }, order))) {
      items.push(...batch.filter((entry) => isWanted(entry, { kinds, field })))
      if (items.length >= page.most) return items.slice(0, page.most)
    }
    if (some.length < most) return items
    past = some.at(-1)?.newest
    most = Math.min(most * GROWTH, MOST_AT_ONCE)
  }
}
