import type { FeedEntry } from '../store/overview/feed.ts'

/** An entry of the change feed as programs get it, whichever way: instants as ISO 8601 in UTC. */
export function feedJson({ sourceUpdatedAt, seenAt, ...entry }: FeedEntry) {
  return {
    ...entry,
    sourceUpdatedAt: sourceUpdatedAt === null ? null : new Date(sourceUpdatedAt).toISOString(),
    seenAt: new Date(seenAt).toISOString(),
  }
}
