import { Temporal } from 'temporal-polyfill'

/**
 * Did, or will, the clocks of a zone change within `withinMs` of an instant?
 * @param zone IANA name
 * @param at ms since the epoch
 */
export function isNearZoneChange(zone: string, at: number, withinMs: number): boolean {
  const offsetAt = (ms: number) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).offsetNanoseconds
  return offsetAt(at - withinMs) !== offsetAt(at + withinMs)
}
