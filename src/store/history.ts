import { sql } from 'kysely'
import type { PartnerEvent } from './changes.ts'
import type { Db, Trx } from './database.ts'

/** What a run did for one timing partner and event so far. */
export interface RunCounts {
  calls: number
  seen: number
  inserted: number
  updated: number
  unchanged: number
  removed: number
  rejected: number
  /** Older versions that were not allowed to overwrite newer ones (W10). */
  refused: number
}

export const NO_COUNTS: RunCounts = {
  calls: 0,
  seen: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  removed: 0,
  rejected: 0,
  refused: 0,
}

/** One row of `sync_history` under way. */
export interface RunRow {
  event: PartnerEvent
  /** Null where no account has a part in it. */
  accountId: number | null
  kind:
    | 'poll'
    | 'sweep'
    | 'details'
    | 'discovery'
    | 'level'
    | 'remap'
    | 'hold'
    | 'undo'
    | 'bibs'
    | 'freeze-removed'
  /** What a person did, and who, where nothing else is left of it. */
  reason?: string
}

const providerId = (provider: string) =>
  sql`(SELECT provider_id FROM providers WHERE lower(name) = ${provider} ORDER BY provider_id LIMIT 1)`

/** Opens a history row; it says `partial` until the run is over, so a killed run tells the truth. */
export async function openRun(db: Db | Trx, run: RunRow): Promise<number> {
  const result = await sql<{ id: number }>`
    INSERT INTO sync_history (timing_partner_id, provider_id, event_id, operation_type, sync_time, status, account_id,
      reason, started_at, num_of_synced_records, entries_success, entries_failed)
    VALUES (${run.event.partnerId}, ${providerId(run.event.provider)}, ${run.event.eventId}, ${run.kind},
      startlist.clock() AT TIME ZONE 'UTC', 'partial', ${run.accountId},
      ${run.reason ?? null}, startlist.clock(), 0, 0, 0)
    RETURNING sync_history_id::float8 AS id`.execute(db)
  return result.rows[0]?.id ?? 0
}

/** Brings a history row up to date, in the transaction of the page that it counts (D1). */
export async function updateRun(
  db: Db | Trx,
  runId: number,
  counts: RunCounts,
  end?: {
    status: 'success' | 'failed' | 'partial'
    complete: boolean
    errorCode?: string
    errorDetails?: string
  },
): Promise<void> {
  await sql`
    UPDATE sync_history SET calls = ${counts.calls}, seen = ${counts.seen}, inserted = ${counts.inserted},
      updated = ${counts.updated}, unchanged = ${counts.unchanged}, removed = ${counts.removed},
      rejected = ${counts.rejected}, refused = ${counts.refused},
      num_of_synced_records = ${counts.seen}, entries_success = ${counts.seen - counts.rejected},
      entries_failed = ${counts.rejected},
      status = coalesce(${end?.status ?? null}, status),
      complete = coalesce(${end?.complete ?? null}::boolean, complete),
      error_code = ${end?.errorCode ?? null}, error_details = ${end?.errorDetails ?? null},
      ended_at = CASE WHEN ${end !== undefined} THEN startlist.clock() ELSE ended_at END,
      duration_seconds = CASE WHEN ${end !== undefined}
        THEN extract(epoch FROM startlist.clock() - started_at)::numeric(12, 3) ELSE duration_seconds END
    WHERE sync_history_id = ${runId}`.execute(db)
}

/**
 * Folds a failure that stored nothing into the row of the same failure before it, if that began in the same hour (D5).
 * @returns whether it was folded; if not, the caller opens a row
 */
export async function foldFailedPass(
  db: Db | Trx,
  event: PartnerEvent,
  code: string,
  { calls }: Pick<RunCounts, 'calls'>,
): Promise<boolean> {
  const result = await sql`
    UPDATE sync_history SET polls = polls + 1, calls = calls + ${calls},
      sync_time = startlist.clock() AT TIME ZONE 'UTC', ended_at = startlist.clock()
    WHERE sync_history_id = (
        SELECT sync_history_id FROM sync_history
        WHERE timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId}
        ORDER BY sync_history_id DESC LIMIT 1)
      AND status = 'failed' AND error_code = ${code} AND seen = 0
      AND date_trunc('hour', started_at) = date_trunc('hour', startlist.clock())`.execute(db)
  return (result.numAffectedRows ?? 0n) > 0n
}

/**
 * Folds a quiet poll into the row of the last one, if that was quiet too and began in the same hour: a race polled
 * every minute leaves 24 rows a day, not 1,440 (D5).
 * @returns whether it was folded; if not, the caller opens a row
 */
export async function foldQuietPoll(trx: Trx, event: PartnerEvent, counts: RunCounts): Promise<boolean> {
  const result = await sql`
    UPDATE sync_history SET polls = polls + 1, calls = calls + ${counts.calls}, seen = seen + ${counts.seen},
      unchanged = unchanged + ${counts.unchanged}, sync_time = startlist.clock() AT TIME ZONE 'UTC',
      ended_at = startlist.clock()
    WHERE sync_history_id = (
        SELECT sync_history_id FROM sync_history
        WHERE timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId}
        ORDER BY sync_history_id DESC LIMIT 1)
      AND operation_type = 'poll' AND status = 'success' AND inserted + updated + removed + rejected + refused = 0
      AND date_trunc('hour', started_at) = date_trunc('hour', startlist.clock())`.execute(trx)
  return (result.numAffectedRows ?? 0n) > 0n
}
