import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** When an account's events were audited. Instants in ms since the epoch. */

const instant = (ms: number) => sql`to_timestamp(${ms}::float8 / 1000)`

/** The complete, still polled event whose last audit is longest ago, where that was before an instant; null for none. */
export async function nextToAudit(db: Db, accountId: number, before: number): Promise<string | null> {
  const { rows } = await sql<{ eventId: string }>`
    SELECT event_id AS "eventId" FROM sync_state
    WHERE account_id = ${accountId} AND due_at IS NOT NULL AND complete_at IS NOT NULL
      AND (audited_at IS NULL OR audited_at < ${instant(before)})
    ORDER BY audited_at NULLS FIRST LIMIT 1`.execute(db)
  return rows[0]?.eventId ?? null
}

/** Calls that an account's audits have taken since an instant. */
export async function auditCalls(db: Db, accountId: number, since: number): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    SELECT coalesce(sum(calls), 0)::int AS calls FROM audits
    WHERE account_id = ${accountId} AND audited_at >= ${instant(since)}`.execute(db)
  return rows[0]?.calls ?? 0
}

/** An event's audit is over, whatever came of it. */
export async function markAudited(db: Db, accountId: number, eventId: string): Promise<void> {
  await sql`UPDATE sync_state SET audited_at = startlist.clock()
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(db)
}
