import type { EventDateForm, StampPrecision, StampZone } from './instants.ts'

/** What a list of registrations consists of: whole records, rows without bib and birth date, or 404. */
type ListForm = 'whole' | 'thin' | 'missing'
type ListKey = 'events' | 'participants' | 'registrations' | 'data'

/**
 * The ways of the provider that nobody has recorded (Haku API notes 1.5 to 1.7), each a switch that may be
 * turned at any moment. The defaults are the likeliest reading.
 */
export interface Traits {
  /** largest page served, rows */
  pageCap: number
  /** whether a larger `per_page` is quietly cut or refused with 422 */
  pageCapMode: 'silent' | 'reject'
  /** rows per page when the request names no size */
  pageDefault: number
  /** a bare array, the list under its own name, or under this key */
  envelope: 'bare' | 'own' | ListKey
  /** where the count of all rows is shown; a bare array has no room for it and becomes `own` */
  totals: 'none' | 'meta' | 'pagination' | 'root'
  /** added to every shown total, to make it wrong */
  totalError: number
  participantsList: ListForm
  registrationsList: ListForm
  /** whether list rows carry `updated_at`; the order obeys it either way */
  listStamp: boolean
  stampPrecision: StampPrecision
  stampZone: StampZone
  /** `ignored`: lists come by ascending registration number (events: by id) whatever was asked */
  sort: 'honoured' | 'ignored'
  /** whether rows with equal stamps keep their order from call to call */
  ties: 'stable' | 'shuffled'
  /** what a page behind the last one is */
  pastEnd: 'empty' | 'clamp'
  /** how the token must stand in the Authorization header */
  authorization: 'bare' | 'bearer' | 'both'
  eventDate: EventDateForm
  /** whether the single read answers at all */
  detail: 'present' | 'missing'
  /** `$1,234.50`, 1234.5, or nothing */
  money: 'text' | 'number' | 'null'
  /** the event's own, or this one for all */
  distance: 'own' | (string & {}) | number | null
  categoryInfo: 'text' | 'object'
  registrationNumber: 'text' | 'number'
  emergencyPhoneField: 'emergency_contact_phone_number' | 'emergency_contact_phone'
  /** lifetime of an access token, seconds */
  tokenLifetime: number
  /** whether the token answer names `expires_in` */
  tokenLifetimeShown: boolean
  /** a limit the provider itself enforces per client id in any rolling 60 minutes, token calls included */
  quota: Quota | null
}

export interface Quota {
  limit: number
  retryAfter: 'seconds' | 'date' | 'none'
  /** whether answers carry `X-RateLimit-Limit` and `X-RateLimit-Remaining` */
  headers: boolean
}

export const defaultTraits: Readonly<Traits> = {
  pageCap: 25,
  pageCapMode: 'silent',
  pageDefault: 25,
  envelope: 'bare',
  totals: 'none',
  totalError: 0,
  participantsList: 'thin',
  registrationsList: 'missing',
  listStamp: true,
  stampPrecision: 'seconds',
  stampZone: 'Z',
  sort: 'honoured',
  ties: 'stable',
  pastEnd: 'empty',
  authorization: 'bare',
  eventDate: 'local',
  detail: 'present',
  money: 'text',
  distance: 'own',
  categoryInfo: 'text',
  registrationNumber: 'text',
  emergencyPhoneField: 'emergency_contact_phone_number',
  tokenLifetime: 3600,
  tokenLifetimeShown: true,
  quota: null,
}

/** The traits of all, with what differs for one id (of a client, an event) laid over them. */
export class TraitBook<T extends object = Traits> {
  /** for everybody; set its fields at will */
  readonly base: T
  readonly #overlays = new Map<string, Partial<T>>()

  constructor(base: T) {
    this.base = base
  }

  /** What differs for one id; set its fields at will. */
  overlay(id: string): Partial<T> {
    let found = this.#overlays.get(id)
    if (!found) {
      found = {}
      this.#overlays.set(id, found)
    }
    return found
  }

  /** What holds where these ids meet: the later id's word before the earlier's before everybody's. */
  effective(...ids: (string | null)[]): T {
    return Object.assign({}, this.base, ...ids.map((id) => id !== null && this.#overlays.get(id)))
  }
}
