import { StartlistError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { isObject, readId } from './fields.ts'

/** What an answer says of one of the events that were asked for. */
export interface EventElement {
  /** null when the element does not name its event */
  eventId: string | null
  /** The records as sent, whatever they are. */
  records: Json[]
}

/**
 * Takes the records out of an answer about registrations: an array with one element per event, where the vendor's
 * page prints the one object only. Registrations stand beside `event`, removed ones inside it, and in each case the
 * other place is empty, so both are read. A list without anybody may be null, or not there (RunSignUp API notes 2.4,
 * 2.5).
 * @throws StartlistError `BAD_SHAPE` when there is no such array, or an element is not of an event
 */
export function readEventArray(body: Json): EventElement[] {
  return (Array.isArray(body) ? body : [body]).map((element) => {
    if (!isObject(element)) throw badShape('an element that is no object')
    const { event, participants } = element
    // Without either this is no answer about an event, and taking it for an empty one would lose everybody.
    if (!isObject(event) && !Array.isArray(participants)) throw badShape('an element without an event')
    const inner = isObject(event) ? event : {}
    const eventId = readId(inner.event_id, 'event id')
    return {
      eventId: typeof eventId === 'string' ? eventId : null,
      records: [...listOf(participants), ...listOf(inner.participants)],
    }
  })
}

function listOf(value: Json | undefined): Json[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw badShape('participants that are no list')
}

function badShape(what: string): StartlistError {
  return new StartlistError('BAD_SHAPE', `The answer about registrations has ${what}.`)
}
