/** Whether a poll came late (P4). Pure: for the metrics of a run, and for who judges a provider's own log. */

/** Of its interval so much may pass beyond a poll's due time, and at least {@link LEAST_MS}. */
const SHARE = 0.1
const LEAST_MS = 5_000

/** One poll; instants in ms since the epoch, durations in ms. */
export interface PollStart {
  /** when it was due, under the stretch in force */
  due: number
  /** when its list call began */
  startedAt: number
  /** its interval, as the cadence has it */
  every: number
  /** polls of its account that were due at the same moment, itself included */
  together: number
}

/** How long after its due time a poll may begin, ms. */
function toleranceOf({ every, together }: Pick<PollStart, 'every' | 'together'>, spacingMs: number): number {
  return Math.max(every * SHARE, LEAST_MS) + spacingMs * together
}

/** Did the poll begin late? */
export function isLate(poll: PollStart, spacingMs: number): boolean {
  return poll.startedAt - poll.due > toleranceOf(poll, spacingMs)
}
