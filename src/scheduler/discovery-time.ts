import { Temporal } from 'temporal-polyfill'
import { DISCOVERY_HOURS } from '../domain/discovery-hours.ts'
import { isZone } from '../domain/event-time.ts'

/** When events are looked for: at 06:00 and 18:00 of each timing partner's zone (design, Cadence). Pure. */

/** Where no zone of a partner is known. */
const DEFAULT_ZONE = 'America/New_York'
/** A discovery that failed is tried again after this, ms. */
const RETRY_MS = 15 * 60_000

/** What is known of an account's discoveries; ms since the epoch. */
export interface Discoveries {
  /** the last that finished; null for none */
  at: number | null
  triedAt: number | null
  /** a person wants one now */
  askedAt: number | null
  /** of the timing partners that receive the account's events */
  zones: readonly (string | null)[]
}

/** When the next discovery is due; in the past when one was missed, which is then made up for once. */
export function discoveryDue({ at, triedAt, askedAt, zones }: Discoveries, now: number): number {
  if (askedAt !== null && (triedAt === null || triedAt < askedAt)) return askedAt
  const due = at === null ? now : nextSlot(at, zones)
  const failed = triedAt !== null && (at === null || triedAt > at)
  return failed ? Math.max(due, triedAt + RETRY_MS) : due
}

/** The first 06:00 or 18:00 after an instant in any of the zones. */
function nextSlot(after: number, zones: readonly (string | null)[]): number {
  const known = new Set(zones.map((zone) => (isZone(zone) ? zone : DEFAULT_ZONE)))
  if (known.size === 0) known.add(DEFAULT_ZONE)
  return Math.min(...[...known].map((zone) => nextSlotIn(after, zone)))
}

function nextSlotIn(after: number, zone: string): number {
  const day = Temporal.Instant.fromEpochMilliseconds(Math.floor(after)).toZonedDateTimeISO(zone).toPlainDate()
  const slots = [0, 1].flatMap((days) =>
    DISCOVERY_HOURS.map(
      (hour) => day.add({ days }).toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds,
    ),
  )
  return Math.min(...slots.filter((slot) => slot > after))
}
