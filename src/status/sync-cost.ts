/** What reading a list now takes. Pure. */
export interface SyncCost {
  kind: 'poll' | 'sweep'
  /** calls; with `isLeast` as far as anybody knows */
  calls: number
  /** changes, and their details, cost calls that nobody can count before */
  isLeast: boolean
  /** for people */
  note: string
}

/** What is known of a list before it is read. */
export interface ListToSync {
  /** when it was last read whole; null: it is read whole now (W8) */
  completeAt: number | null
  /** each poll reads it whole (W9) */
  unordered: boolean
  /** registrations that are stored */
  participants: number
  /** details that are owed already (F2) */
  pending: number
  /** rows a page; the smallest that anybody has seen */
  pageSize: number
  /** who is gone stands in a second list */
  removedFeed: boolean
  /** each change costs a detail call */
  readsDetails: boolean
}

/** The calls that syncing a list now makes: more with each page of changes, and a detail for each of them. */
export function syncCost(list: ListToSync): SyncCost {
  const isWhole = list.completeAt === null || list.unordered
  const pages = isWhole ? Math.ceil(list.participants / list.pageSize) + 1 : 1
  const calls = pages + (list.removedFeed ? 1 : 0) + list.pending
  return { kind: list.completeAt === null ? 'sweep' : 'poll', calls, isLeast: true, note: noteOf(list) }
}

function noteOf({ completeAt, unordered, pending, readsDetails }: ListToSync): string {
  const parts = [
    completeAt === null
      ? 'It has not been read whole yet, so all of its pages are read'
      : unordered
        ? 'Its list is not sorted by change, so all of its pages are read'
        : 'One call where nothing changed',
    ...(pending > 0 ? [`${pending} details are to be read`] : []),
    ...(readsDetails ? ['a call more for each registration that changed'] : []),
  ]
  return `${parts.join('; ')}.`
}
