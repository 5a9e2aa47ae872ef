import type { Json, JsonObject } from '../../domain/json.ts'
import type { Provider } from '../provider.ts'
import { readModified } from './fields.ts'
import { mapRegistration } from './participant-map.ts'
import { toRegistrationRows } from './participants.ts'
import { mapEvent } from './race-event.ts'

/** Raised when the mapping changes, so that stored rows are mapped again (F5). */
const MAPPING_VERSION = 1

/** RunSignUp: races list their events, and whole registrations of all of them, up to 2,500 a page (RunSignUp API notes 2). */
export const runsignup: Provider = {
  name: 'runsignup',
  capabilities: {
    listOf: 'race',
    askPageSize: 2500,
    askEventsPageSize: 1000,
    smallerPageSizes: [1000, 500, 250, 50],
    modifiedSince: true,
    removedFeed: true,
    totals: false,
    details: 'never',
    singleRead: true,
    zoneKnown: true,
    eventsNewestFirst: false,
    pastEvents: false,
    clockKeys: ['age'],
    // As for Haku: a quota of 1,000 bears more, but one setting holds for the events of every provider.
    shortestIntervalMs: 30_000,
    authentication: 'API key and secret (version 1 in the query, version 2 in a header)',
    endpoints: {
      events: '/races?events=T',
      participants: '/race/{id}/participants',
      removed: '/race/{id}/removed-participants',
      registration: '/race/{id}/participants, between two numbers',
    },
  },
  mappingVersion: MAPPING_VERSION,
  map: mapRegistration,
  needsDetail: () => false,
  readEvent: (eventId, raw, race) => mapEvent(eventId, raw, '', race ?? {}),
  afterRemoval,
  stampOf: readModified,
  rereadRecord(raw) {
    const record = parsed(raw)
    if (record === undefined) return null
    const [row] = toRegistrationRows([{ participants: [record] }]).rows
    return row === undefined ? null : { row, whole: true }
  },
}

/** The feed of removals writes the same times in other forms: what it adds is that, and why, somebody is gone. */
function afterRemoval(list: JsonObject, removal: JsonObject): JsonObject {
  const { removed_reason: reason, new_registration_id = null } = removal
  const isSaid = typeof reason === 'string' && reason.trim() !== ''
  return { ...list, removed_reason: isSaid ? reason : 'removed', new_registration_id }
}

function parsed(raw: string): Json | undefined {
  try {
    return JSON.parse(raw) as Json
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
