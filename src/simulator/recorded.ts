import type { RecordedCall, Recording } from '../domain/recording.ts'
import type { EventDateForm } from './instants.ts'
import { at, pagesSeen } from './recording.ts'
import type { Traits } from './traits.ts'

/** The traits of a Haku whose contact was recorded by `verify --record`: what was not seen stays as it is by default. */
export function recordedTraits({ calls }: Recording): Partial<Traits> {
  const events = calls['GET /events']
  const participants = calls['GET /events/{}/participants']
  const registrations = calls['GET /events/{}/registrations']
  const detail = calls['GET /events/{}/registrations/{}']
  const lists = [participants, registrations].filter((call) => call !== undefined)
  return {
    ...pageTraits([events, ...lists]),
    ...envelopeTraits(events, lists),
    ...(participants && formOf(participants, 'participantsList')),
    ...(registrations && formOf(registrations, 'registrationsList')),
    ...rowTraits(lists),
    ...eventTraits(events),
    ...detailTraits(detail, lists),
    ...authorizationTraits(Object.values(calls)),
  }
}

function pageTraits(lists: readonly (RecordedCall | undefined)[]): Partial<Traits> {
  const { cap, mode } = pagesSeen(lists)
  return { pageCap: cap, pageDefault: Math.min(25, cap), pageCapMode: mode }
}

const KEYS = ['participants', 'registrations', 'data'] as const

function envelopeTraits(events: RecordedCall | undefined, lists: readonly RecordedCall[]): Partial<Traits> {
  const all = [events, ...lists].filter((call) => call !== undefined)
  const wrapped = all.find((call) => call.types.answer?.includes('object'))
  if (wrapped === undefined) return { envelope: 'bare', totals: 'none' }
  const keyOf = (call: RecordedCall | undefined) =>
    call && ['events', ...KEYS].find((key) => call.types[`answer.${key}`]?.includes('array'))
  const ofEvents = keyOf(events)
  const key = keyOf(lists.find((call) => keyOf(call) !== undefined)) ?? ofEvents
  const isOwn = ofEvents === 'events' && key !== 'events'
  const total = (path: string) => wrapped.types[`answer.${path}`]?.includes('number')
  const totals = total('meta.total')
    ? 'meta'
    : total('pagination.total')
      ? 'pagination'
      : total('total')
        ? 'root'
        : 'none'
  return { totals, envelope: isOwn || key === undefined ? 'own' : (key as Traits['envelope']) }
}

function formOf(call: RecordedCall, name: 'participantsList' | 'registrationsList'): Partial<Traits> {
  const statuses = Object.values(call.statuses).flat()
  if (!statuses.includes(200)) return { [name]: 'missing' }
  if (Object.keys(call.types).some((path) => path.endsWith('].participant'))) return { [name]: 'whole' }
  return Object.keys(call.types).some((path) => path.endsWith('].registration_number'))
    ? { [name]: 'thin' }
    : {}
}

function rowTraits(lists: readonly RecordedCall[]): Partial<Traits> {
  const rows = lists.filter((call) => at(call, '].registration_number').length > 0)
  const [first] = rows
  if (first === undefined) return {}
  const stamps = rows.flatMap((call) =>
    at(call, '].registered_at', 'forms').concat(at(call, '].created_at', 'forms')),
  )
  const listStamp = rows.some((call) =>
    Object.keys(call.types).some((path) => /^answer[^[]*\[\]\.updated_at$/.test(path)),
  )
  const info = rows.flatMap((call) => at(call, '].event_category_info'))
  return {
    listStamp,
    ...stampTraits(stamps),
    registrationNumber: at(first, '].registration_number').includes('number') ? 'number' : 'text',
    ...(info.length > 0 && { categoryInfo: info.includes('object') ? 'object' : 'text' }),
    ...moneyTraits(rows.flatMap((call) => at(call, '].transaction_amount'))),
  }
}

function stampTraits(forms: readonly string[]): Partial<Traits> {
  const form = forms.find((one) => /^(time|midnight)/.test(one))
  if (form === undefined) return {}
  return {
    stampPrecision: form.includes('fraction') ? 'millis' : 'seconds',
    stampZone: form.endsWith('Z') ? 'Z' : form.endsWith('offset') ? 'offset' : 'none',
  }
}

function moneyTraits(types: readonly string[]): Partial<Traits> {
  if (types.length === 0) return {}
  return { money: types.includes('string') ? 'text' : types.includes('number') ? 'number' : 'null' }
}

/** What `textForm` calls each spelling of a date. */
const DATE_FORMS: Record<string, EventDateForm> = {
  'time spaced local': 'local',
  'time local': 'localIso',
  'time spaced fraction local': 'localFraction',
  'time Z': 'utc',
  'time fraction Z': 'utcFraction',
  'time offset': 'offset',
  date: 'date',
  'midnight spaced local': 'midnight',
  'midnight local': 'midnightIso',
  'midnight Z': 'midnightUtc',
}

function eventTraits(events: RecordedCall | undefined): Partial<Traits> {
  if (events === undefined) return {}
  const [form] = at(events, '].event_date', 'forms')
  const types = at(events, '].event_date')
  if (form === undefined) return types.length === 0 ? {} : { eventDate: 'null' }
  const known = DATE_FORMS[form]
  return known === undefined ? {} : { eventDate: known }
}

function detailTraits(detail: RecordedCall | undefined, lists: readonly RecordedCall[]): Partial<Traits> {
  const whole = [detail, ...lists].filter((call) => call !== undefined)
  const has = (name: string) =>
    whole.some((call) => Object.keys(call.types).some((path) => path.endsWith(`.${name}`)))
  const answered = detail !== undefined && Object.values(detail.statuses).flat().includes(200)
  return {
    ...(detail !== undefined && { detail: answered ? 'present' : 'missing' }),
    ...(has('emergency_contact_phone') && { emergencyPhoneField: 'emergency_contact_phone' }),
    ...(has('emergency_contact_phone_number') && { emergencyPhoneField: 'emergency_contact_phone_number' }),
  }
}

function authorizationTraits(calls: readonly RecordedCall[]): Partial<Traits> {
  const takes = (form: string) => calls.some((call) => call.statuses[form]?.includes(200))
  if (takes('bare') && takes('bearer')) return { authorization: 'both' }
  return takes('bearer') ? { authorization: 'bearer' } : takes('bare') ? { authorization: 'bare' } : {}
}
