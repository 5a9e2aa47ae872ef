import type { InstantLike } from '../instants.ts'
import type { Registration, Removal } from './registration.ts'

/** A permanent key: v1 is presented in the query, v2 has its secret in a header (RunSignUp API notes 2.1). */
export interface ApiKey {
  form: 'v1' | 'v2'
  key: string
  secret: string
}

/** A customer of the provider, who sees his own races. */
export interface Account {
  readonly id: string
  /** valid at present */
  keys: ApiKey[]
  readonly email: string
  password: string
}

/** What the provider calls a race: events of several years. Instants are epoch milliseconds. */
export interface Race {
  readonly id: string
  readonly accountId: string
  name: string
  /** IANA name */
  timezone: string
  isDraft: boolean
  isPrivate: boolean
  deleted: boolean
  readonly createdAt: number
  modifiedAt: number
  /** deleted ones stay */
  readonly events: RaceEvent[]
}

/** What is raced on a date. Instants are epoch milliseconds. */
export interface RaceEvent {
  readonly id: string
  readonly raceId: string
  /** groups the events of one year */
  daysId: number
  name: string
  startsAt: number | null
  endsAt: number | null
  distance: string | null
  /** the events that a registration for this one also enters */
  readonly contains: readonly string[]
  deleted: boolean
  /** by registration id, which rises with time */
  readonly registrations: Map<string, Registration>
  readonly removals: Map<string, Removal>
  nextBib: number
}

export interface AccountOptions {
  id?: string
  /** default: one of each form */
  keys?: ApiKey[]
  email?: string
  password?: string
}

export interface RaceOptions {
  name?: string
  /** IANA name; default America/New_York */
  timezone?: string
  isDraft?: boolean
  isPrivate?: boolean
}

export interface EventOptions {
  name?: string
  /** an instant, or wall-clock text in the race's zone; null for no date; default 30 days from now */
  startsAt?: InstantLike | null
  endsAt?: InstantLike | null
  distance?: string | null
  /** how many registrations to invent; default 0 */
  participants?: number
  /** share of them that have a bib (0 to 1); default 0.8 */
  bibs?: number
  /** over how many past days they registered; default 90 */
  days?: number
  /** ids of the events that this one contains, which makes it a bundle */
  contains?: readonly string[]
}
