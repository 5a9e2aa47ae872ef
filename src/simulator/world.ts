import type { Clock } from '../domain/clock.ts'
import { type InstantLike, toMillis } from './instants.ts'
import { inventSecret } from './names.ts'
import { Rng } from './random.ts'
import { inventRegistration, type Person, type Registration, someTimeBefore } from './registration.ts'

/** An organization of the provider: one client id, with one or more secrets that are valid at present. */
export interface Organization {
  readonly clientId: string
  name: string
  /** IANA name */
  timezone: string
  secrets: string[]
}

/** An event of the provider. Instants are epoch milliseconds. */
export interface RaceEvent {
  readonly id: string
  readonly clientId: string
  name: string
  timezone: string
  startsAt: number | null
  endsAt: number | null
  /** written as `event_date` exactly as it stands, for instants that have no spelling (a gap at a zone change) */
  dateText?: string | null
  distance: string | number | null
  categories: string[]
  inactive: boolean
  deleted: boolean
  readonly registrations: Map<string, Registration>
  /** what was deleted for good, kept for the truth */
  readonly gone: Map<string, Registration>
  /** rises with every change, so that an ordering can be kept until something moves */
  version: number
  nextNumber: number
  nextBib: number
}

export interface OrganizationOptions {
  name?: string
  /** IANA name; default America/New_York */
  timezone?: string
  clientId?: string
  /** one valid secret, or several */
  secret?: string | string[]
}

export interface EventOptions {
  name?: string
  /** an instant, or wall-clock text in the event's zone; null for no date; default 30 days from now */
  startsAt?: InstantLike | null
  endsAt?: InstantLike | null
  timezone?: string
  id?: string
  /** how many registrations to invent; default 0 */
  participants?: number
  /** share of them that have a bib (0 to 1); default 0.8 */
  bibs?: number
  /** over how many past days they registered; default 90 */
  days?: number
  categories?: string[]
  distance?: string | number | null
  inactive?: boolean
}

export interface WorldOptions {
  /** default 1 */
  seed?: number
  clock: Clock
  /** whether a registration number is unique per organization or only per event (Haku API notes 1.7); default organization */
  numbering?: 'organization' | 'event'
}

const DISTANCES = ['5K', '15K', 'Half Marathon', '10 km', 13.1, null] as const
const PLACES = [
  'Harbor',
  'Cedar Ridge',
  'Old Mill',
  'Lantern Bay',
  'Quarry',
  'Señal',
  'Nordhafen',
  'Blue Heron',
]
const RACES = [
  'Half Marathon',
  '10K & 5K',
  'Turkey Trot',
  'Marathon Weekend',
  'VIP Breakfast',
  'Trail Classic',
]
const FIRST_NUMBER = 40_000_001

/** Everything the provider knows. Changed through the moves; read by the server and the truth. */
export class World {
  readonly clock: Clock
  readonly rng: Rng
  readonly numbering: 'organization' | 'event'
  /** by client id */
  readonly organizations = new Map<string, Organization>()
  /** by event id; deleted ones stay */
  readonly events = new Map<string, RaceEvent>()
  #held: number | undefined
  #nextNumber = new Map<string, number>()

  constructor(options: WorldOptions) {
    this.clock = options.clock
    this.rng = new Rng(options.seed ?? 1)
    this.numbering = options.numbering ?? 'organization'
  }

  /** The present: the clock's, or the instant that {@link holdAt} stands at. */
  now(): number {
    return this.#held ?? Math.floor(this.clock.now())
  }

  /** Runs `move` as if it were `instant` (epoch ms), so that what was planned is stamped with its own time. */
  holdAt(instant: number, move: (world: World) => void): void {
    const before = this.#held
    this.#held = instant
    try {
      move(this)
    } finally {
      this.#held = before
    }
  }

  addOrganization(options: OrganizationOptions = {}): Organization {
    const secret = options.secret ?? inventSecret(this.rng)
    const organization: Organization = {
      clientId: options.clientId ?? this.rng.hex(26),
      name: options.name ?? `${this.rng.pick(PLACES)} Race Company`,
      timezone: options.timezone ?? 'America/New_York',
      secrets: typeof secret === 'string' ? [secret] : [...secret],
    }
    if (this.organizations.has(organization.clientId)) throw new Error('this client id is taken')
    this.organizations.set(organization.clientId, organization)
    return organization
  }

  addEvent(organization: Organization, options: EventOptions = {}): RaceEvent {
    const rng = this.rng
    const timezone = options.timezone ?? organization.timezone
    const startsAt = options.startsAt === undefined ? this.now() + 30 * 86_400_000 : options.startsAt
    const event: RaceEvent = {
      id: options.id ?? rng.hex(20),
      clientId: organization.clientId,
      name: options.name ?? `${rng.pick(PLACES)} ${rng.pick(RACES)}`,
      timezone,
      startsAt: startsAt === null ? null : toMillis(startsAt, timezone),
      endsAt: options.endsAt == null ? null : toMillis(options.endsAt, timezone),
      distance: options.distance === undefined ? rng.pick(DISTANCES) : options.distance,
      categories: options.categories ?? ['5K', '10K', 'Half Marathon'],
      inactive: options.inactive ?? false,
      deleted: false,
      registrations: new Map(),
      gone: new Map(),
      version: 0,
      nextNumber: FIRST_NUMBER,
      nextBib: 1,
    }
    if (this.events.has(event.id)) throw new Error('this event id is taken')
    this.events.set(event.id, event)
    const share = options.bibs ?? 0.8
    for (let i = 0; i < (options.participants ?? 0); i++) {
      const at = someTimeBefore(rng, this.now(), options.days ?? 90)
      this.addRegistration(event, at, rng.chance(share) ? this.nextBib(event) : null)
    }
    return event
  }

  /** Adds one registration, stamped `at` (epoch ms). */
  addRegistration(event: RaceEvent, at: number, bib: string | null, person?: Partial<Person>): Registration {
    const registration = inventRegistration(this.rng, {
      number: this.#number(event),
      registeredAt: at,
      categories: event.categories,
      bib,
      ...(person && { person }),
    })
    event.registrations.set(registration.number, registration)
    event.version++
    return registration
  }

  /** A bib that nobody in the event was given before. */
  nextBib(event: RaceEvent): string {
    return String(event.nextBib++)
  }

  /** The organization with this client id; throws when there is none. */
  organization(clientId: string): Organization {
    const found = this.organizations.get(clientId)
    if (!found) throw new Error(`no organization has client id ${clientId}`)
    return found
  }

  /** The event with this id, deleted or not; throws when there is none. */
  event(id: string): RaceEvent {
    const found = this.events.get(id)
    if (!found) throw new Error(`no event ${id}`)
    return found
  }

  /** A registration that was not deleted; throws when there is none. */
  registration(eventId: string, number: string): Registration {
    const found = this.event(eventId).registrations.get(number)
    if (!found) throw new Error(`no registration ${number} in event ${eventId}`)
    return found
  }

  /** Events of an organization that were not deleted. */
  eventsOf(clientId: string): RaceEvent[] {
    return [...this.events.values()].filter((event) => event.clientId === clientId && !event.deleted)
  }

  #number(event: RaceEvent): string {
    if (this.numbering === 'event') return String(event.nextNumber++)
    const next = this.#nextNumber.get(event.clientId) ?? FIRST_NUMBER
    this.#nextNumber.set(event.clientId, next + 1)
    return String(next)
  }
}

/** A world with nothing in it yet. */
export function world(options: WorldOptions): World {
  return new World(options)
}
