/** What could not be stored as it came. Pure. */
export interface RejectView {
  id: string
  what: string
  why: string
  race: string | null
  at: number
}

export interface RejectDetail extends RejectView {
  /** as the provider sent it; null when it is not for this token */
  value: string | null
}
