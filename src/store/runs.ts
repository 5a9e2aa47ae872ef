import { sql } from 'kysely'
import type { Json } from '../domain/json.ts'
import type { ChangeKind } from '../domain/row.ts'
import type { PartnerEvent } from './changes.ts'
import type { Db, Trx } from './database.ts'

/** A row of `sync_history`: what a run did for one timing partner and event. */
export interface Run extends PartnerEvent {
  runId: number
  /** Null for runs of before startlist, and of an account that is gone. */
  accountId: number | null
  kind: string
  /** ms since the epoch */
  startedAt: number | null
  inserted: number
  updated: number
  removed: number
  /** The hold that it applied. */
  holdId: number | null
}

/** One entry of the change feed, as it is stored. */
export interface FeedEntry {
  position: number
  key: string
  change: ChangeKind
  fields: Record<string, [Json, Json]>
}

const RUN = sql`h.sync_history_id::float8 AS "runId", lower(p.name) AS provider, h.timing_partner_id AS "partnerId",
  h.event_id AS "eventId", h.account_id AS "accountId", h.operation_type AS kind,
  (extract(epoch FROM h.started_at) * 1000)::float8 AS "startedAt", h.inserted, h.updated, h.removed,
  h.hold_id::float8 AS "holdId"
  FROM sync_history h JOIN providers p USING (provider_id)`

/** Runs of these ids that were about an event; unknown ids are left out. */
export async function readRuns(db: Db | Trx, runIds: readonly number[]): Promise<Run[]> {
  const result = await sql<Run>`
    SELECT ${RUN} WHERE h.sync_history_id = ANY (${runIds}::bigint[]) AND h.event_id IS NOT NULL
      AND h.timing_partner_id IS NOT NULL ORDER BY h.sync_history_id`.execute(db)
  return result.rows
}

/** The last runs that changed something, newest first. */
export async function recentRuns(
  db: Db,
  only: { eventId?: string | undefined; limit: number },
): Promise<Run[]> {
  const result = await sql<Run>`
    SELECT ${RUN} WHERE h.inserted + h.updated + h.removed > 0 AND h.event_id IS NOT NULL
      AND h.timing_partner_id IS NOT NULL AND (${only.eventId ?? null}::text IS NULL OR h.event_id = ${only.eventId ?? null})
    ORDER BY h.sync_history_id DESC LIMIT ${only.limit}`.execute(db)
  return result.rows
}

/** Feed entries of these runs from the newest back, at most `limit` of those before a position. */
export async function entriesBefore(
  trx: Trx,
  event: PartnerEvent,
  runIds: readonly number[],
  position: number,
  limit: number,
): Promise<FeedEntry[]> {
  const result = await sql<FeedEntry>`
    SELECT position, participant_id AS key, change, fields FROM participant_changes
    WHERE run_id = ANY (${runIds}::bigint[]) AND provider = ${event.provider}
      AND timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId} AND position < ${position}
    ORDER BY position DESC LIMIT ${limit}`.execute(trx)
  return result.rows
}

/**
 * Registrations that other runs, or none, changed after these runs first did. Where these gave bibs alone, only another
 * bib counts: what the provider says meanwhile is not touched by taking them back.
 */
export async function changedSince(
  trx: Trx,
  event: PartnerEvent,
  runIds: readonly number[],
): Promise<string[]> {
  const result = await sql<{ key: string }>`
    WITH mine AS (
      SELECT participant_id, min(position) AS first, bool_and(fields ? 'local_bib') AS bibs FROM participant_changes
      WHERE run_id = ANY (${runIds}::bigint[]) AND provider = ${event.provider}
        AND timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId}
      GROUP BY participant_id
    )
    SELECT DISTINCT later.participant_id AS key FROM mine JOIN participant_changes later
      ON later.provider = ${event.provider} AND later.timing_partner_id = ${event.partnerId}
        AND later.event_id = ${event.eventId} AND later.participant_id = mine.participant_id
        AND later.position > mine.first AND (NOT mine.bibs OR later.fields ? 'local_bib')
    WHERE later.run_id IS NULL OR NOT (later.run_id = ANY (${runIds}::bigint[]))
    ORDER BY 1`.execute(trx)
  return result.rows.map((row) => row.key)
}
