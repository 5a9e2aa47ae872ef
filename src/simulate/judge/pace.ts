/** How the calls of one account are spread. Pure; instants are ms since the epoch, ascending. */

const HOUR = 3_600_000
const FIRST_PART = 20 * 60_000

/** The most calls in any window; a call exactly one window after another is outside its window. */
export function mostWithin(instants: readonly number[], windowMs: number): number {
  let oldest = 0
  let most = 0
  for (const [i, at] of instants.entries()) {
    while (at - (instants[oldest] ?? at) >= windowMs) oldest++
    most = Math.max(most, i - oldest + 1)
  }
  return most
}

/** The largest share of an hour's calls that fell into its first 20 minutes, over the whole hours of a span. */
export function busiestStart(instants: readonly number[], from: number, until: number): number {
  let most = 0
  for (let hour = from; hour + HOUR <= until; hour += HOUR) {
    const mine = instants.filter((at) => at >= hour && at < hour + HOUR)
    if (mine.length > 0)
      most = Math.max(most, mine.filter((at) => at < hour + FIRST_PART).length / mine.length)
  }
  return most
}
