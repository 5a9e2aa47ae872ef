import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** What startlist did, operation by operation: a row of `sync_history` each. Instants in ms since the epoch. */
export interface RunLine {
  runId: number
  provider: string
  partnerId: number
  partner: string
  /** The event or race; null for a discovery. */
  listId: string | null
  name: string | null
  /** `poll`, `sweep`, `details`, `discovery`, `level`, `remap`, `hold`, `undo`, `bibs`, `freeze-removed`, or what an older system wrote. */
  kind: string
  status: string | null
  startedAt: number | null
  endedAt: number | null
  /** Quiet polls of an hour count in one row (D5). */
  polls: number
  calls: number
  seen: number
  inserted: number
  updated: number
  unchanged: number
  removed: number
  rejected: number
  complete: boolean | null
  errorCode: string | null
  holdId: number | null
  /** What a person did, and who, where nothing else is left of it. */
  note: string | null
}

/** A call that a run's event was asked for meanwhile; kept for a day. */
export interface RunCall {
  at: number
  purpose: string
  class: string
  status: number | null
  errorCode: string | null
  /** How long the answer took. */
  ms: number | null
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

/**
 * Runs, newest first.
 * @param only.changed those alone that changed something
 * @param only.failed those alone that did not end well
 */
export async function listRuns(
  db: Db | Trx,
  only: {
    runId?: number
    list?: { provider: string; partnerId: number; listId: string } | null
    changed?: boolean
    failed?: boolean
    before?: number | null
    limit: number
  },
): Promise<RunLine[]> {
  const { list } = only
  const result = await sql<RunLine>`
    SELECT h.sync_history_id::float8 AS "runId", lower(p.name) AS provider, h.timing_partner_id AS "partnerId",
      t.company_name AS partner, h.event_id AS "listId", l.name, coalesce(h.operation_type, 'sync') AS kind, h.status,
      ${ms('h.started_at')} AS "startedAt", ${ms('h.ended_at')} AS "endedAt", h.polls, h.calls, h.seen, h.inserted,
      h.updated, h.unchanged, h.removed, h.rejected, h.complete, h.error_code AS "errorCode",
      h.hold_id::float8 AS "holdId",
      -- What an older system wrote there is not ours to tell.
      CASE WHEN h.operation_type = 'freeze-removed' THEN h.reason END AS note
    FROM sync_history h
    JOIN providers p USING (provider_id)
    JOIN timing_partners t USING (timing_partner_id)
    LEFT JOIN startlist.lists l ON l.provider = lower(p.name) AND l.timing_partner_id = h.timing_partner_id
      AND l.list_id = h.event_id
    WHERE (${only.before ?? null}::bigint IS NULL OR h.sync_history_id < ${only.before ?? null})
      AND (${only.runId ?? null}::bigint IS NULL OR h.sync_history_id = ${only.runId ?? null})
      AND (${list?.listId ?? null}::text IS NULL OR (h.event_id = ${list?.listId ?? null}
        AND h.timing_partner_id = ${list?.partnerId ?? null} AND lower(p.name) = ${list?.provider ?? null}))
      AND (NOT ${only.changed ?? false} OR h.inserted + h.updated + h.removed > 0)
      AND (NOT ${only.failed ?? false} OR h.status = 'failed' OR h.error_code IS NOT NULL)
    ORDER BY h.sync_history_id DESC LIMIT ${only.limit}`.execute(db)
  return result.rows
}

/** Calls for a run's event between its begin and its end, oldest first. */
export async function callsOfRun(db: Db | Trx, runId: number, limit: number): Promise<RunCall[]> {
  const result = await sql<RunCall>`
    SELECT ${ms('c.acquired_at')} AS at, c.purpose, c.class, c.status, c.error_code AS "errorCode", c.ms
    FROM sync_history h JOIN api_calls c ON c.account_id = h.account_id AND c.event_id = h.event_id
      AND c.acquired_at BETWEEN h.started_at - interval '1 minute' AND coalesce(h.ended_at, startlist.clock())
    WHERE h.sync_history_id = ${runId} ORDER BY c.acquired_at, c.call_id LIMIT ${limit}`.execute(db)
  return result.rows
}
