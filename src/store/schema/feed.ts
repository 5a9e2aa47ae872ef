import type { Generated, GeneratedAlways } from 'kysely'
import type { Instant, InstantOrNull } from './columns.ts'

/** Marks in the change feed, and the webhooks that carry it. */

export interface FeedMarksTable {
  mark_id: GeneratedAlways<number>
  provider: string
  timing_partner_id: number
  event_id: string
  name: string
  position: number
  made_at: Instant
}

export interface WebhooksTable {
  webhook_id: GeneratedAlways<number>
  timing_partner_id: number
  url: string
  secret: string
  may_be_local: boolean
  made_at: Instant
  failing_since: InstantOrNull
  disabled_at: InstantOrNull
  disabled_reason: string | null
}

export interface WebhookCursorsTable {
  webhook_id: number
  provider: string
  event_id: string
  position: number
}

export interface WebhookDeliveriesTable {
  delivery_id: Generated<string>
  webhook_id: number
  timing_partner_id: number
  provider: string
  event_id: string
  after_position: number
  until_position: number
  made_at: Instant
  attempts: Generated<number>
  try_at: Instant
  tried_at: InstantOrNull
  delivered_at: InstantOrNull
  given_up_at: InstantOrNull
  status: number | null
  error: string | null
}
