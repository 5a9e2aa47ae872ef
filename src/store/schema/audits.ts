import type { JsonObject } from '../../domain/json.ts'
import type { Instant, JsonbDefault } from './columns.ts'

/** What audits found, and what a provider's answers look like. */

export interface AuditsTable {
  provider: string
  timing_partner_id: number
  event_id: string
  account_id: number
  audited_at: Instant
  complete: boolean
  ours: number
  theirs: number | null
  count_verdict: string
  sampled: number
  blind: number
  moved: number
  gone: number
  replayed: number
  calls: number
}

export interface AuditFindingsTable {
  provider: string
  timing_partner_id: number
  event_id: string
  kind: 'count' | 'row' | 'feed'
  participant_id: string
  fields: string[]
  first_seen: Instant
  last_seen: Instant
}

export interface SchemaShapesTable {
  account_id: number
  source: string
  shape: JsonbDefault<JsonObject>
}

export interface SchemaDriftTable {
  account_id: number
  source: string
  path: string
  drift: 'appeared' | 'vanished' | 'retyped'
  was: string[]
  is_now: string[]
  first_seen: Instant
}
