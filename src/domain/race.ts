import type { JsonObject } from './json.ts'

/** What groups events that are raced on one occasion, and that a provider lists together. */
export interface Race {
  raceId: string
  name: string
  description: string | null
  url: string | null
  externalUrl: string | null
  resultsUrl: string | null
  logoUrl: string | null
  facebookPage: string | null
  facebookEvent: string | null
  /** IANA zone. */
  timezone: string | null
  isDraft: boolean | null
  isPrivate: boolean | null
  isRegistrationOpen: boolean | null
  /** About results, not about registrations. */
  notifiesInRealTime: boolean | null
  /** `YYYY-MM-DD` */
  nextDate: string | null
  nextEndDate: string | null
  lastDate: string | null
  lastEndDate: string | null
  /** ISO 8601 in UTC. */
  createdAt: string | null
  modifiedAt: string | null
  /** As the provider gives it: street, city, state, zipcode, country_code. */
  address: JsonObject | null
  /** Without its events: each has its own. */
  raw: JsonObject
}

/** What an event is in its race. */
export interface RacePart {
  race: Race
  /** The day on which ages are taken, `YYYY-MM-DD`; null for the day of the race. */
  ageBaseDate: string | null
  /** ISO 8601 in UTC. */
  registrationOpens: string | null
  /** A shift for volunteers, and no race. */
  volunteer: boolean | null
  requiresBirthDate: boolean | null
  requiresPhone: boolean | null
  giveaway: string | null
}
