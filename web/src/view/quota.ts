/** An account's calls by the hour, as they are drawn. Pure. */

/** One hour: what was, or what is foreseen. Instants in ms, the rest in calls. */
export interface QuotaColumn {
  from: number
  to: number
  used: number
  reserved: number
  isForecast: boolean
}

export interface QuotaView {
  columns: readonly QuotaColumn[]
  /** calls in any 60 minutes */
  limit: number
  /** where its hours are read, IANA */
  zone: string
  fits: boolean
  /** what will not fit, or that all will */
  sentence: string
  advice: string | null
}
