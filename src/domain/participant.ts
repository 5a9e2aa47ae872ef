import type { JsonObject } from './json.ts'

/** Where a registration stands. Cancelled and removed people keep their row. */
export type RegistrationStatus = 'active' | 'cancelled' | 'removed' | 'transferred' | 'deferred'

/** One of possibly several categories of a registration (5K, 10K, relay leg), as its provider gives it. */
export interface Category {
  id: string | null
  name: string | null
  bib: string | null
  chip: string | null
  wave: string | null
  corral: string | null
  /** The registration has left it, although its provider goes on to name it. */
  left?: true
}

/**
 * What a registration says, in startlist's words: the provider-neutral content of one row.
 * `null` is "the provider says nothing". Dates are `YYYY-MM-DD`, instants ISO 8601 in UTC.
 */
export interface ParticipantFields {
  /** The event, where the provider lists registrations of several together; null where the list is one event's. */
  eventId: string | null
  firstName: string | null
  lastName: string | null
  email: string | null
  phone: string | null
  /** `YYYY-MM-DD` */
  dateOfBirth: string | null
  /** As the provider spells it; exports translate. */
  gender: string | null
  nationality: string | null
  emergencyContact: JsonObject | null
  team: string | null
  /** The first category's name, for legacy readers; all of them are in `categories`. */
  category: string | null
  categories: Category[] | null
  wave: string | null
  corral: string | null
  /** The provider's bib. Never a chip code. */
  providerBib: string | null
  chipNumber: string | null
  /** Age as the provider lists it, in years; race-day age is computed from the birth date where there is one. */
  listedAge: number | null
  /** Instant of registration, ISO 8601 in UTC. */
  registeredAt: string | null
  paymentStatus: string | null
  /** Decimal text such as `1234.50`, in the event's currency. */
  amountPaid: string | null
  specialRequirements: string | null
  status: RegistrationStatus
  /** Number of the registration that took the place of a transferred or deferred one. */
  successor: string | null
}

/** A value that could not be read: the row is stored without it (D2). */
export interface FieldProblem {
  field: keyof ParticipantFields
  /** Why, for a person: `not a date`. Never the value itself. */
  reason: string
  /** What the provider sent, cut to 500 characters; stored, never logged. */
  raw: string
}

/** Both halves of what a provider said of one registration, as `raw_data` keeps them. */
export interface RawParticipant {
  list: JsonObject | null
  detail: JsonObject | null
}

/** A mapped registration: its content, and the fields that were unreadable. */
export interface MappedParticipant {
  fields: ParticipantFields
  problems: FieldProblem[]
}
