import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** The provider's last word on an account's hour, and what the ledger had counted then. */
export interface ToldHour {
  /** calls that its headers claimed were used; null when they never said */
  told: number | null
  /** calls of the ledger that were in the window at that instant (L2) */
  counted: number
  /** the ledger lacks calls, since the database was restored (L5) */
  restored: boolean
}

export async function readTold(db: Db, accountId: number): Promise<ToldHour> {
  const { rows } = await sql<ToldHour>`
    SELECT a.told_used AS told,
      (a.pause_reason = 'restored' AND a.paused_until > a.told_at) IS TRUE AS restored,
      (SELECT count(*) FROM api_calls c WHERE c.account_id = a.account_id AND c.acquired_at <= a.told_at
        AND c.acquired_at > a.told_at - interval '3 hours'
        AND greatest(c.acquired_at, coalesce(c.ended_at, c.acquired_at + c.timeout_ms * interval '1 ms'))
          + interval '60 minutes' >= a.told_at)::int AS counted
    FROM accounts a WHERE a.account_id = ${accountId}`.execute(db)
  return rows[0] ?? { told: null, counted: 0, restored: false }
}

/** Keeps by how many calls the provider's count exceeded the ledger; null when it does not say. */
export async function saveExcess(db: Db, accountId: number, excess: number | null): Promise<void> {
  await sql`UPDATE accounts SET told_excess = ${excess} WHERE account_id = ${accountId}`.execute(db)
}

/** Accounts whose provider counted more calls than the ledger knows, at their last audit. */
export async function ledgerExcesses(db: Db): Promise<{ accountId: number; excess: number }[]> {
  const { rows } = await sql<{ accountId: number; excess: number }>`
    SELECT account_id AS "accountId", told_excess AS excess FROM accounts WHERE told_excess > 0
    ORDER BY account_id`.execute(db)
  return rows
}
