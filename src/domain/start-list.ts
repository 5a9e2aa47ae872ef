import type { Json, JsonObject } from './json.ts'
import type { Category, RegistrationStatus } from './participant.ts'

/** An event, or a race of several, of one timing partner, as a file or a frozen list is about it. */
export interface StartListEvent {
  provider: string
  partnerId: number
  /** The list that registrations are read in, and that has the change feed. */
  listId: string
  /** What was asked for: the list, or one of the events in it. */
  eventId: string
  name: string
  /** ISO 8601 in UTC; null for a day without a time, or no date. */
  startsAt: string | null
  /** `YYYY-MM-DD` */
  startDay: string | null
  /** IANA zone, null where nobody knows it. */
  timezone: string | null
}

/** A start list as it stood at one instant, without its people. */
export interface StartListState {
  event: StartListEvent
  /** ISO 8601 in UTC */
  at: string
  /** Last position of the change feed that is in it. */
  position: number
  registrations: number
  /** Registrations whose detail, and so perhaps whose bib, has not been read (F3). */
  pending: number
  /** Oldest detail, ISO 8601 in UTC: "bibs as of" (F3); null where no detail was ever needed. */
  bibsAsOf: string | null
}

/** One registration with all that is kept of it and of use on paper; texts are as the provider spells them. */
export interface StartListLine {
  /** Registration number: the same for as long as the registration lives. */
  registration: string
  eventId: string
  status: RegistrationStatus
  bib: string | null
  providerBib: string | null
  localBib: string | null
  chip: string | null
  firstName: string | null
  middleName: string | null
  lastName: string | null
  gender: string | null
  /** `YYYY-MM-DD` */
  dateOfBirth: string | null
  /** On race day where it can be told, else as listed. */
  age: number | null
  category: string | null
  /**
   * What the registration is entered in, or was and has left, where its provider enters one registration in several
   * categories; none where it does not. Null while they are not known.
   */
  categories: Category[] | null
  /** Of the withdrawn after a position of the feed: what the registration was entered in at that position, if that changed. */
  formerCategories: Category[] | null
  wave: string | null
  corral: string | null
  team: string | null
  email: string | null
  phone: string | null
  street: string | null
  city: string | null
  state: string | null
  zip: string | null
  country: string | null
  nationality: string | null
  emergencyContact: JsonObject | null
  paymentStatus: string | null
  /** Decimal text such as `1234.50`. */
  amountPaid: string | null
  specialRequirements: string | null
  shirt: string | null
  /** What was answered to a race's questions, as the provider says it. */
  answers: Json | null
  registeredAt: string | null
  removedAt: string | null
  /** The registration that took its place. */
  successor: string | null
  /** `pending` until the detail, and so the bib, has been read (F3). */
  details: 'read' | 'pending'
  detailReadAt: string | null
}

export type LineField = keyof StartListLine

/** A line with those fields that were asked for. */
export type AskedLine = Pick<StartListLine, 'registration'> & Partial<StartListLine>
