import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { JsonObject } from '../../domain/json.ts'
import type {
  InstantDefault,
  InstantOrNull,
  JsonbOrNull,
  Naive,
  NaiveDefault,
  NumericOrNull,
} from './columns.ts'

/** The tables that legacy readers know, with startlist's columns. */

export interface TimingPartnersTable {
  timing_partner_id: Generated<number>
  company_name: string
  password_hash: string | null
  created_at: NaiveDefault
  updated_at: NaiveDefault
  timezone: string | null
  cadence: string | null
  kept_parts: string | null
  retention_days: number | null
}

export interface ProvidersTable {
  provider_id: Generated<number>
  name: string
  provider_type: string | null
  api_base_url: string | null
  rate_limit_per_hour: ColumnType<number | null, number | null | undefined, number | null>
  created_at: NaiveDefault
}

export type CredentialState = 'Untested' | 'Ready' | 'Refused' | 'Paused'

export interface PartnerProviderCredentialsTable {
  partner_provider_credential_id: Generated<number>
  provider_id: number
  timing_partner_id: number
  principal: string | null
  secret: string | null
  credential_type: string | null
  additional_config: JsonbOrNull<JsonObject>
  created_at: NaiveDefault
  updated_at: NaiveDefault
  account_id: number | null
  state: ColumnType<CredentialState, CredentialState | undefined, CredentialState>
  state_reason: string | null
  state_since: InstantDefault
  proven_at: InstantOrNull
  refusals: Generated<number>
  last_success_at: InstantOrNull
  timezone: string | null
  organization: GeneratedAlways<string | null>
  has_secret: GeneratedAlways<boolean>
}

export type BibAuthority = 'provider' | 'local'

export interface HakuEventsTable {
  event_id: string
  organization_id: string | null
  event_name: string | null
  event_description: string | null
  start_date: Naive
  end_date: Naive
  location: string | null
  event_type: string | null
  distance: NumericOrNull
  registration_limit: number | null
  registration_count: number | null
  registration_fee: NumericOrNull
  currency: string | null
  status: string | null
  created_at: NaiveDefault
  updated_at: NaiveDefault
  fetched_date: NaiveDefault
  credentials_used: string | null
  timing_partner_id: number
  account_id: number | null
  starts_at: InstantOrNull
  starts_assumed: Generated<boolean>
  ends_at: InstantOrNull
  start_day: string | null
  end_day: string | null
  timezone: string | null
  timezone_source: string | null
  override_start: string | null
  override_timezone: string | null
  cadence: string | null
  bib_authority: ColumnType<BibAuthority, BibAuthority | undefined, BibAuthority>
  bib_ranges: string | null
  raw_data: JsonbOrNull<JsonObject>
  row_hash: Buffer | null
  missing_since: InstantOrNull
  fetched_at: InstantOrNull
}

type StoredStatus = 'active' | 'cancelled' | 'removed' | 'transferred' | 'deferred'

/** What startlist adds to the participants table of every provider. */
export interface ParticipantAdditions {
  registration_status: ColumnType<StoredStatus, StoredStatus | undefined, StoredStatus>
  removed_at: InstantOrNull
  removal_note: string | null
  chip_number: string | null
  provider_bib: string | null
  local_bib: string | null
  categories: JsonbOrNull
  wave: string | null
  corral: string | null
  listed_age: number | null
  age_on_race_day: number | null
  registered_at: InstantOrNull
  fetched_at: InstantOrNull
  source_updated_at: InstantOrNull
  raw_data: JsonbOrNull<JsonObject>
  row_hash: Buffer | null
  mapping_version: number | null
  list_fingerprint: Buffer | null
  detail_of: Buffer | null
  detail_read_at: InstantOrNull
  detail_attempts: Generated<number>
  detail_not_before: InstantOrNull
  list_pass: number | null
  absences: Generated<number>
  successor: string | null
}

export interface HakuParticipantsTable extends ParticipantAdditions {
  id: Generated<number>
  event_id: string
  participant_id: string | null
  bib_number: string | null
  first_name: string | null
  last_name: string | null
  email: string | null
  phone: string | null
  date_of_birth: string | null
  gender: string | null
  nationality: string | null
  emergency_contact: JsonbOrNull<JsonObject>
  team_affiliation: string | null
  category: string | null
  registration_date: Naive
  payment_status: string | null
  amount_paid: NumericOrNull
  special_requirements: string | null
  fetched_date: NaiveDefault
  credentials_used: string | null
  timing_partner_id: number
  created_at: NaiveDefault
}

export interface SyncQueueTable {
  sync_queue_id: Generated<number>
  timing_partner_id: number | null
  provider_id: number | null
  event_id: string | null
  operation_type: string
  sync_direction: ColumnType<string | null, string | null | undefined, string | null>
  priority: ColumnType<number | null, number | null | undefined, number | null>
  status: ColumnType<string | null, string | null | undefined, string | null>
  scheduled_time: NaiveDefault
  retry_count: ColumnType<number | null, number | null | undefined, number | null>
  max_retries: ColumnType<number | null, number | null | undefined, number | null>
  payload: JsonbOrNull
  created_at: NaiveDefault
  started_at: Naive
  completed_at: Naive
}

export interface SyncHistoryTable {
  sync_history_id: Generated<number>
  timing_partner_id: number | null
  provider_id: number | null
  event_id: string | null
  operation_type: string | null
  sync_direction: ColumnType<string | null, string | null | undefined, string | null>
  sync_time: NaiveDefault
  status: string | null
  num_of_synced_records: number | null
  entries_success: number | null
  entries_failed: number | null
  error_details: string | null
  data_snapshot: JsonbOrNull
  duration_seconds: NumericOrNull
  callback_url: string | null
  reason: string | null
  account_id: number | null
  started_at: InstantOrNull
  ended_at: InstantOrNull
  calls: Generated<number>
  seen: Generated<number>
  inserted: Generated<number>
  updated: Generated<number>
  unchanged: Generated<number>
  removed: Generated<number>
  rejected: Generated<number>
  refused: Generated<number>
  complete: boolean | null
  error_code: string | null
  polls: Generated<number>
  hold_id: number | null
}
