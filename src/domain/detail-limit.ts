const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const RACE_WEEK = 7 * DAY
/** In a race's last hours details are read again as fast as spare calls allow, but not the same one all the time. */
const LAST_HOURS = 4 * HOUR
const LEAST_AGE = 15 * MINUTE

/**
 * How old a registration's detail may be before it is read again, ms (F4): 24 h in race week, 7 days before.
 * @param start ms since the epoch; null without a date
 * @param use.spare the calls are spare ones: in the last 4 h details are then read again as fast as those allow
 */
export function detailLimit(start: number | null, now: number, use: { spare: boolean }): number {
  if (start === null || Math.abs(start - now) > RACE_WEEK) return 7 * DAY
  return use.spare && start - now <= LAST_HOURS ? LEAST_AGE : DAY
}
