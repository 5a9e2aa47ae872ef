import type { Json, JsonObject } from '../../domain/json.ts'
import type { MappedParticipant, ParticipantFields, RawParticipant } from '../../domain/participant.ts'
import { type SplitName, splitName } from '../../domain/person.ts'
import { jsonbSafe } from '../../domain/text.ts'
import { FieldReader } from '../field-reader.ts'
import { isObject } from '../records.ts'
import { age, birthDate, instant, label, money, named, text } from '../schemas.ts'
import { readCategories } from './categories.ts'
import { readStatus } from './status.ts'

type Reader = FieldReader<keyof ParticipantFields>

/**
 * Whether a record has what the participants list lacks (bib, birth date, phone: F1): it is then a whole
 * registration, be it a detail or a row of a registrations list.
 */
export function isWhole(record: JsonObject): boolean {
  return isObject(record.participant) || Array.isArray(record.event_categories)
}

/**
 * Reads what Haku said of one registration (Haku API notes 1.4). Pure, and takes anything: a field that cannot be
 * read is null and in `problems`, with the raw text (D2).
 *
 * Where both halves say something, the newer one wins: the detail, or the list row once `detailIsStale`. Names from
 * a detail are the exception: the list has only one field for both, and a guess from it never overrides them (F3).
 * A list row that is itself a whole registration counts as a detail.
 */
export function mapParticipant(raw: RawParticipant, detailIsStale: boolean): MappedParticipant {
  const detail = raw.detail && jsonbSafe(raw.detail)
  const list = raw.list && jsonbSafe(raw.list)
  const records = (detailIsStale ? [list, detail] : [detail, list]).filter((record) => record !== null)
  const people = records.map((record) => record.participant).filter(isObject)
  const reader: Reader = new FieldReader()
  const root = (key: string) => records.map((record) => record[key])
  const person = (key: string) => people.map((record) => record[key])
  const { names, ...categories } = readCategories(
    records.find((record) => hasCategories(record))?.event_categories,
    reader,
  )
  const fields: ParticipantFields = {
    eventId: null,
    ...readNames(reader, people, root('person_full_name')),
    // Details have these in `participant`, lists at the root; the newer record still goes first.
    email: reader.read('email', text, ...rootOrPerson(records, 'email')),
    phone: reader.read('phone', label, ...rootOrPerson(records, 'phone')),
    dateOfBirth: reader.read('dateOfBirth', birthDate(lastDay(records)), ...rootOrPerson(records, 'dob')),
    gender: reader.read('gender', text, ...rootOrPerson(records, 'gender')),
    nationality: reader.read('nationality', named, ...person('address').map(countryOf)),
    emergencyContact: readEmergencyContact(reader, root),
    team: reader.read('team', named, ...root('team')),
    ...categories,
    category: readCategory(reader, records, names),
    listedAge: reader.read('listedAge', age, ...rootOrPerson(records, 'age')),
    registeredAt: reader.read('registeredAt', instant, ...root('registered_at'), ...root('created_at')),
    paymentStatus: reader.read('paymentStatus', text, ...root('payment_status')),
    amountPaid: reader.read('amountPaid', money, ...root('transaction_amount')),
    specialRequirements: null,
    status: 'active',
    // Haku says that somebody deferred, and not into what.
    successor: null,
  }
  notePartsThatHideFields(reader, records, people, fields)
  const words = records.map(readStatus)
  const said = words.find((word) => word.status !== null)
  if (said?.status) fields.status = said.status
  else {
    const odd = words.find((word) => word.unreadable !== undefined)
    if (odd?.unreadable !== undefined) reader.note('status', 'not a truth value or date', odd.unreadable)
  }
  return { fields, problems: reader.problems }
}

function rootOrPerson(records: JsonObject[], key: string): (Json | undefined)[] {
  return records.flatMap((record) => [
    isObject(record.participant) ? record.participant[key] : undefined,
    record[key],
  ])
}

/** Fields that stand in `participant` alone, or are better there. */
const PERSON_FIELDS = [
  'firstName',
  'lastName',
  'email',
  'phone',
  'dateOfBirth',
  'gender',
  'nationality',
] as const

/**
 * A part that is no object cannot be read, and neither can what stands in it: those fields are unreadable and not
 * empty, or one broken record would blank a runner's name and birth date (D2).
 */
function notePartsThatHideFields(
  reader: Reader,
  records: JsonObject[],
  people: JsonObject[],
  fields: ParticipantFields,
): void {
  const person = records.map((record) => record.participant).find(isNoObject)
  if (person !== undefined && people.length === 0) {
    for (const field of PERSON_FIELDS) {
      // A name split by guess is there, and is no reason to lose the one that was read.
      if (fields[field] === null || field === 'firstName' || field === 'lastName')
        reader.note(field, 'not an object, the participant', person)
    }
  }
  const address = people.map((record) => record.address).find(isNoObject)
  if (address !== undefined && fields.nationality === null)
    reader.note('nationality', 'not an object, the address', address)
}

function isNoObject(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !isObject(value)
}

/** An empty list of categories says that there are none; null says nothing. */
function hasCategories(record: JsonObject): boolean {
  return record.event_categories !== undefined && record.event_categories !== null
}

function readNames(reader: Reader, people: JsonObject[], fullNames: (Json | undefined)[]): SplitName {
  // First and last name from the same record: half a name of each would be a third person.
  const source = people.find((record) => {
    const names = [record.first_name, record.last_name]
    return names.some((name) => (text.safeParse(name).data ?? null) !== null)
  })
  if (source) {
    return {
      firstName: reader.read('firstName', text, source.first_name),
      lastName: reader.read('lastName', text, source.last_name),
    }
  }
  const fullName = text.safeParse(fullNames.find((name) => (text.safeParse(name).data ?? null) !== null)).data
  if (fullName) return splitName(fullName)
  // Nothing can be read: what is there is noted for both, so that a stored name stays.
  for (const [field, key] of [
    ['firstName', 'first_name'],
    ['lastName', 'last_name'],
  ] as const) {
    reader.read(field, text, ...people.map((record) => record[key]), ...fullNames)
  }
  return { firstName: null, lastName: null }
}

/**
 * The category's name. A list row that is newer than the categories at hand wins over them; on equal terms the
 * category itself is better than the list's text about it.
 */
function readCategory(reader: Reader, records: JsonObject[], names: (Json | undefined)[]): string | null {
  const infos = records.map((record) => record.event_category_info).map(nameIn)
  const listIsNewer = records[0] !== undefined && !isWhole(records[0])
  return reader.read('category', label, ...(listIsNewer ? [...infos, ...names] : [...names, ...infos]))
}

/** `event_category_info` is a text or an object: which is not known. */
function nameIn(info: Json | undefined): Json | undefined {
  return isObject(info) && info.name !== undefined ? info.name : info
}

function countryOf(address: Json | undefined): Json | undefined {
  return isObject(address) ? address.country : undefined
}

/** The phone's field name differs between accounts (Haku API notes 1.7, 9). */
function readEmergencyContact(
  reader: Reader,
  root: (key: string) => (Json | undefined)[],
): JsonObject | null {
  const contact = {
    name: reader.read('emergencyContact', text, ...root('emergency_contact_name')),
    phone: reader.read(
      'emergencyContact',
      label,
      ...root('emergency_contact_phone_number'),
      ...root('emergency_contact_phone'),
    ),
    relationship: reader.read('emergencyContact', text, ...root('emergency_contact_relationship')),
  }
  return Object.values(contact).some((value) => value !== null) ? contact : null
}

/** The newest day, `YYYY-MM-DD`, that the records themselves know of: nobody in them is born after it. */
function lastDay(records: JsonObject[]): string | null {
  let last: string | null = null
  for (const record of records) {
    for (const value of [record.updated_at, record.registered_at, record.created_at]) {
      const day = instant.safeParse(value).data?.slice(0, 10)
      if (day !== undefined && (last === null || day > last)) last = day
    }
  }
  return last
}
