/** An account's calls by the hour, as they are drawn. Pure; instants in ms, the rest in calls. */

const HOUR = 3_600_000

/** One hour: what was, or what is foreseen. */
export interface QuotaColumn {
  from: number
  to: number
  used: number
  /** kept for a person and for upkeep; 0 in what is past */
  reserved: number
  isForecast: boolean
}

export interface QuotaView {
  columns: readonly QuotaColumn[]
  /** of the rolling hour */
  used: number
  reserved: number
  spare: number
  /** in any 60 minutes */
  limit: number
  /** where its hours are read, IANA */
  zone: string
  fits: boolean
  /** what will not fit, or that all will */
  sentence: string
  advice: string | null
  /** what its lists hide; null before anything is known of it */
  blindness: string | null
}

/**
 * The whole hours before an instant, those without a call too: a quiet night is a flat line, not a gap.
 * @param spent by hours of the clock, those without a call left out; each is drawn where its middle is
 */
export function hoursBefore(
  end: number,
  hours: number,
  spent: readonly { from: number; calls: number }[],
): QuotaColumn[] {
  return Array.from({ length: hours }, (_, i) => {
    const from = end - (hours - i) * HOUR
    const to = from + HOUR
    const middles = spent.map((hour) => ({
      ...hour,
      middle: (hour.from + Math.min(hour.from + HOUR, end)) / 2,
    }))
    const calls = middles.filter(({ middle }) => middle >= from && middle < to)
    return {
      from,
      to,
      used: calls.reduce((sum, hour) => sum + hour.calls, 0),
      reserved: 0,
      isForecast: false,
    }
  })
}
