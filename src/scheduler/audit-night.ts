import { Temporal } from 'temporal-polyfill'
import { isZone } from '../domain/event-time.ts'
import { effectiveLimit, type Limits, UPKEEP_SHARE } from '../quota/window.ts'

/** When events are audited by themselves: at night, where the timing partner is. Pure. Instants in ms since the epoch. */

const FROM_HOUR = 1
const TO_HOUR = 4
/** Where no zone of a partner is known. */
const DEFAULT_ZONE = 'America/New_York'

/** Nobody's race may be this near: calls and attention are the race's then, ms. */
export const NO_RACE_WITHIN_MS = 4 * 3_600_000

/** A night: from 01:00 to 04:00. */
export interface Night {
  from: number
  to: number
}

/** The night that an instant lies in, else the next one, where an account's timing partners are. */
export function auditNight(zones: readonly (string | null)[], now: number): Night {
  const zone = zones.find((name) => isZone(name)) ?? DEFAULT_ZONE
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(zone).toPlainDate()
  const nightOf = (day: Temporal.PlainDate): Night => {
    const at = (hour: number) =>
      day.toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds
    return { from: at(FROM_HOUR), to: at(TO_HOUR) }
  }
  const tonight = nightOf(today)
  return now < tonight.to ? tonight : nightOf(today.add({ days: 1 }))
}

/** Calls that one night's audits of an account may take: what upkeep has of the hours of a night (L3). */
export function nightBudget(limits: Limits, observedLimit: number | null): number {
  return Math.floor((TO_HOUR - FROM_HOUR) * effectiveLimit(limits, observedLimit) * UPKEEP_SHARE)
}
