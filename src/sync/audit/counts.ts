/** Our count of an event's registrations against the provider's total. Pure. */

/** What the comparison is made of. */
export interface CountFacts {
  /** registrations that we hold as listed, rejected records included */
  ours: number
  /** the provider's total; null where it gives none, or none that can be believed */
  theirs: number | null
  /** records on page 1, and how many of them are not stored as live: newcomers since the last poll */
  listed: number
  news: number
  /** absent registrations that a hold, open or discarded, is about */
  held: number
}

/**
 * - `same`: they agree
 * - `untold`: there is no total
 * - `news`: the provider has more, and page 1 shows newcomers: the next poll stores them
 * - `held`: we have more, and a hold says who
 * - `gone`: we have more: people left since the last sweep, and the next one notices
 * - `missing`: the provider has more, and they are not among the newest: a mismatch
 */
export type CountVerdict = 'same' | 'untold' | 'news' | 'held' | 'gone' | 'missing'

export function judgeCount({ ours, theirs, listed, news, held }: CountFacts): CountVerdict {
  if (theirs === null) return 'untold'
  const lacking = theirs - ours
  if (lacking === 0) return 'same'
  if (lacking < 0) return -lacking <= held ? 'held' : 'gone'
  // A page of nothing but newcomers says that there are more behind it, and not how many.
  const isExplained = lacking <= news || (news > 0 && news === listed)
  return isExplained ? 'news' : 'missing'
}
