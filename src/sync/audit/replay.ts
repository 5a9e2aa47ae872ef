import { canonicalJson } from '../../domain/fingerprint.ts'
import type { Json } from '../../domain/json.ts'
import { CONTENT_COLUMNS, type StoredRow } from '../../domain/row.ts'
import type { FeedEntry } from '../../store/runs.ts'

/** A row told by its change feed alone. Pure. */

/**
 * Replays the feed entries of one registration and compares what they tell with its row.
 * @param entries of this registration, oldest first
 * @param isWhole the event's feed still has its first entry; purging takes the beginning away
 * @returns columns in which row and feed, or two entries, disagree; `['*']` for a row that the feed does not know
 */
export function replayFaults(
  row: StoredRow,
  entries: readonly FeedEntry[],
  { isWhole }: { isWhole: boolean },
): string[] {
  const [first] = entries
  if (first === undefined) return isWhole ? ['*'] : []
  const told = new Map<string, Json>()
  const faults = new Set<string>()
  for (const { fields } of entries) {
    for (const [name, [old, now]] of Object.entries(fields)) {
      const before = told.get(name)
      if (before !== undefined && !isSame(before, old)) faults.add(name)
      told.set(name, now)
    }
  }
  for (const name of CONTENT_COLUMNS) {
    // What was null from the beginning has no entry; before an adoption, or a purge, nobody knows.
    const last = told.get(name) ?? (isWhole && first.change === 'added' ? null : undefined)
    if (last !== undefined && !isSame(last, row[name] as Json)) faults.add(name)
  }
  return [...faults]
}

const isSame = (a: Json, b: Json | undefined): boolean => canonicalJson(a) === canonicalJson(b ?? null)
