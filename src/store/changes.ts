import { sql } from 'kysely'
import type { Change } from '../domain/row.ts'
import { stampToIso } from '../domain/stamp.ts'
import type { Db, Trx } from './database.ts'

/** An event of one timing partner: what the feed, the rejects and the history are about. */
export interface PartnerEvent {
  provider: string
  partnerId: number
  eventId: string
}

/** The database notifies here, at the commit: `provider:partner:list:position`, nothing of a person. */
export const CHANGES_CHANNEL = 'startlist_changes'

/**
 * Locks an event's feed until the transaction ends. Whoever is to write rows of an event takes it before it locks the
 * first of them: a person who gives bibs holds no lane, and with one order for all nobody waits in a circle (D4).
 * @returns false for an event that no account feeds
 */
export async function lockFeed(trx: Trx, event: PartnerEvent): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM partner_sync WHERE provider = ${event.provider} AND timing_partner_id = ${event.partnerId}
      AND event_id = ${event.eventId} FOR UPDATE`.execute(trx)
  return rows.length > 0
}

/**
 * Appends to an event's change feed. Positions are taken from a counter that stays locked until the commit, so they
 * have no gap and a reader who has seen n never meets n - 1 later (D4).
 */
export async function appendChanges(
  trx: Trx,
  event: PartnerEvent,
  runId: number | null,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return
  const counter = await sql<{ last: string }>`
    UPDATE partner_sync SET feed_position = feed_position + ${changes.length}
    WHERE provider = ${event.provider} AND timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId}
    RETURNING feed_position::text AS last, pg_notify(${CHANGES_CHANNEL},
      concat_ws(':', provider, timing_partner_id, event_id, feed_position))`.execute(trx)
  const last = Number(counter.rows[0]?.last)
  const first = last - changes.length + 1
  await sql`
    INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields,
      source_updated_at, seen_at, run_id)
    SELECT ${event.provider}, ${event.partnerId}, ${event.eventId}, ${first} + i.n - 1, i.key, i.change,
      i.fields::jsonb, i.source_updated_at, startlist.clock(), ${runId}
    FROM unnest(
      ${changes.map((change) => change.key)}::text[],
      ${changes.map((change) => change.change)}::text[],
      ${changes.map((change) => JSON.stringify(change.fields))}::text[],
      ${changes.map((change) => stampToIso(change.sourceUpdatedAt))}::timestamptz[]
    ) WITH ORDINALITY AS i (key, change, fields, source_updated_at, n)`.execute(trx)
}

/** What runs did, by person: somebody added and completed by a detail was added, and edited twice was changed once. */
export async function tallyRuns(
  db: Db,
  runIds: readonly number[],
): Promise<{ inserted: number; updated: number; removed: number }> {
  const result = await sql<{ inserted: number; updated: number; removed: number }>`
    WITH people AS (
      SELECT bool_or(change = 'added') AS added, bool_or(change = 'removed') AS removed
      FROM participant_changes
      WHERE run_id = ANY (${runIds}::bigint[]) AND NOT (change = 'adopted' AND fields = '{}') GROUP BY participant_id
    )
    SELECT count(*) FILTER (WHERE added)::int AS inserted,
      count(*) FILTER (WHERE removed AND NOT added)::int AS removed,
      count(*) FILTER (WHERE NOT added AND NOT removed)::int AS updated
    FROM people`.execute(db)
  return result.rows[0] ?? { inserted: 0, updated: 0, removed: 0 }
}
