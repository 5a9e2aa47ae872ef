import { canonicalJson } from '../domain/fingerprint.ts'
import type { ChangeKind } from '../domain/row.ts'
import type { FeedEntry } from '../store/overview/feed.ts'

/**
 * Many entries as one per registration: what is different now from before the first of them, or nothing where all was
 * taken back. The newest entry gives position, times and person.
 */
export class NetChanges {
  readonly #people = new Map<string, FeedEntry>()

  /** Takes in the next entries, in order. */
  take(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      const known = this.#people.get(entry.participantId)
      this.#people.set(entry.participantId, known === undefined ? { ...entry } : joined(known, entry))
    }
  }

  /** By the position of each one's newest entry. */
  result(): FeedEntry[] {
    const all = [...this.#people.values()].map(settled)
    return all
      .filter(({ change, fields }) => change !== 'changed' || Object.keys(fields).length > 0)
      .toSorted((a, b) => a.position - b.position)
  }
}

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
