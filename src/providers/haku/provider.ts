import { readStamp } from '../../domain/stamp.ts'
import type { Provider } from '../provider.ts'
import { MAPPING_VERSION } from './mapping-version.ts'
import { mapParticipant } from './participant.ts'

/** Haku: lists without bibs, details one call each, at most 100 rows a page (Haku API notes 1.3 to 1.5). */
export const haku: Provider = {
  name: 'haku',
  capabilities: {
    askPageSize: 100,
    smallerPageSizes: [50, 25],
    // A list row's age changes at midnight of a birthday, and nobody touched the registration.
    clockKeys: ['age'],
  },
  mappingVersion: MAPPING_VERSION,
  map: mapParticipant,
  stampOf: (detail) => readStamp(detail.updated_at),
}
