import type { Json, JsonObject } from '../../domain/json.ts'
import type { MappedParticipant, ParticipantFields, RawParticipant } from '../../domain/participant.ts'
import { stampToIso } from '../../domain/stamp.ts'
import { jsonbSafe } from '../../domain/text.ts'
import {
  age,
  birthDate,
  easternInstant,
  FieldReader,
  isObject,
  label,
  money,
  readId,
  readModified,
  text,
} from './fields.ts'
import { LISTED_UNDER } from './participants.ts'
import { removalStatus, successorOf } from './removed.ts'

type Reader = FieldReader<keyof ParticipantFields>

/**
 * Reads what RunSignUp said of one registration (RunSignUp API notes 2.4). Pure, and takes anything: a field that cannot
 * be read is null and in `problems`, with the raw text (D2). A list row is the whole registration, so there is no detail
 * that could be stale. A record of the removed feed has the same fields, and says by its reason that it is gone.
 */
export function mapRegistration(raw: RawParticipant): MappedParticipant {
  const record = jsonbSafe(raw.list ?? {})
  const user = isObject(record.user) ? record.user : {}
  const address = isObject(user.address) ? user.address : {}
  const reader: Reader = new FieldReader()
  const fields: ParticipantFields = {
    eventId: eventOf(record),
    firstName: reader.read('firstName', text, user.first_name),
    lastName: reader.read('lastName', text, user.last_name),
    email: reader.read('email', text, user.email),
    phone: reader.read('phone', label, user.phone),
    dateOfBirth: reader.read('dateOfBirth', birthDate(lastDay(record)), user.dob),
    gender: reader.read('gender', text, user.gender),
    nationality: reader.read('nationality', text, address.country_code),
    // Asked as a question of each race's own, whose type only the race knows.
    emergencyContact: null,
    team: reader.read('team', label, record.team_name),
    category: null,
    categories: null,
    wave: reader.read('wave', label, record.wave, record.wave_name),
    corral: reader.read('corral', label, ...corralNames(record)),
    providerBib: reader.read('providerBib', label, record.bib_num),
    chipNumber: reader.read('chipNumber', label, record.chip_num),
    // On race day, and on the row: the user has none (RunSignUp API notes 2.4).
    listedAge: reader.read('listedAge', age, record.age),
    registeredAt: reader.read('registeredAt', easternInstant, record.registration_date),
    paymentStatus: null,
    amountPaid: reader.read('amountPaid', money, record.amount_paid),
    specialRequirements: null,
    status: removalStatus(record) ?? 'active',
    successor: successorOf(record),
  }
  notePartsThatHideFields(reader, record.user, user)
  return { fields, problems: reader.problems }
}

/** The event under which a registration was listed: of one that came by a bundle the record names the bundle. */
function eventOf(record: JsonObject): string | null {
  const id = readId(record[LISTED_UNDER] ?? record.event_id, 'event id')
  return typeof id === 'string' ? id : null
}

/** Fields that stand in `user` alone. */
const USER_FIELDS = [
  'firstName',
  'lastName',
  'email',
  'phone',
  'dateOfBirth',
  'gender',
  'nationality',
] as const

/**
 * Each registration has a user. One without, or with something else in its place, has fields that are unreadable and
 * not empty: a broken record must not blank a runner's name and birth date (D2).
 */
function notePartsThatHideFields(reader: Reader, sent: Json | undefined, user: JsonObject): void {
  if (!isObject(sent)) {
    for (const field of USER_FIELDS) reader.note(field, 'not an object, the user', sent ?? null)
    return
  }
  const { address } = user
  if (address !== undefined && address !== null && !isObject(address))
    reader.note('nationality', 'not an object, the address', address)
}

/**
 * Where a corral's name may stand. How a registration carries its corral is not published; the names are those of
 * the API's own list of corrals, which calls them `race_corral_name`.
 */
function corralNames(record: JsonObject): (Json | undefined)[] {
  const { corral, corrals } = record
  const parts = [corral, ...(Array.isArray(corrals) ? corrals : [])]
  return [
    record.race_corral_name,
    record.corral_name,
    ...parts.flatMap((part) =>
      isObject(part) ? [part.race_corral_name, part.corral_name, part.name] : [part],
    ),
  ]
}

/** The newest day, `YYYY-MM-DD`, that the record itself knows of: nobody in it is born after it. */
function lastDay(record: JsonObject): string | null {
  const stamps = [stampToIso(readModified(record)), easternInstant.safeParse(record.registration_date).data]
  const days = stamps.filter((stamp) => typeof stamp === 'string').map((stamp) => stamp.slice(0, 10))
  return days.sort().at(-1) ?? null
}
