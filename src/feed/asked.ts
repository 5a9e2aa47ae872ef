import type { PartnerEvent } from '../store/changes.ts'
import type { Trx } from '../store/database.ts'
import { type FeedEntry, type FeedFilter, scanFeed } from '../store/overview/feed.ts'
import { netChanges } from './net.ts'
import { isWanted } from './wanted.ts'

/** Which changes somebody asks for. */
export interface AskedChanges extends FeedFilter {
  /** An entry a registration: what came of all its changes. */
  net: boolean
}

/**
 * The changes after a position that somebody asks for, in batches that are not all held at once: the same ones for a page,
 * a file and a terminal.
 *
 * With `net`, kind and column are looked at when all is summed up. Before, somebody who was added and then given a bib would
 * be told among the changed, as if they had been there, and somebody whose bib went back to what it was as well.
 * @throws StartlistError CHANGES_GONE
 */
export async function* askedChanges(
  trx: Trx,
  at: PartnerEvent,
  after: number,
  { net, kinds, field, ...whose }: AskedChanges,
): AsyncGenerator<FeedEntry[]> {
  if (!net) return yield* scanFeed(trx, at, after, { ...whose, kinds, field }, 'position')
  for await (const batch of netChanges(scanFeed(trx, at, after, whose, 'together')))
    yield batch.filter((entry) => isWanted(entry, { kinds, field }))
}
