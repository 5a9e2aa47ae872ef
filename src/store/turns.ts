import { sql } from 'kysely'
import type { Db, Trx } from './database.ts'

/**
 * Who is to have a turn, and who has one (N2). pg-boss writes the tables of its schema; they are only read here, for
 * what it has no question for. Instants are ms since the epoch.
 */

/** The schema that pg-boss keeps its jobs in. */
export const JOBS_SCHEMA = 'startlist_jobs'

/** What the connections call themselves with which a `run` takes its turns. */
export const TURNS_APPLICATION = 'startlist turns'

/** First key of the advisory lock under which an account's next turn is settled; the second is the account id. */
const TURN_LOCK = 7403

/** One writer at a time decides about an account's next turn; until the transaction ends. */
export async function lockTurn(trx: Trx, accountId: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${TURN_LOCK}::int, ${accountId}::int)`.execute(trx)
}

/** Makes this transaction see the time of pg-boss' test clock, as pg-boss' own connections do (T1). */
export async function followTestClock(trx: Trx, setting: string): Promise<void> {
  await sql`SELECT set_config(${setting}, 'on', true)`.execute(trx)
}

/** A turn that is not over. */
export interface PendingTurn {
  accountId: number
  /** `waiting` for its instant or a free hand, or `active`. */
  state: 'waiting' | 'active'
  startAt: number
}

/** The turns of a queue that are not over, earliest first; of one account where given. */
export async function pendingTurns(db: Db | Trx, queue: string, accountId?: number): Promise<PendingTurn[]> {
  const { rows } = await sql<PendingTurn>`
    SELECT singleton_key::int AS "accountId", CASE WHEN state = 'active' THEN 'active' ELSE 'waiting' END AS state,
      (extract(epoch FROM start_after) * 1000)::float8 AS "startAt"
    FROM ${sql.table(`${JOBS_SCHEMA}.job`)}
    WHERE name = ${queue} AND state <= 'active'
      AND (${accountId ?? null}::int IS NULL OR singleton_key = ${accountId ?? null}::int::text)
    ORDER BY start_after`.execute(db)
  return rows
}

/** An account that can make calls. */
export interface WorkingAccount {
  accountId: number
  /** When its last turn said that it wants the next; null when it never said. */
  nextTurnAt: number | null
  /** A plan is stale, or a person asks for a pass or a discovery. */
  isDue: boolean
}

/** Accounts with a secret that may be asked with; of one timing partner where given. */
export async function workingAccounts(db: Db | Trx, partnerId?: number): Promise<WorkingAccount[]> {
  const { rows } = await sql<WorkingAccount>`
    SELECT a.account_id AS "accountId", (extract(epoch FROM a.next_turn_at) * 1000)::float8 AS "nextTurnAt",
      coalesce(a.discovery_asked_at > coalesce(a.discovery_tried_at, '-infinity'), false) OR EXISTS (
        SELECT FROM sync_state s WHERE s.account_id = a.account_id
          AND (s.replan_at <= startlist.clock() OR s.asked_at IS NOT NULL)) AS "isDue"
    FROM accounts a
    WHERE EXISTS (SELECT FROM partner_provider_credentials c
      WHERE c.account_id = a.account_id AND c.state IN ('Ready', 'Untested') AND c.secret IS NOT NULL
        AND (${partnerId ?? null}::int IS NULL OR c.timing_partner_id = ${partnerId ?? null}))
    ORDER BY a.account_id`.execute(db)
  return rows
}
