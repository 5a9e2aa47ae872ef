/** What an account has still to read for the first time. Pure; durations in ms. */
export interface Backfill {
  /** races whose list has never been read to its end */
  events: number
  /** of these, races whose number of registrations nobody knows yet */
  unknown: number
  /** pages of them that have been read */
  pages: number
  /** registrations that are stored already */
  rows: number
  /** registrations whose detail, and so perhaps whose bib, is still to be read */
  details: number
  /** calls made for it that count in the rolling hour */
  calls: number
  /** calls that it still takes; with unknown races, the part that is known */
  callsLeft: number
  /** calls an hour that polls leave to it */
  spare: number
  /** until it is done at that pace; null without a spare call, with unknown races the least */
  takes: number | null
}

/** One race, as far as it has been read. */
export interface BackfilledRace {
  isComplete: boolean
  participants: number
  pending: number
  sweep: { pages: number; rows: number; total: number | null; pageSize: number | null } | null
}

const HOUR = 3_600_000
/** Fewer details are read within minutes of a change: everyday work, which nobody waits for. */
const NEWS_FROM = 50

/**
 * How far the first reading of an account's races has come; null when it is done.
 * @param account.spare calls an hour that polls leave
 * @param account.readsDetails every registration takes a call of its own (F1)
 */
export function backfillOf(
  races: readonly BackfilledRace[],
  account: { calls: number; spare: number; readsDetails: boolean },
): Backfill | null {
  const unread = races.filter((race) => !race.isComplete)
  const details = races.reduce((sum, race) => sum + race.pending, 0)
  if (unread.length === 0 && details < NEWS_FROM) return null
  const left = unread.map((race) => listCallsLeft(race, account.readsDetails))
  const callsLeft = left.reduce<number>((sum, calls) => sum + (calls ?? 0), details)
  const { calls, spare } = account
  return {
    events: unread.length,
    unknown: left.filter((known) => known === null).length,
    pages: unread.reduce((sum, { sweep }) => sum + (sweep?.pages ?? 0), 0),
    rows: unread.reduce((sum, race) => sum + race.participants, 0),
    details,
    calls,
    callsLeft,
    spare,
    takes: spare <= 0 ? null : (callsLeft / spare) * HOUR,
  }
}

/** Pages, and details of registrations that no page has shown; null where nobody knows how many there are. */
function listCallsLeft({ sweep }: BackfilledRace, readsDetails: boolean): number | null {
  if (sweep === null || sweep.total === null || sweep.pageSize === null || sweep.pageSize === 0) return null
  const rows = Math.max(0, sweep.total - sweep.rows)
  return Math.ceil(rows / sweep.pageSize) + (readsDetails ? rows : 0)
}
