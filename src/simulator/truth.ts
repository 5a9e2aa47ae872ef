import { isoMillis } from './instants.ts'
import { type Address, bibOf, type Registration } from './registration.ts'
import { ageOf, fullName } from './render.ts'
import type { TraitBook, Traits } from './traits.ts'
import type { RaceEvent, World } from './world.ts'

/** A registration as the provider would show it, in plain words. Instants are ISO with milliseconds and `Z`. */
export interface TrueRegistration {
  registrationNumber: string
  /** false while hidden: absent from the lists, readable alone */
  listed: boolean
  firstName: string
  lastName: string
  middleInitial: string | null
  fullName: string
  email: string
  phone: string | null
  /** `YYYY-MM-DD` */
  dob: string | null
  /** whole years on race day */
  age: number | null
  gender: string | null
  address: Address
  /** tag number of the first category that has one */
  bib: string | null
  /** chip number of the first category that has one */
  chip: string | null
  categories: TrueCategory[]
  team: string | null
  /** decimal text; null where the traits show no money */
  amount: string | null
  shirtSize: string | null
  emergencyName: string
  emergencyPhone: string
  emergencyRelationship: string
  isCancelled: boolean
  deferred: boolean
  cancelledAt: string | null
  registeredAt: string
  /** the detail's root stamp */
  updatedAt: string
  /** the list row's stamp; null where rows carry none, the broken text where that was set */
  listUpdatedAt: string | null
}

export interface TrueCategory {
  id: string
  name: string
  bib: string | null
  chip: string | null
  wave: string | null
  corral: string | null
  isActive: boolean
}

export interface TrueEvent {
  id: string
  clientId: string
  name: string
  /** ISO instant, or null for no date */
  startsAt: string | null
  timezone: string
  inactive: boolean
  deleted: boolean
  /** by registration number, hidden ones included */
  registrations: Map<string, TrueRegistration>
  /** what was deleted for good, as it last was */
  deletedRegistrations: Map<string, TrueRegistration>
}

function instant(ms: number, traits: Traits): string {
  return isoMillis(traits.stampPrecision === 'seconds' ? Math.floor(ms / 1000) * 1000 : ms)
}

function shownStamp(registration: Registration, traits: Traits): string | null {
  if (!traits.listStamp) return null
  return registration.brokenStamp !== undefined
    ? registration.brokenStamp
    : instant(registration.listUpdatedAt, traits)
}

function trueRegistration(registration: Registration, event: RaceEvent, traits: Traits): TrueRegistration {
  const { person, emergency, categories } = registration
  return {
    registrationNumber: registration.number,
    listed: !registration.hidden,
    firstName: person.firstName,
    lastName: person.lastName,
    middleInitial: person.middleInitial,
    fullName: fullName(person),
    email: person.email,
    phone: person.phone,
    dob: person.dob,
    age: ageOf(registration, event),
    gender: person.gender,
    address: { ...person.address },
    bib: bibOf(registration),
    chip: categories.find((c) => c.chipNumber !== null)?.chipNumber ?? null,
    categories: categories.map((c) => ({
      id: c.id,
      name: c.name,
      bib: c.tagNumber,
      chip: c.chipNumber,
      wave: c.wave,
      corral: c.corral,
      isActive: c.isActive,
    })),
    team: registration.team,
    amount: traits.money === 'null' ? null : registration.amount,
    shirtSize: registration.shirtSize,
    emergencyName: emergency.name,
    emergencyPhone: emergency.phone,
    emergencyRelationship: emergency.relationship,
    isCancelled: registration.isCancelled,
    deferred: registration.isCancelled && categories.some((c) => c.participationOption === 'Deferred'),
    cancelledAt: registration.cancelledAt === null ? null : instant(registration.cancelledAt, traits),
    registeredAt: instant(registration.registeredAt, traits),
    updatedAt: instant(registration.updatedAt, traits),
    listUpdatedAt: shownStamp(registration, traits),
  }
}

/**
 * The whole truth by event id, for comparison with tables: what the provider would reveal with its present
 * traits (stamps cut to their precision, no amount where none is shown).
 */
export function truth(world: World, traits: TraitBook): Map<string, TrueEvent> {
  const events = new Map<string, TrueEvent>()
  for (const event of world.events.values()) {
    const shown = traits.effective(event.clientId, event.id)
    const tell = (all: Map<string, Registration>) =>
      new Map([...all].map(([number, one]) => [number, trueRegistration(one, event, shown)]))
    events.set(event.id, {
      id: event.id,
      clientId: event.clientId,
      name: event.name,
      startsAt: event.startsAt === null ? null : isoMillis(event.startsAt),
      timezone: event.timezone,
      inactive: event.inactive,
      deleted: event.deleted,
      registrations: tell(event.registrations),
      deletedRegistrations: tell(event.gone),
    })
  }
  return events
}
