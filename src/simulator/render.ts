import type { Json, JsonObject } from '../domain/json.ts'
import { ageAt, eventDateText, stampText } from './instants.ts'
import type { Category, Person, Registration } from './registration.ts'
import type { Traits } from './traits.ts'
import type { Organization, RaceEvent } from './world.ts'

/** What a record's spelling depends on besides the record. */
export interface Place {
  traits: Traits
  organization: Organization
  event: RaceEvent
}

function stamp(ms: number, { traits, organization }: Place): string {
  return stampText(ms, traits.stampPrecision, traits.stampZone, organization.timezone)
}

function money(amount: string, { traits }: Place): Json {
  if (traits.money === 'null') return null
  if (traits.money === 'number') return Number(amount)
  const [whole = '0', cents = '00'] = amount.split('.')
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`
}

function numberOf(registration: Registration, { traits }: Place): Json {
  return traits.registrationNumber === 'number' ? Number(registration.number) : registration.number
}

const team = (registration: Registration): Json =>
  registration.team === null ? null : { name: registration.team }

/** The name as the list has it, in one field. */
export function fullName(person: Person): string {
  return `${person.firstName} ${person.lastName}`.trim()
}

/** Whole years on race day; on the day of registration where the race has no date. */
export function ageOf(registration: Registration, event: RaceEvent): number | null {
  const dob = registration.person.dob
  return dob === null ? null : ageAt(dob, event.startsAt ?? registration.registeredAt)
}

/** An item of `GET /events` (Haku API notes 1.4). */
export function renderEvent(place: Place): JsonObject {
  const { event, traits, organization } = place
  const date =
    event.dateText !== undefined
      ? event.dateText
      : eventDateText(event.startsAt, traits.eventDate, event.timezone)
  return {
    id: event.id,
    name: event.name,
    description: null,
    event_date: date,
    event_end_date: eventDateText(event.endsAt, traits.eventDate, event.timezone),
    location_name: `${organization.name} Park`,
    location_city: 'Springhaven',
    location_state: 'NY',
    location_country: 'US',
    event_type: 'running',
    distance: traits.distance === 'own' ? event.distance : traits.distance,
    registration_limit: 10_000,
    registration_open_date: null,
    registration_close_date: eventDateText(event.startsAt, traits.eventDate, event.timezone),
    base_price: money('85.00', place),
    currency: 'USD',
    status: event.inactive ? 'inactive' : 'active',
  }
}

/** A row of the participants list: one name field, no bib, no birth date (Haku API notes 1.4). */
export function renderRow(registration: Registration, place: Place): JsonObject {
  const { traits, event } = place
  const first = registration.categories[0]
  const info =
    traits.categoryInfo === 'object'
      ? { id: first?.id ?? null, name: first?.name ?? null }
      : (first?.name ?? null)
  return {
    registration_number: numberOf(registration, place),
    person_full_name: fullName(registration.person),
    email: registration.person.email,
    age: ageOf(registration, event),
    gender: registration.person.gender,
    event_category_info: info,
    team: team(registration),
    registered_at: stamp(registration.registeredAt, place),
    is_cancelled: registration.isCancelled,
    transaction_amount: money(registration.amount, place),
    ...(traits.listStamp && { updated_at: listStamp(registration, place) }),
  }
}

function listStamp(registration: Registration, place: Place): string | null {
  return registration.brokenStamp !== undefined
    ? registration.brokenStamp
    : stamp(registration.listUpdatedAt, place)
}

function renderCategory(category: Category, place: Place): JsonObject {
  return {
    id: category.id,
    name: category.name,
    master_name: category.name,
    is_active: category.isActive,
    participation_option: category.participationOption,
    corral_name: category.corral,
    wave_name: category.wave,
    wave_code: category.wave === null ? null : category.wave.replace('Wave ', 'W'),
    tag_number: category.tagNumber,
    chip_number: category.chipNumber,
    created_at: stamp(category.createdAt, place),
    updated_at: stamp(category.updatedAt, place),
  }
}

function renderPerson(registration: Registration, place: Place): JsonObject {
  const person = registration.person
  const { zip, ...address } = person.address
  return {
    first_name: person.firstName,
    last_name: person.lastName,
    middle_initial: person.middleInitial,
    email: person.email,
    phone: person.phone,
    dob: person.dob,
    gender: person.gender,
    account_number: person.accountNumber,
    source_system_identifier: null,
    created_at: stamp(registration.registeredAt, place),
    updated_at: stamp(registration.personUpdatedAt, place),
    address: { ...address, zip_code: zip },
    additional_questions: [],
  }
}

/** A registration detail with all known groups of fields (Haku API notes 1.4). */
export function renderDetail(registration: Registration, place: Place): JsonObject {
  const { emergency, shirtSize } = registration
  return {
    registration_number: numberOf(registration, place),
    created_at: stamp(registration.registeredAt, place),
    updated_at:
      registration.brokenStamp !== undefined
        ? registration.brokenStamp
        : stamp(registration.updatedAt, place),
    is_cancelled: registration.isCancelled,
    cancelled_at: registration.cancelledAt === null ? null : stamp(registration.cancelledAt, place),
    transaction_amount: money(registration.amount, place),
    subscription_number: null,
    shirt_size_name: shirtSize === null ? null : `Adult ${shirtSize}`,
    shirt_size_code: shirtSize,
    current_pace: '09:30',
    formatted_submitted_result_time: null,
    strava_athlete_identification: null,
    emergency_contact_name: emergency.name,
    [place.traits.emergencyPhoneField]: emergency.phone,
    emergency_contact_relationship: emergency.relationship,
    fundraising_option: null,
    fundraised_amount: money('0.00', place),
    fundraiser_goal: null,
    wants_sms_communications: false,
    device: 'Mobile',
    browser: 'Mobile Safari',
    browser_version: '18.1',
    os: 'iOS',
    os_version: '18.1',
    team: team(registration),
    entity: null,
    club: null,
    partner: null,
    products: [{ name: 'Finisher jacket', quantity: 1, amount: money('45.00', place) }],
    additional_questions: [{ question: 'How did you hear about us?', answer: 'A friend' }],
    participant: renderPerson(registration, place),
    event_categories: registration.categories.map((category) => renderCategory(category, place)),
  }
}

/** A whole record as a list shows it: the detail, with the list's stamp. */
export function renderWhole(registration: Registration, place: Place): JsonObject {
  const { updated_at, ...record } = renderDetail(registration, place)
  return place.traits.listStamp ? { ...record, updated_at: listStamp(registration, place) } : record
}
