import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** Signs of programs beside startlist: what they wrote, and calls that only the provider counted. */

/** Rows of a legacy table that another program wrote lately. */
export interface ForeignWrites {
  table: string
  rows: number
  /** the newest, as it is written there: its zone is that program's own */
  newest: string
}

const FETCHED = [
  'haku_events',
  'haku_participants',
  'runsignup_races',
  'runsignup_events',
  'runsignup_participants',
]

/** Within a day, in whatever zone the program that wrote it lives. */
const isLately = (column: string) =>
  sql`${sql.ref(column)} BETWEEN (startlist.clock() AT TIME ZONE 'UTC') - interval '1 day'
    AND (startlist.clock() AT TIME ZONE 'UTC') + interval '1 day'`

/**
 * Whether a program beside startlist wrote the row last: startlist sets both instants at once, and the older system knows
 * one of them alone.
 */
export const isForeign = (row: string) => `coalesce(${row}.fetched_date NOT BETWEEN
  (${row}.fetched_at AT TIME ZONE 'UTC') - interval '0.1 s' AND (${row}.fetched_at AT TIME ZONE 'UTC') + interval '0.1 s', true)`

/**
 * Rows that were fetched within a day, by their own word, and not by startlist: it writes each of them with
 * `fetched_at`. The legacy tables are looked at, shadowed or not.
 */
export async function foreignWrites(db: Db): Promise<ForeignWrites[]> {
  const found = sql.join(
    [
      ...FETCHED.map(
        (
          table,
        ) => sql`SELECT ${table}::text AS "table", count(*)::int AS rows, max(fetched_date)::text AS newest
          FROM ${sql.id('public', table)} r
          WHERE ${isLately('fetched_date')} AND ${sql.raw(isForeign('r'))}`,
      ),
      sql`SELECT 'sync_history', count(*)::int, max(sync_time)::text FROM public.sync_history
        WHERE ${isLately('sync_time')} AND started_at IS NULL`,
    ],
    sql` UNION ALL `,
  )
  const { rows } = await sql<ForeignWrites>`SELECT * FROM (${found}) f WHERE rows > 0 ORDER BY 1`.execute(db)
  return rows
}

/** An account whose provider refused a call although the ledger had counted fewer than it allows. */
export interface EarlyThrottle {
  accountId: number
  provider: 'haku' | 'runsignup'
  /** calls in the window when the last such refusal came, that one included */
  counted: number
  at: string
  /** refusals of the last day that came at no more than `counted` */
  times: number
  externalUse: number
  observedLimit: number | null
  quotaLimit: number | null
  reserve: number | null
}

/** The refusal of each account's last day that came at the fewest calls. Whether that is early, the limit says. */
export async function throttledAt(db: Db): Promise<EarlyThrottle[]> {
  const { rows } = await sql<EarlyThrottle>`
    WITH refused AS (
      SELECT c.account_id, c.acquired_at, (SELECT count(*)::int FROM api_calls w
        WHERE w.account_id = c.account_id AND w.call_id <= c.call_id AND w.acquired_at > c.acquired_at - interval '3 hours'
          AND greatest(w.acquired_at, coalesce(w.ended_at, w.acquired_at + w.timeout_ms * interval '1 ms'))
            + interval '60 minutes' >= c.acquired_at) AS counted
      FROM api_calls c WHERE c.status = 429 AND c.acquired_at > startlist.clock() - interval '1 day'
    )
    SELECT DISTINCT ON (account_id) account_id AS "accountId", a.provider, r.counted, r.acquired_at AS at,
      (SELECT count(*)::int FROM refused o WHERE o.account_id = r.account_id) AS times,
      a.external_use::float8 AS "externalUse", a.observed_limit AS "observedLimit", a.quota_limit AS "quotaLimit", a.reserve
    FROM refused r JOIN accounts a USING (account_id) ORDER BY account_id, r.counted, r.acquired_at DESC`.execute(
    db,
  )
  return rows
}

/** Accounts that set nothing aside for programs beside startlist. */
export async function accountsWithoutShare(db: Db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT account_id AS id FROM accounts WHERE external_use = 0 ORDER BY 1`.execute(db)
  return rows.map(({ id }) => id)
}
