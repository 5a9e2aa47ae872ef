import type { Json, JsonObject } from '../domain/json.ts'

/** Ways in which one record can be broken. */
export type Defect =
  | 'null' // null instead of an object
  | 'text' // a string instead of an object
  | 'array' // an array instead of an object
  | 'no-number' // without its key (Haku: registration_number, events: id); the next two break it
  | 'null-number'
  | 'object-number'
  | 'nul' // U+0000 in every text but the key
  | 'surrogate' // a lone surrogate in every text but the key
  | 'huge' // 100,000 characters in the name, the e-mail and the team
  | 'wrong-types' // every field of another type than it should have
  | 'bad-values' // right types, impossible values

export const DEFECTS: readonly Defect[] = [
  'null',
  'text',
  'array',
  'no-number',
  'null-number',
  'object-number',
  'nul',
  'surrogate',
  'huge',
  'wrong-types',
  'bad-values',
]

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What breaking a provider's records takes to know of them. */
export interface RecordForm {
  /** the field by which a record is known */
  key: (record: JsonObject) => string
  /** the fields that become huge */
  huge: JsonObject
  /** by field name, at any depth: a value of the right type that cannot be */
  impossible: JsonObject
}

/** 100,000 characters; `HUGE_EMAIL` is an address of that length. */
export const HUGE = 'zqxj '.repeat(20_000)
export const HUGE_EMAIL = `${HUGE.replaceAll(' ', '')}@example.com`

/** The record with `change` applied to every leaf except the key. */
function mapLeaves(value: Json, keep: string, change: (leaf: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, keep, change))
  if (!isObject(value)) return change(value)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === keep ? inner : mapLeaves(inner, keep, change)]),
  )
}

function otherType(value: Json): Json {
  if (value === null) return 0
  if (typeof value === 'string') return { unexpected: value }
  if (typeof value === 'number') return `x${value}`
  if (typeof value === 'boolean') return 'maybe'
  return Array.isArray(value) ? { unexpected: true } : 'unexpected'
}

/** Haku's records: known by a registration's number, an event's id. */
export const hakuForm: RecordForm = {
  key: (record) => ('registration_number' in record ? 'registration_number' : 'id'),
  huge: { person_full_name: HUGE, email: HUGE_EMAIL, team: { name: HUGE } },
  impossible: {
    dob: '31/31/1999',
    transaction_amount: 'abc',
    age: 'x',
    team: 'a team as text',
    registered_at: '0000-00-00 00:00:00',
    created_at: 'yesterday',
    updated_at: 'soon',
    cancelled_at: '2026-02-30T25:61:61Z',
    is_cancelled: 'perhaps',
    event_date: '2026-13-45',
    gender: 42,
  },
}

function impossible(value: JsonObject, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key in values ? (values[key] as Json) : isObject(inner) ? impossible(inner, values) : inner,
    ]),
  )
}

/** The record with a defect. */
export function broken(record: Json, defect: Defect, form: RecordForm): Json {
  if (!isObject(record)) return record
  const name = form.key(record)
  const { [name]: number, ...rest } = record
  const key = number === undefined ? {} : { [name]: number }
  switch (defect) {
    case 'null':
      return null
    case 'text':
      return 'not a record'
    case 'array':
      return [record]
    case 'no-number':
      return rest
    case 'null-number':
      return { ...rest, [name]: null }
    case 'object-number':
      return { ...rest, [name]: { value: number ?? null } }
    case 'nul':
      return mapLeaves(record, name, (leaf) =>
        typeof leaf === 'string' ? `${leaf.slice(0, 3)}\u0000${leaf.slice(3)}` : leaf,
      )
    case 'surrogate':
      return mapLeaves(record, name, (leaf) => (typeof leaf === 'string' ? `${leaf}\ud83c` : leaf))
    case 'huge':
      return { ...record, ...form.huge }
    case 'wrong-types':
      return {
        ...key,
        ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, otherType(value)])),
      }
    case 'bad-values':
      return impossible(record, form.impossible)
  }
}
