/** What could not be stored as it came. Pure. */
export interface RejectView {
  id: number
  what: string
  why: string
  /** the provider, and the event or race */
  list: string
  at: number
}

export interface RejectDetail extends RejectView {
  /** as the provider sent it */
  value: string
}
