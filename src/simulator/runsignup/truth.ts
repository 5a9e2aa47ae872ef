import { isoMillis } from '../instants.ts'
import type { TraitBook } from '../traits.ts'
import type { Race, RaceEvent } from './records.ts'
import type { AddOn, Address, Reason, Registration } from './registration.ts'
import { ageOf, seconds } from './render-participant.ts'
import type { Traits } from './traits.ts'
import type { World } from './world.ts'

/** A registration as the provider would show it to one who asks for everything. Instants are ISO with `Z`. */
export interface TrueRegistration {
  registrationId: string
  eventId: string
  userId: number
  firstName: string
  middleName: string | null
  lastName: string
  email: string
  phone: string | null
  /** `YYYY-MM-DD` */
  dob: string | null
  /** whole years on race day */
  age: number
  /** `X` included: what a client sees that says `supports_nb=T` */
  gender: 'M' | 'F' | 'X'
  address: Address
  bib: string | null
  chip: string | null
  team: string | null
  corral: string | null
  giveaway: string | null
  /** decimal text */
  amount: string
  addOns: AddOn[]
  emergencyName: string
  emergencyPhone: string
  imported: boolean
  viaBundle: boolean
  checkedInAt: string | null
  /** cut to the minute, as the provider writes it */
  registeredAt: string
  /** `last_modified` */
  updatedAt: string
}

export interface TrueRemoval {
  registrationId: string
  reason: Reason
  newRegistrationId: string | null
  removedAt: string
  /** as it last was */
  registration: TrueRegistration
}

export interface TrueEvent {
  id: string
  raceId: string
  accountId: string
  name: string
  raceName: string
  /** ISO instant, or null for no date */
  startsAt: string | null
  timezone: string
  /** it, or its race */
  deleted: boolean
  /** by registration id */
  registrations: Map<string, TrueRegistration>
  /** by registration id */
  removed: Map<string, TrueRemoval>
}

const MINUTE = 60_000

function trueRegistration(
  registration: Registration,
  race: Race,
  event: RaceEvent,
  traits: Traits,
): TrueRegistration {
  const { runner, emergency, checkedInAt } = registration
  const stamp = (ms: number) => isoMillis(seconds(ms, traits) * 1000)
  return {
    registrationId: registration.id,
    eventId: event.id,
    userId: runner.userId,
    firstName: runner.firstName,
    middleName: runner.middleName,
    lastName: runner.lastName,
    email: runner.email,
    phone: runner.phone,
    dob: runner.dob,
    age: ageOf(registration, race, event),
    gender: runner.gender,
    address: { ...runner.address },
    bib: registration.bib,
    chip: registration.chip,
    team: registration.team?.name ?? null,
    corral: registration.corral?.name ?? null,
    giveaway: registration.giveaway,
    amount: registration.amount,
    addOns: structuredClone(registration.addOns),
    emergencyName: emergency.name,
    emergencyPhone: emergency.phone,
    imported: registration.imported,
    viaBundle: registration.viaBundle,
    checkedInAt: checkedInAt === null ? null : stamp(checkedInAt),
    registeredAt: isoMillis(Math.floor(registration.registeredAt / MINUTE) * MINUTE),
    updatedAt: stamp(registration.modifiedAt),
  }
}

/** The whole truth by event id, for comparison with tables: stamps are cut as the provider's present traits say. */
export function truth(world: World, traits: TraitBook<Traits>): Map<string, TrueEvent> {
  const events = new Map<string, TrueEvent>()
  for (const event of world.events.values()) {
    const race = world.race(event.raceId)
    const shown = traits.effective(race.accountId, race.id)
    const tell = (registration: Registration) => trueRegistration(registration, race, event, shown)
    events.set(event.id, {
      id: event.id,
      raceId: race.id,
      accountId: race.accountId,
      name: event.name,
      raceName: race.name,
      startsAt: event.startsAt === null ? null : isoMillis(event.startsAt),
      timezone: race.timezone,
      deleted: event.deleted || race.deleted,
      registrations: new Map(event.registrations.entries().map(([id, one]) => [id, tell(one)])),
      removed: new Map(
        event.removals.entries().map(([id, { registration, reason, newId, at }]) => [
          id,
          {
            registrationId: id,
            reason,
            newRegistrationId: newId,
            removedAt: isoMillis(seconds(at, shown) * 1000),
            registration: tell(registration),
          },
        ]),
      ),
    })
  }
  return events
}
