import { canonicalJson } from '../domain/fingerprint.ts'
import type { ChangeKind } from '../domain/row.ts'
import type { FeedEntry } from '../store/overview/feed.ts'

/**
 * Many entries as one per registration: what is different now from before the first of them, or nothing where all was
 * taken back. The newest entry gives position, times and person.
 * @param batches all entries of a registration one behind the other, as `scanFeed` has them together
 */
export async function* netChanges(batches: AsyncIterable<readonly FeedEntry[]>): AsyncGenerator<FeedEntry[]> {
  let open: FeedEntry | null = null
  for await (const batch of batches) {
    const done: FeedEntry[] = []
    for (const entry of batch) {
      if (open !== null && open.participantId === entry.participantId) open = joined(open, entry)
      else {
        if (open !== null) done.push(settled(open))
        open = entry
      }
    }
    yield done.filter(hasChanged)
  }
  if (open !== null) yield [settled(open)].filter(hasChanged)
}

const hasChanged = ({ change, fields }: FeedEntry) => change !== 'changed' || Object.keys(fields).length > 0

function joined(known: FeedEntry, entry: FeedEntry): FeedEntry {
  const fields = { ...known.fields }
  for (const [name, [old, now]] of Object.entries(entry.fields)) {
    const before = fields[name]
    fields[name] = [before === undefined ? old : before[0], now]
  }
  // Whether they were there before is what the first entry says.
  return { ...entry, change: known.change, fields }
}

function settled(entry: FeedEntry): FeedEntry {
  const differing = Object.entries(entry.fields).filter(
    ([, [old, now]]) => canonicalJson(old) !== canonicalJson(now),
  )
  return { ...entry, fields: Object.fromEntries(differing), change: kindOf(entry) }
}

/** What became of somebody on the whole, by where they stood before and where they stand now. */
function kindOf({ change, fields }: FeedEntry): ChangeKind {
  const [before, now] = fields.registration_status ?? [undefined, undefined]
  if (before === now) return change === 'added' ? 'added' : 'changed'
  switch (now) {
    case 'active':
      return before === null ? 'added' : 'restored'
    case 'cancelled':
    case 'removed':
    case 'transferred':
    case 'deferred':
      return now
    default:
      return 'changed'
  }
}
