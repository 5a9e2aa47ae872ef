import type { RaceEvent, World } from '../../../src/simulator/index.ts'

/** What has ever been true of one registration. */
interface Past {
  bibs: Set<string | null>
  statuses: Set<string>
}

/**
 * What the provider could have shown so far. Two things that must never be told of a registration depend on it: a
 * removal while it was listed, and a bib or status that it never had.
 */
export class History {
  readonly #world: World
  readonly #past = new Map<string, Past>()
  /** Since the present pass began. */
  #gone = new Set<string>()
  #hidden = new Set<string>()
  /** In a pass before this one. */
  readonly #hiddenBefore = new Set<string>()

  constructor(world: World) {
    this.#world = world
    this.note()
  }

  /** To be called after every change. */
  note(): void {
    for (const event of this.#world.events.values()) {
      for (const [number, { categories, isCancelled }] of event.registrations) {
        const past = this.#of(event.id, number)
        past.bibs.add(categories.find((category) => category.tagNumber !== null)?.tagNumber ?? null)
        const deferred = categories.some((category) => category.participationOption === 'Deferred')
        past.statuses.add(isCancelled ? 'cancelled' : 'active')
        // The list alone cannot tell a deferral from a cancellation.
        if (isCancelled && deferred) past.statuses.add('deferred')
      }
      for (const number of goneFrom(event)) this.#gone.add(`${event.id} ${number}`)
      for (const { number, hidden } of event.registrations.values()) {
        if (hidden) this.#hidden.add(`${event.id} ${number}`)
      }
    }
  }

  /** A pass begins: only what is gone now, or will be while it goes on, may be removed, and what was hidden before. */
  beginPass(): void {
    for (const key of this.#hidden) this.#hiddenBefore.add(key)
    this.#hidden = new Set()
    this.#gone = new Set()
    this.note()
  }

  /** What is absent from the list but answers singly is removed at the second sweep, not the first (A1). */
  mayBeRemoved(eventId: string, number: string): boolean {
    const key = `${eventId} ${number}`
    return this.#gone.has(key) || this.#hiddenBefore.has(key)
  }

  hadBib(eventId: string, number: string, bib: string | null): boolean {
    return this.#of(eventId, number).bibs.has(bib)
  }

  hadStatus(eventId: string, number: string, status: string): boolean {
    return this.#of(eventId, number).statuses.has(status)
  }

  #of(eventId: string, number: string): Past {
    const key = `${eventId} ${number}`
    let past = this.#past.get(key)
    if (past === undefined) {
      past = { bibs: new Set(), statuses: new Set() }
      this.#past.set(key, past)
    }
    return past
  }
}

/** Numbers that neither the event's list nor a single read shows, although they once did. */
function goneFrom(event: RaceEvent): string[] {
  const numbers = [...event.gone.keys()]
  return event.deleted ? [...event.registrations.keys(), ...numbers] : numbers
}
