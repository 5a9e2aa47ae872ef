import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** Calls of an account in one hour of the clock, by what they were spent for. */
export interface SpentHour {
  /** ms since the epoch */
  from: number
  person: number
  poll: number
  upkeep: number
  backfill: number
}

/** An account's calls of the last hours, hour by hour, those without a call left out. The ledger keeps a day of them. */
export async function spentByHour(db: Db | Trx, accountId: number): Promise<SpentHour[]> {
  const result = await sql<SpentHour>`
    SELECT (extract(epoch FROM date_trunc('hour', acquired_at)) * 1000)::float8 AS from,
      count(*) FILTER (WHERE class = 'person')::int AS person, count(*) FILTER (WHERE class = 'poll')::int AS poll,
      count(*) FILTER (WHERE class = 'upkeep')::int AS upkeep,
      count(*) FILTER (WHERE class = 'backfill')::int AS backfill
    FROM api_calls WHERE account_id = ${accountId} AND acquired_at > startlist.clock() - interval '24 hours'
    GROUP BY 1 ORDER BY 1`.execute(db)
  return result.rows
}

/** When the list of an event was asked for. */
export interface ListCalls {
  accountId: number
  listId: string
  /** ms since the epoch, ascending */
  at: number[]
}

/** List calls that brought an answer, since an instant (ms). @param since also tells how far the ledger has to be read */
export async function listCallsSince(
  db: Db | Trx,
  lists: readonly { accountId: number; listId: string }[],
  since: number,
): Promise<ListCalls[]> {
  const result = await sql<ListCalls>`
    SELECT c.account_id AS "accountId", c.event_id AS "listId",
      array_agg((extract(epoch FROM c.acquired_at) * 1000)::float8 ORDER BY c.acquired_at) AS at
    FROM api_calls c
    JOIN (SELECT DISTINCT * FROM unnest(${lists.map((l) => l.accountId)}::int[], ${lists.map((l) => l.listId)}::text[]))
      AS k (account_id, event_id) ON k.account_id = c.account_id AND k.event_id = c.event_id
    WHERE c.acquired_at > ${new Date(since).toISOString()}::timestamptz AND c.purpose = 'list'
      AND c.status BETWEEN 200 AND 299
    GROUP BY 1, 2`.execute(db)
  return result.rows
}
