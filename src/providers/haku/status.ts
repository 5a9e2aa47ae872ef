import type { Json, JsonObject } from '../../domain/json.ts'
import type { RegistrationStatus } from '../../domain/participant.ts'
import { isObject } from '../records.ts'
import { flag, instant, isBlank } from '../schemas.ts'

/** What one record says of where its registration stands. */
export interface StatusWord {
  /** null when the record says nothing readable */
  status: RegistrationStatus | null
  /** The value that says something that cannot be read; set only when `status` is null. */
  unreadable?: Json
}

/** No value set is known; whole words only, so that "transfer requested" is still an active runner.
 * `removed` is kept for what the provider no longer has (A4): a record that calls itself so is a cancelled one. */
const WORDS: Record<string, RegistrationStatus> = {
  active: 'active',
  confirmed: 'active',
  registered: 'active',
  complete: 'active',
  completed: 'active',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  withdrawn: 'cancelled',
  removed: 'cancelled',
  deleted: 'cancelled',
  transferred: 'transferred',
  transferred_out: 'transferred',
  deferred: 'deferred',
}

/**
 * Reads the status of a list row or a detail. `is_cancelled`, or `cancelled_at` being set, is a cancellation, and
 * cancelled people stay in the list (Haku API notes 1.4); a status text that is recognised may say more than that,
 * and so may the `participation_option` of a category.
 */
export function readStatus(record: JsonObject): StatusWord {
  const word = wordOf(record.registration_status) ?? wordOf(record.status)
  // The particular ones say why somebody is cancelled.
  if (word !== null && word !== 'active') return { status: word }
  const cancelled = flag.safeParse(record.is_cancelled)
  if (cancelled.data === true) return { status: whyCancelled(record) }
  const cancelledAt = instant.safeParse(record.cancelled_at)
  if (cancelledAt.success && cancelledAt.data !== null) return { status: whyCancelled(record) }
  if (cancelled.data === false || word === 'active') return { status: 'active' }
  if (!cancelled.success) return { status: null, unreadable: record.is_cancelled ?? null }
  if (!cancelledAt.success) return { status: null, unreadable: record.cancelled_at ?? null }
  return { status: null }
}

/** Of somebody who is cancelled: a category may tell that the registration went to another year or person. */
function whyCancelled({ event_categories: categories }: JsonObject): RegistrationStatus {
  const options = Array.isArray(categories) ? categories.filter(isObject) : []
  const words = options.map((category) => wordOf(category.participation_option))
  return words.find((word) => word === 'deferred' || word === 'transferred') ?? 'cancelled'
}

function wordOf(value: Json | undefined): RegistrationStatus | null {
  if (typeof value !== 'string' || isBlank(value)) return null
  const word = value
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
  return Object.hasOwn(WORDS, word) ? WORDS[word]! : null
}
