import type { OpenAlert } from '../store/alerts/book.ts'
import type { Alert } from './rule.ts'

/** What a look found out that people have to be told. */
export interface News extends Alert {
  state: 'opened' | 'still open' | 'resolved'
  rule: string
  /** since when the alert is open, ms since the epoch */
  since: number
}

/** What a look changes: pure result of {@link compare}. */
export interface Comparison {
  news: News[]
  /** as they are to be stored */
  open: OpenAlert[]
  /** keys of those that are over */
  resolved: string[]
}

/** An alert that stays open is told again after this, and not sooner. */
export const REPEAT_MS = 4 * 3_600_000
/** What comes and goes within this is one alert, not twenty. */
export const CLEAR_MS = 5 * 60_000

/**
 * Compares what is open with what the rules have just seen.
 * @param open the open alerts of these rules, and of no other
 * @param seen by rule
 * @param now ms since the epoch
 */
export function compare(
  open: readonly OpenAlert[],
  seen: ReadonlyMap<string, readonly Alert[]>,
  now: number,
): Comparison {
  const known = new Map(open.map((alert) => [alert.key, alert]))
  const result: Comparison = { news: [], open: [], resolved: [] }
  for (const [rule, alerts] of seen) {
    for (const alert of alerts) {
      const before = known.get(alert.key)
      known.delete(alert.key)
      const isTold = before !== undefined && now - before.toldAt < REPEAT_MS
      const since = before?.since ?? now
      result.open.push({ ...alert, rule, since, seenAt: now, toldAt: isTold ? before.toldAt : now })
      const state = before === undefined ? 'opened' : 'still open'
      if (!isTold) result.news.push({ ...alert, rule, since, state })
    }
  }
  for (const { key, message, hint, rule, since, seenAt } of known.values()) {
    if (now - seenAt < CLEAR_MS) continue
    result.resolved.push(key)
    result.news.push({ key, message, hint, rule, since, state: 'resolved' })
  }
  return result
}
