import { type InstantLike, toMillis } from '../instants.ts'
import type { ApiKey } from './records.ts'
import type { World } from './world.ts'

function touched(world: World, raceId: string): void {
  world.race(raceId).modifiedAt = world.now()
}

/** Moves an event's start: an instant, wall-clock text in the race's zone, or null for no date. */
export function moveEvent(world: World, eventId: string, startsAt: InstantLike | null): void {
  const event = world.event(eventId)
  event.startsAt = startsAt === null ? null : toMillis(startsAt, world.race(event.raceId).timezone)
  touched(world, event.raceId)
}

export function renameEvent(world: World, eventId: string, name: string): void {
  const event = world.event(eventId)
  event.name = name
  touched(world, event.raceId)
}

/** Deletes an event: absent from its race, and code 301 for those who ask for it; or brings it back as it was. */
export function setEventDeleted(world: World, eventId: string, deleted: boolean): void {
  const event = world.event(eventId)
  event.deleted = deleted
  touched(world, event.raceId)
}

/** Deletes a race: absent from every list, and code 201 for those who ask for it; or brings it back as it was. */
export function setRaceDeleted(world: World, raceId: string, deleted: boolean): void {
  world.race(raceId).deleted = deleted
  touched(world, raceId)
}

/** Replaces the permanent keys of an account: those not named are not valid from now on. */
export function setKeys(world: World, accountId: string, keys: readonly ApiKey[]): void {
  world.account(accountId).keys = [...keys]
}
