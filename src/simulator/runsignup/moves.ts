import type { RaceEvent } from './records.ts'
import type { Reason, Registration, Runner } from './registration.ts'
import type { World } from './world.ts'

/**
 * Whether a change moves `last_modified`; which ones do nobody has recorded. A silent change is invisible to
 * `modified_after_timestamp`.
 */
export type Touch = 'stamped' | 'silent'

/** Something that happens to the world. */
export type Move = (world: World) => void

/** What can be changed of a registration without moving it. */
export type Change = Partial<
  Pick<
    Registration,
    | 'bib'
    | 'chip'
    | 'statedAge'
    | 'team'
    | 'corral'
    | 'giveaway'
    | 'amount'
    | 'addOns'
    | 'emergency'
    | 'checkedInAt'
  >
>

/** A new registration, now; without a bib unless one is given. Returns it. */
export function register(
  world: World,
  eventId: string,
  given: { runner?: Partial<Runner>; bib?: string | null } = {},
): Registration {
  return world.addRegistration(world.event(eventId), world.now(), given)
}

/** Changes what belongs to the registration: bib, chip, corral, team, check-in and the like. */
export function edit(
  world: World,
  eventId: string,
  id: string,
  change: Change,
  touch: Touch = 'stamped',
): void {
  const registration = world.registration(eventId, id)
  Object.assign(registration, change)
  if (touch === 'stamped') registration.modifiedAt = world.now()
}

/** Changes fields of the person. */
export function editRunner(
  world: World,
  eventId: string,
  id: string,
  change: Partial<Runner>,
  touch: Touch = 'stamped',
): void {
  Object.assign(world.registration(eventId, id).runner, change)
  edit(world, eventId, id, {}, touch)
}

/** Two registrations change bibs. */
export function swapBibs(
  world: World,
  eventId: string,
  one: string,
  other: string,
  touch: Touch = 'stamped',
): void {
  const bib = world.registration(eventId, one).bib
  edit(world, eventId, one, { bib: world.registration(eventId, other).bib }, touch)
  edit(world, eventId, other, { bib }, touch)
}

/** New bibs for `count` registrations (default: all) at one instant: all get the same stamp. Returns their ids. */
export function assignBibs(
  world: World,
  eventId: string,
  count = Number.POSITIVE_INFINITY,
  touch: Touch = 'stamped',
): string[] {
  const event = world.event(eventId)
  const ids = [...event.registrations.keys()].slice(0, count)
  for (const id of ids) edit(world, eventId, id, { bib: world.nextBib(event) }, touch)
  return ids
}

/** Takes a registration out of its event, for any reason but a transfer. */
export function remove(
  world: World,
  eventId: string,
  id: string,
  reason: Exclude<Reason, 'transferred'> = 'removed',
): void {
  takeOut(world, world.event(eventId), id, reason, null)
}

/**
 * Moves a registration to another event, where it gets the id that the world's `transferIds` says. Its bib stays
 * behind. Returns it as it is there.
 */
export function transfer(world: World, eventId: string, id: string, toEventId: string): Registration {
  const old = world.registration(eventId, id)
  const newId = world.transferIds === 'same' ? id : world.newRegistrationId()
  takeOut(world, world.event(eventId), id, 'transferred', newId)
  const moved: Registration = { ...structuredClone(old), id: newId, bib: null, modifiedAt: world.now() }
  const target = world.event(toEventId)
  target.registrations.set(newId, moved)
  target.removals.delete(newId)
  return moved
}

function takeOut(world: World, event: RaceEvent, id: string, reason: Reason, newId: string | null): void {
  const registration = world.registration(event.id, id)
  event.registrations.delete(id)
  event.removals.set(id, { registration, reason, at: world.now(), newId })
}

/** Puts a removed registration back into its event; of a transfer, what it became stays where it is. */
export function restore(world: World, eventId: string, id: string): void {
  const event = world.event(eventId)
  const removal = event.removals.get(id)
  if (!removal) throw new Error(`registration ${id} was not removed from event ${eventId}`)
  if (isLive(world, id)) throw new Error(`registration ${id} is in another event`)
  event.removals.delete(id)
  event.registrations.set(id, { ...removal.registration, modifiedAt: world.now() })
}

/** Whether the registration is in any event: a transfer may have taken its id along. */
export function isLive(world: World, id: string): boolean {
  return world.events.values().some((event) => event.registrations.has(id))
}

/** Deletes for good, without a word among the removed (RunSignUp API notes 2.6: irreversible). */
export function erase(world: World, eventId: string, id: string): void {
  world.registration(eventId, id)
  world.event(eventId).registrations.delete(id)
}
