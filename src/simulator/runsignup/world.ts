import type { Clock } from '../../domain/clock.ts'
import { toMillis } from '../instants.ts'
import { inventSecret } from '../names.ts'
import { Rng } from '../random.ts'
import type {
  Account,
  AccountOptions,
  ApiKey,
  EventOptions,
  Race,
  RaceEvent,
  RaceOptions,
} from './records.ts'
import { inventRegistration, inventRunner, type Registration, type Runner } from './registration.ts'
import { dayAt } from './times.ts'

export interface WorldOptions {
  /** default 1 */
  seed?: number
  clock: Clock
  /** whether a transfer to another event gets a new registration id; default new */
  transferIds?: 'new' | 'same'
}

const DAY = 86_400_000
const PLACES = ['Harbor', 'Cedar Ridge', 'Old Mill', 'Lantern Bay', 'Quarry', 'Señal', 'Nordhafen']
const RACES = ['Turkey Trot', 'River Run', 'Trail Classic', 'Marathon Weekend']
const DISTANCES = ['5K', '10K', '3.2 Miles', 'Half Marathon', null] as const

/** Everything the provider knows. Changed through the moves; read by the server and the truth. */
export class World {
  readonly clock: Clock
  readonly rng: Rng
  readonly transferIds: 'new' | 'same'
  /** by account id */
  readonly accounts = new Map<string, Account>()
  /** by race id; deleted ones stay */
  readonly races = new Map<string, Race>()
  /** by event id; deleted ones stay */
  readonly events = new Map<string, RaceEvent>()
  #held: number | undefined
  #next = { race: 16_400, event: 928_000, registration: 2_645_600, user: 123_000, transaction: 263_600 }

  constructor(options: WorldOptions) {
    this.clock = options.clock
    this.rng = new Rng(options.seed ?? 1)
    this.transferIds = options.transferIds ?? 'new'
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

  addAccount(options: AccountOptions = {}): Account {
    const key = (form: ApiKey['form']): ApiKey => ({
      form,
      key: this.rng.hex(32),
      secret: inventSecret(this.rng),
    })
    const account: Account = {
      id: options.id ?? `account-${this.accounts.size + 1}`,
      keys: options.keys ?? [key('v1'), key('v2')],
      email: options.email ?? `zqxj.timer${this.accounts.size + 1}@example.com`,
      password: options.password ?? inventSecret(this.rng),
    }
    if (this.accounts.has(account.id)) throw new Error('this account id is taken')
    this.accounts.set(account.id, account)
    return account
  }

  addRace(account: Account, options: RaceOptions = {}): Race {
    const race: Race = {
      id: this.#number('race'),
      accountId: account.id,
      name: options.name ?? `${this.rng.pick(PLACES)} ${this.rng.pick(RACES)}`,
      timezone: options.timezone ?? 'America/New_York',
      isDraft: options.isDraft ?? false,
      isPrivate: options.isPrivate ?? false,
      deleted: false,
      createdAt: this.now(),
      modifiedAt: this.now(),
      events: [],
    }
    this.races.set(race.id, race)
    return race
  }

  addEvent(race: Race, options: EventOptions = {}): RaceEvent {
    const { rng } = this
    const startsAt =
      options.startsAt === undefined
        ? this.now() + 30 * DAY
        : options.startsAt === null
          ? null
          : toMillis(options.startsAt, race.timezone)
    const distance = options.distance === undefined ? rng.pick(DISTANCES) : options.distance
    const event: RaceEvent = {
      id: this.#number('event'),
      raceId: race.id,
      daysId: daysIdOf(race, startsAt ?? this.now()),
      name: options.name ?? distance ?? 'Fun Run',
      startsAt,
      endsAt: options.endsAt == null ? null : toMillis(options.endsAt, race.timezone),
      distance,
      contains: options.contains ?? [],
      deleted: false,
      registrations: new Map(),
      removals: new Map(),
      nextBib: 1,
    }
    this.events.set(event.id, event)
    race.events.push(event)
    const count = options.participants ?? 0
    const stamps = Array.from({ length: count }, () => this.now() - 1 - rng.int((options.days ?? 90) * DAY))
    for (const at of stamps.sort((a, b) => a - b))
      this.addRegistration(event, at, { bib: rng.chance(options.bibs ?? 0.8) ? this.nextBib(event) : null })
    race.modifiedAt = this.now()
    return event
  }

  /**
   * Adds one registration, stamped `at` (epoch ms); with it one to each event that this event contains, of the
   * same person and transaction, but with an id of its own.
   */
  addRegistration(
    event: RaceEvent,
    at: number,
    given: { runner?: Partial<Runner>; bib?: string | null } = {},
  ): Registration {
    const runner = { ...inventRunner(this.rng, Number(this.#number('user'))), ...given.runner }
    const transactionId = Number(this.#number('transaction'))
    const into = (place: RaceEvent, bib: string | null, viaBundle: boolean): Registration => {
      const id = this.newRegistrationId()
      const about = { id, transactionId, runner: structuredClone(runner), registeredAt: at, bib, viaBundle }
      const registration = inventRegistration(this.rng, about)
      place.registrations.set(id, registration)
      return registration
    }
    for (const id of event.contains) into(this.event(id), null, true)
    return into(event, given.bib ?? null, false)
  }

  newRegistrationId(): string {
    return this.#number('registration')
  }

  /** A bib that nobody in the event was given before. */
  nextBib(event: RaceEvent): string {
    return String(event.nextBib++)
  }

  /** The account with this id; throws when there is none. */
  account(id: string): Account {
    const found = this.accounts.get(id)
    if (!found) throw new Error(`no account ${id}`)
    return found
  }

  /** The race with this id, deleted or not; throws when there is none. */
  race(id: string): Race {
    const found = this.races.get(id)
    if (!found) throw new Error(`no race ${id}`)
    return found
  }

  /** The event with this id, deleted or not; throws when there is none. */
  event(id: string): RaceEvent {
    const found = this.events.get(id)
    if (!found) throw new Error(`no event ${id}`)
    return found
  }

  /** A registration that is in its event; throws when there is none. */
  registration(eventId: string, id: string): Registration {
    const found = this.event(eventId).registrations.get(id)
    if (!found) throw new Error(`no registration ${id} in event ${eventId}`)
    return found
  }

  /** Events of a race that were not deleted. */
  eventsOf(raceId: string): RaceEvent[] {
    return this.race(raceId).events.filter((event) => !event.deleted)
  }

  #number(kind: 'race' | 'event' | 'registration' | 'user' | 'transaction'): string {
    return String(++this.#next[kind])
  }
}

/** The group of a race's events in the year of an instant (epoch ms). */
function daysIdOf(race: Race, at: number): number {
  return Number(race.id) * 100 + (Number(dayAt(at, race.timezone).slice(0, 4)) % 100)
}

/** A world with nothing in it yet. */
export function world(options: WorldOptions): World {
  return new World(options)
}
