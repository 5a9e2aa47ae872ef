import { type InstantLike, toMillis } from './instants.ts'
import type { RaceEvent, World } from './world.ts'

/** Moves an event's start: an instant, wall-clock text in the event's zone, or null for no date. */
export function moveEvent(world: World, eventId: string, startsAt: InstantLike | null): void {
  const event = world.event(eventId)
  event.startsAt = startsAt === null ? null : toMillis(startsAt, event.timezone)
  delete event.dateText
  event.version++
}

/** Has `event_date` written exactly so, whatever the traits say; null as such. */
export function writeEventDate(world: World, eventId: string, text: string | null): void {
  world.event(eventId).dateText = text
}

export function renameEvent(world: World, eventId: string, name: string): void {
  world.event(eventId).name = name
}

/** Deletes an event: absent from the list, and everything below it answers 404. */
export function removeEvent(world: World, eventId: string): void {
  world.event(eventId).deleted = true
}

/** Brings a deleted event back as it was. */
export function restoreEvent(world: World, eventId: string): RaceEvent {
  const event = world.event(eventId)
  event.deleted = false
  return event
}

/** Shows an event only to those who ask for inactive ones, or to all again. */
export function setInactive(world: World, eventId: string, inactive: boolean): void {
  world.event(eventId).inactive = inactive
}

/** Replaces the secrets of a client id: those not named are refused from now on. */
export function setSecrets(world: World, clientId: string, secrets: readonly string[]): void {
  world.organization(clientId).secrets = [...secrets]
}
