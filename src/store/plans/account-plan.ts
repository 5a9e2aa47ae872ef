import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** What an account's turns leave behind. Instants in ms since the epoch. */

/** What is known of an account's discoveries. */
export interface DiscoveryMarks {
  at: number | null
  triedAt: number | null
  askedAt: number | null
  /** of the timing partners that receive the account's events */
  zones: (string | null)[]
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

export async function readDiscoveryMarks(db: Db, accountId: number): Promise<DiscoveryMarks> {
  const result = await sql<DiscoveryMarks>`
    SELECT ${ms('discovered_at')} AS at, ${ms('discovery_tried_at')} AS "triedAt",
      ${ms('discovery_asked_at')} AS "askedAt",
      coalesce((SELECT array_agg(DISTINCT coalesce(t.timezone, c.timezone))
        FROM partner_provider_credentials c JOIN timing_partners t USING (timing_partner_id)
        WHERE c.account_id = a.account_id AND c.state IN ('Ready', 'Untested')), '{}') AS zones
    FROM accounts a WHERE account_id = ${accountId}`.execute(db)
  return result.rows[0] ?? { at: null, triedAt: null, askedAt: null, zones: [] }
}

/** A discovery is tried now. */
export async function markDiscoveryTried(db: Db, accountId: number): Promise<void> {
  await sql`UPDATE accounts SET discovery_tried_at = startlist.clock() WHERE account_id = ${accountId}`.execute(
    db,
  )
}

/** Events are to be looked for as soon as there is a call for it. */
export async function askDiscovery(db: Db, accountId: number): Promise<void> {
  await sql`
    WITH asked AS (UPDATE accounts SET discovery_asked_at = startlist.clock() WHERE account_id = ${accountId})
    SELECT pg_notify('startlist_wake', ${String(accountId)})`.execute(db)
}

/** A turn ended: when it was, and when the next is due (null for none). For reconcilers and for status. */
export async function markTurn(db: Db, accountId: number, next: number | null): Promise<void> {
  await sql`UPDATE accounts SET last_turn_at = startlist.clock(),
      next_turn_at = to_timestamp(${next}::float8 / 1000)
    WHERE account_id = ${accountId}`.execute(db)
}

/** Another outage in a row; returns how many there are by now (N4). */
export async function countOutage(db: Db, accountId: number): Promise<number> {
  const result = await sql<{ outages: number }>`
    UPDATE accounts SET outages = outages + 1 WHERE account_id = ${accountId} RETURNING outages`.execute(db)
  return result.rows[0]?.outages ?? 1
}

/**
 * The provider answers again (N4): outages are counted from none, a pause because of one is over, and events that were
 * put off by it are looked at when their cadence says.
 */
export async function endOutage(db: Db, accountId: number): Promise<void> {
  await sql`
    WITH ended AS (
      UPDATE accounts SET outages = 0,
        paused_until = CASE WHEN pause_reason = 'outage' THEN NULL ELSE paused_until END
      WHERE account_id = ${accountId} AND outages > 0 RETURNING account_id)
    UPDATE sync_state s SET retry_at = NULL, replan_at = '-infinity' FROM ended
    WHERE s.account_id = ended.account_id AND s.retry_at > startlist.clock()`.execute(db)
}

/**
 * Pauses the other accounts of the account's provider, where at least `leastAccounts` are in an outage and they are
 * most of those that have made a call within ten minutes (N4). Accounts that are paused already keep their own probes.
 */
export async function pauseProvider(
  db: Db,
  accountId: number,
  { forMs, leastAccounts }: { forMs: number; leastAccounts: number },
): Promise<void> {
  await sql`
    WITH peers AS (
      SELECT a.account_id, a.outages > 1 AS is_out FROM accounts a
      JOIN accounts mine ON mine.account_id = ${accountId} AND mine.provider = a.provider
      WHERE EXISTS (SELECT FROM api_calls c WHERE c.account_id = a.account_id
        AND c.acquired_at > startlist.clock() - interval '10 minutes'))
    UPDATE accounts a SET pause_reason = 'outage',
      paused_until = startlist.clock() + ${forMs}::float8 * interval '1 ms'
    FROM peers p
    WHERE p.account_id = a.account_id AND NOT p.is_out
      AND (a.paused_until IS NULL OR a.paused_until < startlist.clock())
      AND (SELECT count(*) FILTER (WHERE is_out) >= ${leastAccounts}
        AND count(*) FILTER (WHERE is_out) * 2 > count(*) FROM peers)`.execute(db)
}

/** Is an event of the account to be raced soon, or being raced now? */
export async function hasRaceWithin(db: Db, accountId: number, withinMs: number): Promise<boolean> {
  const result = await sql<{ soon: boolean }>`
    SELECT EXISTS (SELECT FROM sync_state WHERE account_id = ${accountId} AND due_at IS NOT NULL
      AND urgent_at < startlist.clock() + ${withinMs}::float8 * interval '1 ms'
      AND urgent_at > startlist.clock() - interval '1 day') AS soon`.execute(db)
  return result.rows[0]?.soon ?? false
}
