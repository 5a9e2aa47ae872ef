import { detailLimit } from '../domain/detail-limit.ts'
import type { PlannedEvent } from './forecast.ts'
import type { ForecastHour } from './forecast-hours.ts'
import { WINDOW_MS } from './window.ts'

/** Detail rounds (F4): how old a detail may become, and how long reading all of an event's again takes. Pure. */

/** A round of one event: each of its details read once more, from spare calls. */
export interface RoundForecast {
  eventId: string
  name: string
  /** registrations, a call each */
  details: number
  /** hours that a round takes if it is to end at the start, or, beyond the forecast's end or without a date, from now
   * on; null where the spare calls until then are not enough */
  hours: number | null
  /** when that round begins, ms since the epoch */
  from: number | null
  /** it ends at the start of the event */
  beforeStart: boolean
}

/** Details of an event of `size` that come over their limit in the hour that begins at `at`. */
export function detailsDue(size: number, start: number | null, at: number): number {
  return Math.min(size, (size * WINDOW_MS) / detailLimit(start, at, { spare: true }))
}

/** How long a round of each event takes, with the calls that polls, owed details and sweeps leave. */
export function roundsOf(events: readonly PlannedEvent[], hours: readonly ForecastHour[]): RoundForecast[] {
  const begin = hours[0]?.from ?? 0
  const end = hours.at(-1)?.to ?? 0
  return events
    .filter(({ event }) => event.size > 0)
    .map(({ event: { eventId, name, size }, schedule: { start } }) => {
      const beforeStart = start !== null && start > begin && start <= end
      const window = beforeStart ? hours.filter(({ from }) => from < start).reverse() : hours
      const taken = hoursFor(size, window, beforeStart ? start : end)
      const from = taken === null ? null : beforeStart ? start - taken * WINDOW_MS : begin
      return { ...{ eventId, name, details: size, hours: taken, from, beforeStart } }
    })
}

/** @param until the part of an hour that lies behind this instant does not count */
function hoursFor(details: number, window: readonly ForecastHour[], until: number): number | null {
  let left = details
  let taken = 0
  for (const hour of window) {
    const part = Math.min(1, (until - hour.from) / WINDOW_MS)
    const spare = (hour.spare + hour.rounds) * part
    if (spare >= left) return taken + (part * left) / spare
    left -= spare
    taken += part
  }
  return null
}
