import type { Json, JsonObject } from './json.ts'
import type { RawParticipant } from './participant.ts'

/** The content of a stored row: what the feed compares, under the names of its columns. */
export interface Content {
  /** The event, where a list has the registrations of several; null where it is one event's. */
  event_id: string | null
  bib_number: string | null
  provider_bib: string | null
  chip_number: string | null
  first_name: string | null
  last_name: string | null
  email: string | null
  phone: string | null
  date_of_birth: string | null
  gender: string | null
  nationality: string | null
  emergency_contact: JsonObject | null
  team_affiliation: string | null
  category: string | null
  categories: Json | null
  wave: string | null
  corral: string | null
  listed_age: number | null
  age_on_race_day: number | null
  registered_at: string | null
  payment_status: string | null
  amount_paid: string | null
  special_requirements: string | null
  registration_status: string
  /** The registration that took its place. */
  successor: string | null
}

/** A row as it stands in the database, with what the engine keeps beside its content. */
export interface StoredRow extends Content {
  participant_id: string
  local_bib: string | null
  raw_data: RawParticipant | null
  list_fingerprint: Buffer | null
  detail_of: Buffer | null
  detail_read_at: string | null
  detail_attempts: number
  detail_not_before: string | null
  list_pass: number | null
  removed_at: string | null
  removal_note: string | null
  absences: number
  /** Microseconds since the epoch. */
  source_updated_at: bigint | null
  mapping_version: number | null
}

/** A row to write: content, and the columns around it. */
export interface WrittenRow extends Omit<StoredRow, 'local_bib'> {
  row_hash: Buffer
  mapping_version: number
  fetched_at: string
}

/** What an entry of the change feed can tell. */
export const CHANGE_KINDS = [
  'added',
  'changed',
  'cancelled',
  'removed',
  'restored',
  'transferred',
  'deferred',
  'adopted',
] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** One entry of the change feed: every column that differs, old and new. */
export interface Change {
  key: string
  change: ChangeKind
  fields: Record<string, [Json, Json]>
  /** Microseconds since the epoch. */
  sourceUpdatedAt: bigint | null
}

/** The columns that the feed compares, in their order. */
export const CONTENT_COLUMNS = [
  'event_id',
  'bib_number',
  'provider_bib',
  'chip_number',
  'first_name',
  'last_name',
  'email',
  'phone',
  'date_of_birth',
  'gender',
  'nationality',
  'emergency_contact',
  'team_affiliation',
  'category',
  'categories',
  'wave',
  'corral',
  'listed_age',
  'age_on_race_day',
  'registered_at',
  'payment_status',
  'amount_paid',
  'special_requirements',
  'registration_status',
  'successor',
] as const satisfies readonly (keyof Content)[]
