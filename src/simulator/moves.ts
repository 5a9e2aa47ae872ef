import { bibOf, inventPerson, type Person, type Registration } from './registration.ts'
import type { RaceEvent, World } from './world.ts'

/**
 * Which stamps a change moves; nobody knows what the provider does (Haku API notes 1.7).
 * `row`: all of them. `detail`: the detail's root stamp, not the list row's. `nested`: only the stamp of the
 * person or of the categories. The last two are invisible in the list.
 */
export type Touch = 'row' | 'detail' | 'nested'

/** Something that happens to the world. */
export type Move = (world: World) => void

interface Found {
  event: RaceEvent
  registration: Registration
}

function find(world: World, eventId: string, number: string): Found {
  return { event: world.event(eventId), registration: world.registration(eventId, number) }
}

function stampChange(world: World, { event, registration }: Found, touch: Touch): void {
  const now = world.now()
  if (touch !== 'nested') registration.updatedAt = now
  if (touch === 'row') {
    registration.listUpdatedAt = now
    delete registration.brokenStamp
  }
  event.version++
}

function setTag(world: World, registration: Registration, bib: string | null): void {
  const holder = registration.categories.find((c) => c.tagNumber !== null) ?? registration.categories[0]
  if (!holder) return
  holder.tagNumber = bib
  holder.updatedAt = world.now()
}

/** A new registration, now; without a bib unless one is given. Returns it. */
export function register(
  world: World,
  eventId: string,
  options: { person?: Partial<Person>; bib?: string | null } = {},
): Registration {
  return world.addRegistration(world.event(eventId), world.now(), options.bib ?? null, options.person)
}

/** Changes fields of the person. */
export function editPerson(
  world: World,
  eventId: string,
  number: string,
  change: Partial<Person>,
  touch: Touch = 'row',
): void {
  const found = find(world, eventId, number)
  Object.assign(found.registration.person, change)
  found.registration.personUpdatedAt = world.now()
  stampChange(world, found, touch)
}

/** Gives a registration a bib, or takes it away with null. */
export function setBib(
  world: World,
  eventId: string,
  number: string,
  bib: string | null,
  touch: Touch = 'row',
): void {
  const found = find(world, eventId, number)
  setTag(world, found.registration, bib)
  stampChange(world, found, touch)
}

/** Two registrations change bibs. */
export function swapBibs(
  world: World,
  eventId: string,
  one: string,
  other: string,
  touch: Touch = 'row',
): void {
  const a = find(world, eventId, one)
  const b = find(world, eventId, other)
  const bib = bibOf(a.registration)
  setTag(world, a.registration, bibOf(b.registration))
  setTag(world, b.registration, bib)
  stampChange(world, a, touch)
  stampChange(world, b, touch)
}

/** New bibs for `count` registrations (default: all) at one instant: all get the same stamp. Returns their numbers. */
export function assignBibs(
  world: World,
  eventId: string,
  count = Number.POSITIVE_INFINITY,
  touch: Touch = 'row',
): string[] {
  const event = world.event(eventId)
  const numbers = [...event.registrations.keys()].slice(0, count)
  for (const number of numbers) setBib(world, eventId, number, world.nextBib(event), touch)
  return numbers
}

/** Cancels; the registration stays in the list (Haku API notes 1.4). */
export function cancel(world: World, eventId: string, number: string, touch: Touch = 'row'): void {
  const found = find(world, eventId, number)
  found.registration.isCancelled = true
  found.registration.cancelledAt = world.now()
  stampChange(world, found, touch)
}

/** Deletes for good: gone from the lists, and the single read answers 404. */
export function remove(world: World, eventId: string, number: string): void {
  const { event, registration } = find(world, eventId, number)
  event.registrations.delete(number)
  event.gone.set(number, registration)
  event.version++
}

/** Takes a registration off the lists, while its single read still answers. */
export function hide(world: World, eventId: string, number: string): void {
  const { event, registration } = find(world, eventId, number)
  registration.hidden = true
  event.version++
}

/** Undoes a deletion, a hiding and a cancellation. */
export function restore(world: World, eventId: string, number: string, touch: Touch = 'row'): void {
  const event = world.event(eventId)
  const gone = event.gone.get(number)
  if (gone) {
    event.gone.delete(number)
    event.registrations.set(number, gone)
  }
  const found = find(world, eventId, number)
  Object.assign(found.registration, { hidden: false, isCancelled: false, cancelledAt: null })
  stampChange(world, found, touch)
}

/** The same registration for a new person (one reading of a transfer, Haku API notes 1.7). */
export function transferInPlace(world: World, eventId: string, number: string, touch: Touch = 'row'): void {
  const found = find(world, eventId, number)
  found.registration.person = inventPerson(world.rng)
  found.registration.personUpdatedAt = world.now()
  stampChange(world, found, touch)
}

/**
 * The other reading: the old registration is cancelled or deferred and loses its bib to a new one.
 * Returns the new registration.
 */
export function transferToNew(
  world: World,
  eventId: string,
  number: string,
  old: 'cancelled' | 'deferred' = 'cancelled',
): Registration {
  const { registration } = find(world, eventId, number)
  const bib = bibOf(registration)
  setBib(world, eventId, number, null)
  if (old === 'deferred')
    for (const category of registration.categories)
      Object.assign(category, { participationOption: 'Deferred', isActive: false, updatedAt: world.now() })
  cancel(world, eventId, number)
  return register(world, eventId, { bib })
}

/** Sets the stamps of a registration, say to the year 2099. `at`: epoch ms. */
export function stampAt(world: World, eventId: string, number: string, at: number): void {
  const { event, registration } = find(world, eventId, number)
  registration.updatedAt = at
  registration.listUpdatedAt = at
  event.version++
}

/** Makes the list row's `updated_at` null or unreadable; its place in the order stays. The next visible change mends it. */
export function breakStamp(world: World, eventId: string, number: string, text: string | null): void {
  const { event, registration } = find(world, eventId, number)
  registration.brokenStamp = text
  event.version++
}
