import type { FeedEntry } from '../store/overview/feed.ts'
import { feedJson } from './entry-json.ts'

/** The columns of changes as CSV. */
export const CHANGE_COLUMNS = [
  ...['position', 'seen_at', 'source_updated_at', 'change', 'registration', 'bib', 'first_name', 'last_name'],
  ...['event_id', 'run', 'field', 'old', 'new'],
]

/** A row for each column that changed, or one where none did. */
export function changeRows(entry: FeedEntry): unknown[][] {
  const { seenAt, sourceUpdatedAt } = feedJson(entry)
  const { position, change, participantId, bib, firstName, lastName, eventId, runId } = entry
  const common = [position, seenAt, sourceUpdatedAt, change, participantId, bib, firstName, lastName]
  const changed = Object.entries(entry.fields)
  if (changed.length === 0) return [[...common, eventId, runId, '', '', '']]
  return changed.map(([name, [old, now]]) => [...common, eventId, runId, name, old, now])
}
