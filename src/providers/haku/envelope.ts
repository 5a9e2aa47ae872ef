import { StartlistError } from '../../domain/errors.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { isObject } from '../records.ts'

/** A list as it came out of its envelope. */
export interface EnvelopeList {
  /** The records as sent, whatever they are. */
  records: Json[]
  /** The total that the envelope claims, else null. */
  total: number | null
}

/** What a list is of: its own keys are looked at first. */
export type ListKind = 'events' | 'participants'

const KEYS: Record<ListKind, readonly string[]> = {
  events: ['events', 'data'],
  participants: ['participants', 'registrations', 'data'],
}
const KNOWN_KEYS = ['events', 'participants', 'registrations', 'data']

/** Arrays under these names are about the answer: an error answer with status 200 is not a list of one record. */
const NOT_LISTS = new Set(['errors', 'error', 'messages', 'warnings', 'links'])

/**
 * Takes the list out of an answer. Seen or guessed forms are a bare array, or an object with the list under
 * `events`, `participants`, `registrations` or `data` (Haku API notes 1.3); else the object's only array is taken.
 * A total is read from `meta.total`, `pagination.total`, `total` or `total_count`, if it is a number.
 * @throws StartlistError `BAD_SHAPE` when there is no list, or several and none under a known name
 */
export function readList(body: Json, kind: ListKind): EnvelopeList {
  if (Array.isArray(body)) return { records: body, total: null }
  if (!isObject(body))
    throw new StartlistError('BAD_SHAPE', `The answer is ${nameOf(body)} where a list belongs.`)
  const total = totalOf(body)
  const records = findList(body, kind)
  if (records) return { records, total }
  // `data: { participants: [...] }`
  if (isObject(body.data)) {
    const inner = findList(body.data, kind)
    if (inner) return { records: inner, total: total ?? totalOf(body.data) }
  }
  // A list may be null where it is empty; it is believed only when the answer counts nothing as well.
  if (total === 0 && KEYS[kind].some((key) => body[key] === null)) return { records: [], total }
  throw new StartlistError(
    'BAD_SHAPE',
    `The answer is an object of ${Object.keys(body).length} keys without a list.`,
  )
}

function findList(body: JsonObject, kind: ListKind): Json[] | null {
  for (const key of [...KEYS[kind], ...KNOWN_KEYS]) {
    const value = own(body, key)
    if (Array.isArray(value)) return value
  }
  const arrays = Object.entries(body).filter(([key, value]) => Array.isArray(value) && !NOT_LISTS.has(key))
  return arrays.length === 1 ? (arrays[0]![1] as Json[]) : null
}

function totalOf(body: JsonObject): number | null {
  const candidates = [
    isObject(body.meta) ? own(body.meta, 'total') : null,
    isObject(body.pagination) ? own(body.pagination, 'total') : null,
    own(body, 'total'),
    own(body, 'total_count'),
  ]
  for (const value of candidates) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  }
  return null
}

/** A property of the record itself, never one that every object inherits. */
function own(body: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(body, key) ? body[key] : undefined
}

function nameOf(body: Exclude<Json, JsonObject>): string {
  return body === null ? 'null' : Array.isArray(body) ? 'an array' : `a ${typeof body}`
}
