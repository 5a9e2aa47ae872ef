import type { FeedEntry, FeedFilter } from '../store/overview/feed.ts'

/** Whether an entry that came by itself is one that a reader asked for, as `readFeed` would have it; texts apart. */
export function isWanted({ change, eventId, fields }: FeedEntry, only: Omit<FeedFilter, 'q'>): boolean {
  const { eventId: wanted, kinds, field } = only
  const isOfEvent = wanted === undefined || eventId === wanted || fields.event_id?.includes(wanted) === true
  return isOfEvent && (kinds?.includes(change) ?? true) && (field === undefined || field in fields)
}
