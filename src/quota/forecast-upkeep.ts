import { Temporal } from 'temporal-polyfill'
import { DISCOVERY_HOURS } from '../domain/discovery-hours.ts'
import { densestFrom } from '../domain/sweep-times.ts'
import type { ForecastAccount, PlannedEvent } from './forecast.ts'

/** Calls of an account that are no polls: tokens, discovery, sweeps. Pure. Instants are ms since the epoch. */

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** A token lives for an hour and is renewed 5 min before its end. */
const TOKENS_PER_HOUR = 60 / 55
const EVENTS_PER_PAGE = 100

/** Calls that fall due at an instant. */
export interface DueCalls {
  at: number
  calls: number
}

/** Token calls of an hour with so many other calls: no token is asked for where nothing is. */
export const tokensFor = (otherCalls: number): number => Math.min(TOKENS_PER_HOUR, otherCalls)

/** Discovery's calls: at 06:00 the whole list of events, at 18:00 its first page. */
export function discoveries(account: ForecastAccount, from: number, end: number): DueCalls[] {
  const due: DueCalls[] = []
  const whole = Math.ceil(account.events.length / EVENTS_PER_PAGE) + 1
  let day = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(account.timezone).toPlainDate()
  for (;;) {
    for (const [i, hour] of DISCOVERY_HOURS.entries()) {
      const at = day.toPlainDateTime({ hour }).toZonedDateTime(account.timezone).epochMilliseconds
      if (at >= end) return due
      if (at >= from) due.push({ at, calls: i === 0 ? whole : 1 })
    }
    day = day.add({ days: 1 })
  }
}

/**
 * Sweeps of an event: daily when its start is near, one before its densest polls, and a last one when polling has
 * stopped. None where each poll is a sweep anyway (W9).
 */
export function sweepsOf(
  account: ForecastAccount,
  planned: PlannedEvent,
  from: number,
  end: number,
): DueCalls[] {
  const { event, schedule, sweepCalls } = planned
  const { start, overAt } = schedule
  if (start === null) return []
  const dense = densestFrom(schedule) ?? start
  const { withinMs, aheadMs } = account.sweeps
  const ahead = dense - (aheadMs ?? 0)
  const due: number[] = []
  const first = event.sweptAt === null ? from : Math.max(from, event.sweptAt + DAY)
  if (withinMs > 0)
    for (let at = Math.max(first, start - withinMs); at < Math.min(end, ahead); at += DAY) due.push(at)
  if (aheadMs !== null) due.push(ahead)
  if (overAt !== null) due.push(overAt)
  return due
    .filter((at) => at >= from && at < end && !isUnordered(account, at))
    .map((at) => ({ at, calls: sweepCalls }))
}

const isUnordered = ({ unorderedUntil }: ForecastAccount, at: number): boolean =>
  unorderedUntil !== null && at < unorderedUntil
