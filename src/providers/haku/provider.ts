import { readStamp } from '../../domain/stamp.ts'
import type { Provider } from '../provider.ts'
import { mapEvent } from './event.ts'
import { rereadRecord } from './list-rows.ts'
import { MAPPING_VERSION } from './mapping-version.ts'
import { isWhole, mapParticipant } from './participant.ts'
import { readTraits } from './traits.ts'

/** Haku: lists without bibs, details one call each, at most 100 rows a page (Haku API notes 1.3 to 1.5). */
export const haku: Provider = {
  name: 'haku',
  capabilities: {
    listOf: 'event',
    askPageSize: 100,
    askEventsPageSize: 100,
    smallerPageSizes: [50, 25],
    modifiedSince: false,
    removedFeed: false,
    totals: true,
    details: 'learnt',
    singleRead: true,
    zoneKnown: false,
    eventsNewestFirst: true,
    pastEvents: true,
    // A list row's age changes at midnight of a birthday, and nobody touched the registration.
    clockKeys: ['age'],
    // 120 calls of an hour's 500 for one event; with 1.5 s between calls, four such events leave no room to be on time.
    shortestIntervalMs: 30_000,
    authentication: 'OAuth 2 client credentials (Cognito)',
    endpoints: {
      events: '/events',
      participants: '/events/{id}/participants',
      removed: null,
      registration: '/events/{id}/registrations/{number}',
    },
  },
  mappingVersion: MAPPING_VERSION,
  map: mapParticipant,
  needsDetail: (traits) => readTraits(traits).list !== 'registrations',
  readEvent: mapEvent,
  stampOf: (detail) => readStamp(detail.updated_at),
  rereadRecord(raw) {
    const row = rereadRecord(raw)
    return row && { row, whole: isWhole(row.record) }
  },
}
