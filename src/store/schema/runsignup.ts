import type { ColumnType, Generated } from 'kysely'
import type { JsonObject } from '../../domain/json.ts'
import type { Instant, InstantOrNull, JsonbOrNull, Naive, NaiveDefault, NumericOrNull } from './columns.ts'
import type { BibAuthority, ParticipantAdditions } from './legacy.ts'

/** The legacy tables of RunSignUp, with startlist's columns. */

export interface RunsignupRacesTable {
  race_id: number
  name: string | null
  last_date: Naive
  last_end_date: Naive
  next_date: Naive
  next_end_date: Naive
  is_draft_race: boolean | null
  is_private_race: boolean | null
  is_registration_open: boolean | null
  created: Naive
  last_modified: Naive
  description: string | null
  url: string | null
  external_race_url: string | null
  external_results_url: string | null
  fb_page_id: string | null
  fb_event_id: string | null
  address: JsonbOrNull<JsonObject>
  timezone: string | null
  logo_url: string | null
  real_time_notifications_enabled: boolean | null
  fetched_date: NaiveDefault
  credentials_used: string | null
  timing_partner_id: number
  created_at: NaiveDefault
  raw_data: JsonbOrNull<JsonObject>
  fetched_at: InstantOrNull
  cadence: string | null
  bib_authority: ColumnType<BibAuthority, BibAuthority | undefined, BibAuthority>
}

export interface RunsignupEventsTable {
  event_id: number
  race_id: number
  name: string | null
  details: string | null
  start_time: Naive
  end_time: Naive
  age_calc_base_date: string | null
  registration_opens: Naive
  event_type: string | null
  distance: NumericOrNull
  volunteer: boolean | null
  require_dob: boolean | null
  require_phone: boolean | null
  giveaway: string | null
  fetched_date: NaiveDefault
  credentials_used: string | null
  timing_partner_id: number
  created_at: NaiveDefault
  account_id: number | null
  starts_at: InstantOrNull
  starts_assumed: Generated<boolean>
  ends_at: InstantOrNull
  start_day: string | null
  end_day: string | null
  timezone: string | null
  timezone_source: string | null
  bib_ranges: string | null
  override_start: string | null
  override_timezone: string | null
  status: string | null
  raw_data: JsonbOrNull<JsonObject>
  row_hash: Buffer | null
  missing_since: InstantOrNull
  fetched_at: InstantOrNull
}

export interface RunsignupParticipantsTable extends ParticipantAdditions {
  id: Generated<number>
  race_id: number
  event_id: number
  registration_id: number | null
  user_id: number | null
  first_name: string | null
  middle_name: string | null
  last_name: string | null
  email: string | null
  address: JsonbOrNull<JsonObject>
  dob: string | null
  gender: string | null
  phone: string | null
  profile_image_url: string | null
  bib_num: string | null
  chip_num: string | null
  age: number | null
  registration_date: Naive
  team_info: JsonbOrNull
  payment_info: JsonbOrNull
  additional_data: JsonbOrNull
  fetched_date: NaiveDefault
  credentials_used: string | null
  timing_partner_id: number
  created_at: NaiveDefault
  last_modified: Naive
  nationality: string | null
  team_affiliation: string | null
  amount_paid: NumericOrNull
}

/** Rows of which a registration had one too many in its race, as they were. */
export interface RunsignupParticipantsDuplicatesTable extends RunsignupParticipantsTable {
  why: string
  moved_at: Instant
}
