import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** An event's plan, as it stands. Instants in ms since the epoch. */
export interface StoredPlan {
  due: number | null
  /** ms */
  every: number | null
  /** Infinity without a date */
  start: number
  sweepDue: number | null
}

/** Null when nothing is planned for the event. */
export async function readPlan(db: Db, accountId: number, eventId: string): Promise<StoredPlan | null> {
  const result = await sql<Omit<StoredPlan, 'start'> & { start: number | null }>`
    SELECT (extract(epoch FROM due_at) * 1000)::float8 AS due, every_ms::float8 AS every,
      CASE WHEN isfinite(urgent_at) THEN (extract(epoch FROM urgent_at) * 1000)::float8 END AS start,
      (extract(epoch FROM sweep_due_at) * 1000)::float8 AS "sweepDue"
    FROM sync_state WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(db)
  const row = result.rows[0]
  return row === undefined ? null : { ...row, start: row.start ?? Number.POSITIVE_INFINITY }
}
