import type { Generated } from 'kysely'
import type { JsonObject } from '../../domain/json.ts'
import type { Instant, InstantOrNull, JsonbOrNull } from './columns.ts'

/** What alerts remember. */

export interface AlertRulesTable {
  rule: string
  looked_at: Instant
}

export interface AlertsTable {
  alert_key: string
  rule: string
  message: string
  hint: string
  since: Instant
  seen_at: Instant
  told_at: Instant
  resolved_at: InstantOrNull
}

export interface AlertMessagesTable {
  message_id: Generated<string>
  channel: string
  message: JsonbOrNull<JsonObject>
  made_at: Instant
  attempts: Generated<number>
  try_at: Instant
  delivered_at: InstantOrNull
}
