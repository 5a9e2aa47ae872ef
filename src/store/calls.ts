import { sql } from 'kysely'
import type { Db, Trx } from './database.ts'

/**
 * The ledger's rows: one per HTTP attempt. All instants are `startlist.clock()`'s; the numbers that leave this file
 * are milliseconds since the epoch. Rule numbers are those of docs/engine.md.
 */

/** First key of the advisory lock under which an account's calls are counted; the second is the account id. */
const CALLS_LOCK = 7401

/** A call that is about to be made. */
export interface NewCall {
  accountId: number
  class: string
  purpose: string
  eventId: string | null
  runId: string | null
  timeoutMs: number
}

/** How a call ended. */
export interface CallEnd {
  /** HTTP status; null when none came */
  status: number | null
  errorCode: string | null
  /** The pause in ms that the answer asks for, given the throttles in a row before it; null for none. */
  pauseMs: ((earlierThrottles: number) => number) | null
  throttled: boolean
  succeeded: boolean
  /** an hourly limit that the answer claims; kept when it is the lowest so far (L4) */
  limit: number | null
  /** calls of the hour that the provider says it has counted; null where it does not say */
  used: number | null
}

/** An account's rolling hour. */
export interface CallWindow {
  now: number
  /** calls still in the window */
  count: number
  /** of these, calls of class upkeep */
  upkeep: number
  /** when each leaves the window, ascending; empty where it was not asked for */
  leaves: readonly number[]
  lastAcquired: number | null
  /** number of the account's last call, which grows from call to call, those of other accounts included; 0 where there was none lately */
  lastCall: number
  pause: { until: number; reason: string } | null
  observedLimit: number | null
}

/**
 * A call leaves the window 60 minutes after it ended; one that never told its end is taken to have lasted for its
 * whole timeout (L2).
 */
const LEAVES = sql`(greatest(acquired_at, coalesce(ended_at, acquired_at + timeout_ms * interval '1 ms'))
  + interval '60 minutes')`

/** No call lasts two hours, so none acquired before this can be in the window: it bounds the index scan. */
const LOOK_BACK = sql`interval '3 hours'`

const ms = (instant: ReturnType<typeof sql>) => sql`(extract(epoch FROM ${instant}) * 1000)`

/**
 * Acquires a call (L1): locks the account's ledger, and only then, in statements with snapshots of their own, counts
 * and inserts. Counting in the statement that takes the lock would count before it holds it.
 *
 * @param decide pure; sees the window without `leaves`, and when it refuses is asked once more with them
 * @returns the decision, the new row's id on "go", and the database's instant (ms)
 */
export async function acquireCall<D extends { go: boolean }>(
  db: Db,
  call: NewCall,
  decide: (window: CallWindow) => D,
): Promise<{ decision: D; callId: string | null; now: number }> {
  // A fresh snapshot per statement is what read committed means; a database may have another default.
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      await sql`SELECT pg_advisory_xact_lock(${CALLS_LOCK}::int, ${call.accountId}::int)`.execute(trx)
      const window = await readWindow(trx, call.accountId)
      const first = decide(window)
      if (!first.go) {
        const leaves = await readLeaves(trx, call.accountId)
        return { decision: decide({ ...window, leaves }), callId: null, now: window.now }
      }
      return { decision: first, callId: await insertCall(trx, call), now: window.now }
    })
}

async function insertCall(trx: Trx, call: NewCall): Promise<string> {
  const result = await sql<{ id: string }>`
    INSERT INTO api_calls (account_id, acquired_at, timeout_ms, class, purpose, event_id, run_id)
    VALUES (${call.accountId}, startlist.clock(), ${Math.ceil(call.timeoutMs)}, ${call.class}, ${call.purpose},
      ${call.eventId}, ${call.runId}::bigint)
    RETURNING call_id::text AS id`.execute(trx)
  return result.rows[0]!.id
}

/** The account's rolling hour as it stands now, without `leaves`. */
export async function readWindow(db: Db | Trx, accountId: number): Promise<CallWindow> {
  const { rows } = await sql<{
    now: number
    count: number
    upkeep: number
    last: number | null
    lastCall: number
    until: number | null
    reason: string | null
    observed: number | null
  }>`
    WITH present AS MATERIALIZED (SELECT startlist.clock() AS now)
    SELECT floor(${ms(sql`now`)})::float8 AS now, counted.count, counted.upkeep,
      floor(${ms(sql`counted.last`)})::float8 AS last, coalesce(counted.number, 0)::float8 AS "lastCall",
      CASE WHEN paused_until > now THEN ceil(${ms(sql`paused_until`)})::float8 END AS until,
      pause_reason AS reason, observed_limit AS observed
    FROM present CROSS JOIN accounts CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE ${LEAVES} >= now)::int AS count,
        count(*) FILTER (WHERE ${LEAVES} >= now AND class = 'upkeep')::int AS upkeep, max(acquired_at) AS last,
        max(call_id) AS number
      FROM api_calls
      WHERE api_calls.account_id = accounts.account_id AND acquired_at > now - ${LOOK_BACK}
    ) AS counted
    WHERE accounts.account_id = ${accountId}`.execute(db)
  const row = rows[0]
  if (!row) throw new Error(`no account ${accountId}`)
  return {
    now: row.now,
    count: row.count,
    upkeep: row.upkeep,
    leaves: [],
    lastAcquired: row.last,
    lastCall: row.lastCall,
    pause: row.until === null ? null : { until: row.until, reason: row.reason ?? 'throttle' },
    observedLimit: row.observed,
  }
}

/** When each call of the account leaves the window, ascending, ms. */
export async function readLeaves(db: Db | Trx, accountId: number): Promise<number[]> {
  const { rows } = await sql<{ at: number }>`
    WITH present AS MATERIALIZED (SELECT startlist.clock() AS now)
    SELECT ceil(${ms(LEAVES)})::float8 AS at
    FROM present CROSS JOIN api_calls
    WHERE account_id = ${accountId} AND acquired_at > now - ${LOOK_BACK} AND ${LEAVES} >= now
    ORDER BY 1`.execute(db)
  return rows.map((row) => row.at)
}

/** Calls of the account that count against its quota now. */
export async function callsThisHour(db: Db | Trx, accountId: number): Promise<number> {
  return (await readWindow(db, accountId)).count
}

/** Writes how a call ended, and what its answer means for the account: a pause, a lower limit, or the all-clear (L4). */
export async function endCall(db: Db, callId: string, end: CallEnd): Promise<void> {
  if (end.pauseMs === null && !end.throttled) return writeEnd(db, callId, end)
  await db.transaction().execute(async (trx) => {
    await writeEnd(trx, callId, end)
    const { rows } = await sql<{ account: number; throttles: number }>`
      SELECT account_id AS account, throttles FROM accounts
      WHERE account_id = (SELECT account_id FROM api_calls WHERE call_id = ${callId}::bigint)
      FOR NO KEY UPDATE`.execute(trx)
    const row = rows[0]
    if (row) await pause(trx, row.account, end, row.throttles)
  })
}

async function writeEnd(db: Db | Trx, callId: string, end: CallEnd): Promise<void> {
  await sql`
    WITH ended AS (
      UPDATE api_calls SET ended_at = startlist.clock(), status = ${end.status}::int, error_code = ${end.errorCode},
        ms = least((extract(epoch FROM startlist.clock() - acquired_at) * 1000)::bigint, 2147483647)::int
      WHERE call_id = ${callId}::bigint AND ended_at IS NULL
      RETURNING account_id
    )
    UPDATE accounts SET throttles = CASE WHEN ${end.succeeded} THEN 0 ELSE throttles END,
      observed_limit = least(observed_limit, ${end.limit}::int), told_used = coalesce(${end.used}::int, told_used),
      told_at = CASE WHEN ${end.used}::int IS NULL THEN told_at ELSE startlist.clock() END
    FROM ended
    WHERE accounts.account_id = ended.account_id
      AND ((${end.succeeded} AND throttles > 0) OR ${end.used}::int IS NOT NULL
        OR ${end.limit}::int < coalesce(observed_limit, 2147483647))`.execute(db)
}

async function pause(trx: Trx, accountId: number, end: CallEnd, earlier: number): Promise<void> {
  const pauseMs = end.pauseMs?.(earlier) ?? 0
  await sql`
    UPDATE accounts SET throttles = throttles + ${end.throttled ? 1 : 0},
      pause_reason = CASE WHEN paused_until > until THEN pause_reason ELSE 'throttle' END,
      paused_until = greatest(paused_until, until)
    FROM (SELECT startlist.clock() + ${pauseMs}::float8 * interval '1 ms' AS until) AS asked
    WHERE account_id = ${accountId}`.execute(trx)
}

/** What the ledger asks of the store, bound to a database. */
export function callBook(db: Db) {
  return {
    acquire: <D extends { go: boolean }>(call: NewCall, decide: (window: CallWindow) => D) =>
      acquireCall(db, call, decide),
    end: (callId: string, end: CallEnd) => endCall(db, callId, end),
  }
}

const PURGE_BATCH = 1_000

/**
 * Deletes one batch of calls older than 25 hours, oldest first (D5): a day for the statistics, an hour for the
 * window. Looks at no more rows than a batch. Returns how many went; call again while it is not 0.
 */
export async function purgeCalls(db: Db, batch = PURGE_BATCH): Promise<number> {
  const result = await sql`
    DELETE FROM api_calls WHERE call_id IN (
      SELECT call_id FROM (SELECT call_id, acquired_at FROM api_calls ORDER BY call_id LIMIT ${batch}) AS oldest
      WHERE acquired_at < startlist.clock() - interval '25 hours')`.execute(db)
  return Number(result.numAffectedRows ?? 0n)
}
