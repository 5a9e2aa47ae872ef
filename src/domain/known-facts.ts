/** What the tables tell of an account, for questions that no single answer settles. Counts alone. */
export interface KnownFacts {
  /** live registrations, of how many events */
  registrations: number
  events: number
  /** registration numbers that stand in more than one event */
  shared: number
  /** cancelled, and still listed */
  cancelledListed: number
  /** gone from the list */
  removed: number
  /** registrations that became another person's under the same number, by the change feed */
  changedPerson: number
  /** registrations that name the one which took their place */
  successors: number
  /** single reads of audits, and how many of them showed a change behind an unchanged list row */
  audited: number
  blind: number
}
