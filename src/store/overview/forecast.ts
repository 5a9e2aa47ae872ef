import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** What a forecast needs to know of an account's lists. Instants in ms since the epoch. */
export interface ListFacts {
  eventId: string
  /** when the last finished pass began; null before the first */
  beganAt: number | null
  sweptAt: number | null
  /** a sweep has finished (W8) */
  complete: boolean
  /** registrations that are there, of the holder who has most */
  size: number
  /** details owed (F2) */
  owed: number
  /** details that were read longer than a day ago, and longer than a week ago (F4) */
  overDay: number
  overWeek: number
  /** registrations that changed in an hour, by the feed of the last days */
  changesPerHour: number
}

/** Changes of so many hours make the rate: race week has quiet nights and busy evenings. */
const RATE_HOURS = 72

/** Counts the rows of lists; asked by a person now and then, and only for lists that are not over. */
export async function listFacts(db: Db, accountId: number, listIds: readonly string[]): Promise<ListFacts[]> {
  const result = await sql<ListFacts>`
    WITH present AS MATERIALIZED (SELECT startlist.clock() AS now),
    rows AS (
      SELECT p.list_id, p.timing_partner_id, count(*) AS size,
        count(*) FILTER (WHERE p.detail_of IS DISTINCT FROM p.list_fingerprint) AS owed,
        count(*) FILTER (WHERE p.detail_read_at < now - interval '1 day') AS over_day,
        count(*) FILTER (WHERE p.detail_read_at < now - interval '7 days') AS over_week
      FROM present, partner_sync h
      JOIN startlist.list_participants p
        ON p.provider = h.provider AND p.timing_partner_id = h.timing_partner_id AND p.list_id = h.event_id
      WHERE h.account_id = ${accountId} AND h.event_id = ANY (${listIds}::text[]) AND h.state = 'current'
        AND p.removed_at IS NULL AND p.list_fingerprint IS NOT NULL
      GROUP BY 1, 2),
    largest AS (
      SELECT list_id, max(size)::int AS size, max(owed)::int AS owed, max(over_day)::int AS over_day,
        max(over_week)::int AS over_week FROM rows GROUP BY 1),
    changes AS (
      -- Who was there before us is new to us, and no change: it bears an older stamp.
      SELECT c.event_id, c.timing_partner_id, count(DISTINCT c.participant_id) AS n
      FROM present, partner_sync h
      JOIN participant_changes c USING (provider, timing_partner_id, event_id)
      WHERE h.account_id = ${accountId} AND h.event_id = ANY (${listIds}::text[])
        AND c.seen_at > now - ${RATE_HOURS}::int * interval '1 hour'
        AND (c.change <> 'added' OR c.source_updated_at > now - ${RATE_HOURS}::int * interval '1 hour')
      GROUP BY 1, 2),
    rates AS (SELECT event_id, max(n)::float8 / ${RATE_HOURS} AS per_hour FROM changes GROUP BY 1)
    SELECT s.event_id AS "eventId", (extract(epoch FROM s.began_at) * 1000)::float8 AS "beganAt",
      (extract(epoch FROM s.swept_at) * 1000)::float8 AS "sweptAt", s.complete_at IS NOT NULL AS complete,
      coalesce(l.size, 0) AS size, coalesce(l.owed, 0) AS owed, coalesce(l.over_day, 0) AS "overDay",
      coalesce(l.over_week, 0) AS "overWeek", coalesce(r.per_hour, 0) AS "changesPerHour"
    FROM sync_state s
    LEFT JOIN largest l ON l.list_id = s.event_id
    LEFT JOIN rates r ON r.event_id = s.event_id
    WHERE s.account_id = ${accountId} AND s.event_id = ANY (${listIds}::text[])`.execute(db)
  return result.rows
}
