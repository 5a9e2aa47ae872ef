import { readStamp } from '../../domain/stamp.ts'
import type { Provider } from '../provider.ts'
import { rereadRecord } from './list-rows.ts'
import { MAPPING_VERSION } from './mapping-version.ts'
import { isWhole, mapParticipant } from './participant.ts'
import { readTraits } from './traits.ts'

/** Haku: lists without bibs, details one call each, at most 100 rows a page (Haku API notes 1.3 to 1.5). */
export const haku: Provider = {
  name: 'haku',
  capabilities: {
    askPageSize: 100,
    smallerPageSizes: [50, 25],
    // A list row's age changes at midnight of a birthday, and nobody touched the registration.
    clockKeys: ['age'],
    // 120 calls of an hour's 500 for one event; with 1.5 s between calls, four such events leave no room to be on time.
    shortestIntervalMs: 30_000,
  },
  mappingVersion: MAPPING_VERSION,
  map: mapParticipant,
  needsDetail: (traits) => readTraits(traits).list !== 'registrations',
  stampOf: (detail) => readStamp(detail.updated_at),
  rereadRecord(raw) {
    const row = rereadRecord(raw)
    return row && { row, whole: isWhole(row.record) }
  },
}
