import { sql } from 'kysely'
import type { KnownFacts } from '../domain/known-facts.ts'
import type { Db } from './database.ts'
import type { ParticipantTable } from './participants/table.ts'

/** Counts over what is stored of one timing partner's events of an account: no call, and no value of a registration leaves the database. */
export async function readKnownFacts(
  db: Db,
  shape: ParticipantTable,
  { provider, accountId, partnerId }: { provider: string; accountId: number; partnerId: number },
): Promise<KnownFacts> {
  const { rows } = await sql<KnownFacts>`
    WITH lists AS (
      SELECT DISTINCT list_id FROM startlist.list_events
      WHERE account_id = ${accountId} AND timing_partner_id = ${partnerId}
    ), people AS (
      SELECT ${sql.ref(shape.key)}::text AS key, ${sql.ref(shape.list)}::text AS list, registration_status AS status,
        removed_at, successor
      FROM ${sql.table(shape.table)}
      WHERE timing_partner_id = ${partnerId} AND ${sql.ref(shape.list)}::text IN (SELECT list_id FROM lists)
    ), feed AS (
      SELECT participant_id, event_id, fields FROM participant_changes
      WHERE provider = ${provider} AND timing_partner_id = ${partnerId} AND change <> 'added'
        AND event_id IN (SELECT list_id FROM lists)
    )
    SELECT (SELECT count(*) FROM people WHERE removed_at IS NULL)::int AS registrations,
      (SELECT count(DISTINCT list) FROM people WHERE removed_at IS NULL)::int AS events,
      (SELECT count(*) FROM (SELECT FROM people GROUP BY key HAVING count(DISTINCT list) > 1) AS twice)::int AS shared,
      (SELECT count(*) FROM people WHERE removed_at IS NULL AND status IN ('cancelled', 'deferred', 'transferred'))::int
        AS "cancelledListed",
      (SELECT count(*) FROM people WHERE removed_at IS NOT NULL)::int AS removed,
      (SELECT count(DISTINCT (event_id, participant_id)) FROM feed
        WHERE fields ?& ARRAY['last_name', 'first_name', 'email'] AND fields->'last_name'->>0 IS NOT NULL
          AND fields->'email'->>0 IS NOT NULL AND fields->'last_name'->>1 IS NOT NULL)::int AS "changedPerson",
      (SELECT count(*) FROM people WHERE successor IS NOT NULL)::int AS successors,
      coalesce((SELECT sum(sampled) FROM audits WHERE account_id = ${accountId}), 0)::int AS audited,
      coalesce((SELECT sum(blind) FROM audits WHERE account_id = ${accountId}), 0)::int AS blind`.execute(db)
  return rows[0]!
}
