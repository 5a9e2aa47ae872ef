import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { Json, JsonObject } from '../../domain/json.ts'
import type {
  Instant,
  InstantDefault,
  InstantOrNull,
  JsonbDefault,
  JsonbOrNull,
  ReadOnly,
} from './columns.ts'

/** startlist's own tables, and the views over all providers. */

export interface AccountsTable {
  account_id: GeneratedAlways<number>
  provider: string
  principal: string
  traits: JsonbDefault<JsonObject>
  paused_until: InstantOrNull
  pause_reason: string | null
  throttles: Generated<number>
  observed_limit: number | null
  token: string | null
  token_expires_at: InstantOrNull
  token_credential_id: number | null
  discovered_at: InstantOrNull
  discovered_whole_at: InstantOrNull
  outages: Generated<number>
  external_use: Generated<string>
  quota_limit: number | null
  reserve: number | null
  discovery_asked_at: InstantOrNull
  discovery_tried_at: InstantOrNull
  last_turn_at: InstantOrNull
  next_turn_at: InstantOrNull
  told_used: number | null
  told_at: InstantOrNull
  told_excess: number | null
  reread: Generated<number>
  reread_blind: Generated<number>
  created_at: InstantDefault
}

export interface LanesTable {
  account_id: number
  holder: string | null
  fence: Generated<number>
  lease_until: InstantOrNull
  wanted_at: InstantOrNull
  server_started_at: InstantOrNull
}

export interface SyncStateTable {
  account_id: number
  event_id: string
  last_pass: Generated<number>
  finished_pass: Generated<number>
  watermark: InstantOrNull
  finished_began: InstantOrNull
  head: JsonbOrNull
  head_owed: Generated<boolean>
  head_pass: JsonbOrNull
  pass: JsonbOrNull
  polled_at: InstantOrNull
  swept_at: InstantOrNull
  complete_at: InstantOrNull
  list_missing: Generated<number>
  last_error: string | null
  last_error_at: InstantOrNull
  failures: Generated<number>
  notes: JsonbDefault
  began_at: InstantOrNull
  tried_at: InstantOrNull
  retry_at: InstantOrNull
  asked_at: InstantOrNull
  due_at: InstantOrNull
  every_ms: number | null
  next_every_ms: number | null
  replan_at: InstantOrNull
  sweep_due_at: InstantOrNull
  details_due_at: InstantOrNull
  round_due_at: InstantOrNull
  urgent_at: InstantDefault
  listed: number | null
  removals_until: InstantOrNull
  removals_read_at: InstantOrNull
  audited_at: InstantOrNull
}

type PartnerState = 'current' | 'behind'

export interface PartnerSyncTable {
  provider: string
  timing_partner_id: number
  event_id: string
  account_id: number
  state: ColumnType<PartnerState, PartnerState | undefined, PartnerState>
  reason: string | null
  since: InstantDefault
  derived_from: string | null
  feed_position: Generated<number>
  feed_purged: Generated<number>
}

export interface ApiCallsTable {
  call_id: GeneratedAlways<number>
  account_id: number
  acquired_at: Instant
  ended_at: InstantOrNull
  timeout_ms: number
  class: string
  purpose: string
  event_id: string | null
  run_id: number | null
  status: number | null
  error_code: string | null
  ms: number | null
}

export type ChangeKind =
  | 'added'
  | 'changed'
  | 'cancelled'
  | 'removed'
  | 'restored'
  | 'transferred'
  | 'deferred'
  | 'adopted'

export interface ParticipantChangesTable {
  provider: string
  timing_partner_id: number
  event_id: string
  position: number
  participant_id: string
  change: ChangeKind
  /** `{"column": [old, new]}` */
  fields: ColumnType<{ [column: string]: [Json, Json] }, string, string>
  source_updated_at: InstantOrNull
  seen_at: Instant
  run_id: number | null
}

export interface RejectedRecordsTable {
  reject_id: GeneratedAlways<number>
  provider: string
  timing_partner_id: number
  account_id: number
  event_id: string
  kind: 'record' | 'field'
  record_key: string
  field: Generated<string>
  reason: string
  raw: string
  fingerprint: Buffer | null
  first_seen: Instant
  last_seen: Instant
  run_id: number | null
}

export interface SweepSeenTable {
  account_id: number
  event_id: string
  pass: number
  key: string
}

type HoldState = 'open' | 'applied' | 'discarded' | 'superseded'

export interface HoldsTable {
  hold_id: GeneratedAlways<number>
  provider: string
  account_id: number
  event_id: string
  kind: 'removal' | 'foreign_list'
  state: ColumnType<HoldState, HoldState | undefined, HoldState>
  reason: string
  absent: number
  known: number
  keys: JsonbDefault<string[]>
  samples: JsonbDefault
  run_id: number | null
  opened_at: Instant
  agree_from: InstantOrNull
  decided_at: InstantOrNull
  decided_by: string | null
}

export interface ForgottenTable {
  provider: string
  key_hash: Buffer
  forgotten_at: Instant
}

export interface EmptiedListsTable {
  provider: string
  timing_partner_id: number
  list_id: string
  emptied_at: Instant
}

export interface ApiTokensTable {
  token_id: GeneratedAlways<number>
  name: string
  token_hash: Buffer
  timing_partner_id: number | null
  created_at: InstantDefault
  expires_at: InstantOrNull
  revoked_at: InstantOrNull
  last_used_at: InstantOrNull
}

/** Columns of a view are read only. */
export interface UnifiedParticipantsView {
  source_provider: ReadOnly<string>
  timing_partner_id: ReadOnly<number>
  event_id: ReadOnly<string>
  first_name: ReadOnly<string | null>
  last_name: ReadOnly<string | null>
  email: ReadOnly<string | null>
  gender: ReadOnly<string | null>
  bib_number: ReadOnly<string | null>
  city: ReadOnly<string | null>
  state: ReadOnly<string | null>
  age: ReadOnly<number | null>
  registration_date: ReadOnly<string | null>
  fetched_date: ReadOnly<string | null>
  participant_id: ReadOnly<string | null>
  chip_number: ReadOnly<string | null>
  registration_status: ReadOnly<string>
  category: ReadOnly<string | null>
  age_on_race_day: ReadOnly<number | null>
  successor: ReadOnly<string | null>
  starts_at: ReadOnly<string | null>
  fresh_at: ReadOnly<string | null>
}

export interface UnifiedEventsView {
  source_provider: ReadOnly<string>
  timing_partner_id: ReadOnly<number>
  event_id: ReadOnly<string>
  event_name: ReadOnly<string | null>
  event_date: ReadOnly<string | null>
  fetched_date: ReadOnly<string | null>
  starts_at: ReadOnly<string | null>
  status: ReadOnly<string | null>
  list_id: ReadOnly<string>
  fresh_at: ReadOnly<string | null>
}
