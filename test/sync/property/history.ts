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
  #unlisted = new Set<string>()

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
      for (const number of unlisted(event)) this.#unlisted.add(`${event.id} ${number}`)
    }
  }

  /** From here on only what is unlisted now, or will be, may be removed. */
  forgetUnlisted(): void {
    this.#unlisted = new Set()
    this.note()
  }

  mayBeRemoved(eventId: string, number: string): boolean {
    return this.#unlisted.has(`${eventId} ${number}`)
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

/** Numbers that the event's list does not show although it once did. */
function unlisted(event: RaceEvent): string[] {
  if (event.deleted) return [...event.registrations.keys(), ...event.gone.keys()]
  const hidden = [...event.registrations.values()].filter((one) => one.hidden).map((one) => one.number)
  return [...hidden, ...event.gone.keys()]
}
