import { instantText } from '../domain/time-texts.ts'
import type { AccountForecast } from '../quota/forecast.ts'

/** A forecast in one sentence: what will not fit, or that all will. */
export function forecastSentence(
  { fits, peak, capacity, limit }: Pick<AccountForecast, 'fits' | 'peak' | 'capacity' | 'limit'>,
  timezone: string,
  now: number,
): string {
  const worst = `${Math.ceil(peak.polls)} of ${capacity} calls in the hour to ${instantText(peak.to, timezone, now)}`
  return fits
    ? `Fits: at most ${worst} go to polls (limit ${limit}).`
    : `Does not fit: polls ask for ${worst} (limit ${limit}); all intervals are stretched alike.`
}
