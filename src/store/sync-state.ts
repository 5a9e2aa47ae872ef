import { sql } from 'kysely'
import { stampToIso } from '../domain/stamp.ts'
import type { Db, Trx } from './database.ts'

/** The database notifies here that a pass over a list ended, well or not: `account:list`. */
export const PASSES_CHANNEL = 'startlist_passes'

/** What the engine knows of one event of one account. Stamps in microseconds, instants in ms since the epoch. */
export interface SyncState<Pass = unknown> {
  lastPass: number
  finishedPass: number
  watermark: bigint | null
  finishedBegan: number | null
  head: [string, string][] | null
  /** The list moved while the last finished sweep read it, and its head was not read since (W1). */
  headOwed: boolean
  /** The checkpoint of that look; null before its first page. */
  look: Pass | null
  /** A sweep's checkpoint (W3); null between sweeps. */
  pass: Pass | null
  polledAt: number | null
  sweptAt: number | null
  completeAt: number | null
  listMissing: number
  failures: number
  /** Down to where the feed of removals was read (microseconds), and when (ms). */
  removalsUntil: bigint | null
  removalsReadAt: number | null
}

const ms = (column: string) => sql<number | null>`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

/** The state of an event, made empty at first sight. */
export async function readState<Pass>(
  db: Db | Trx,
  accountId: number,
  eventId: string,
): Promise<SyncState<Pass>> {
  await sql`INSERT INTO sync_state (account_id, event_id) VALUES (${accountId}, ${eventId})
    ON CONFLICT DO NOTHING`.execute(db)
  const result = await sql<{
    last_pass: number
    finished_pass: number
    watermark: string | null
    began: number | null
    head: [string, string][] | null
    head_owed: boolean
    look: Pass | null
    pass: Pass | null
    polled: number | null
    swept: number | null
    complete: number | null
    list_missing: number
    failures: number
    removals_until: string | null
    removals_read: number | null
  }>`
    SELECT last_pass::float8 AS last_pass, finished_pass::float8 AS finished_pass,
      (extract(epoch FROM watermark) * 1000000)::bigint::text AS watermark, ${ms('finished_began')} AS began, head, head_owed,
      head_pass AS look, pass,
      ${ms('polled_at')} AS polled, ${ms('swept_at')} AS swept, ${ms('complete_at')} AS complete, list_missing, failures,
      (extract(epoch FROM removals_until) * 1000000)::bigint::text AS removals_until,
      ${ms('removals_read_at')} AS removals_read
    FROM sync_state WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(db)
  const row = result.rows[0]
  if (!row) throw new Error('a row of sync_state vanished')
  return {
    lastPass: row.last_pass,
    finishedPass: row.finished_pass,
    watermark: row.watermark === null ? null : BigInt(row.watermark),
    finishedBegan: row.began,
    head: row.head,
    headOwed: row.head_owed,
    look: row.look,
    pass: row.pass,
    polledAt: row.polled,
    sweptAt: row.swept,
    completeAt: row.complete,
    listMissing: row.list_missing,
    failures: row.failures,
    removalsUntil: row.removals_until === null ? null : BigInt(row.removals_until),
    removalsReadAt: row.removals_read,
  }
}

/** Numbers a new pass of an event. A number is never used twice, so an unfinished pass stays recognisable (W4). */
export async function beginPass(db: Db | Trx, accountId: number, eventId: string): Promise<number> {
  const result = await sql<{ pass: number }>`
    UPDATE sync_state SET last_pass = last_pass + 1
    WHERE account_id = ${accountId} AND event_id = ${eventId} RETURNING last_pass::float8 AS pass`.execute(db)
  return result.rows[0]?.pass ?? 1
}

/** Stores a sweep's checkpoint, in the transaction of the page that it follows (D1). */
export async function saveCheckpoint(
  trx: Trx,
  accountId: number,
  eventId: string,
  pass: unknown,
): Promise<void> {
  await sql`UPDATE sync_state SET pass = ${pass === null ? null : JSON.stringify(pass)}::jsonb
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(trx)
}

/** Stores how far a look at a list's head has come, in the transaction of the page that it follows (W1). */
export async function saveLook(trx: Trx, accountId: number, eventId: string, pass: unknown): Promise<void> {
  await sql`UPDATE sync_state SET head_owed = true, head_pass = ${JSON.stringify(pass)}::jsonb
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(trx)
}

/** The marks that a first sweep's first page leaves, in its transaction: from here on the list can be polled (W8). */
export async function beginMarks(
  trx: Trx,
  accountId: number,
  eventId: string,
  marks: Pick<SyncState, 'watermark' | 'head'> & { began: number },
): Promise<void> {
  await sql`
    UPDATE sync_state SET watermark = ${stampToIso(marks.watermark)}::timestamptz, head = ${JSON.stringify(marks.head)}::jsonb,
      finished_began = to_timestamp(${marks.began} / 1000.0::float8)
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(trx)
}

/** A pass is finished: its marks move, once, together with its last page (W7). */
export async function finishPass(
  trx: Trx,
  accountId: number,
  eventId: string,
  done: {
    pass: number
    kind: 'poll' | 'sweep'
    watermark: bigint | null
    began: number
    head: [string, string][] | null
    complete: boolean
    /** the list moved while it was read (W1) */
    moved: boolean
    /** when the pass was first tried, ms since the epoch: the age of the list counts from here (P1) */
    startedAt: number
    /** distinct rows of the list */
    listed: number
  },
): Promise<void> {
  const swept = done.kind === 'sweep'
  await sql`
    UPDATE sync_state SET finished_pass = greatest(finished_pass, ${done.pass}), watermark = ${stampToIso(done.watermark)}::timestamptz,
      finished_began = to_timestamp(${done.began} / 1000.0::float8), head = ${JSON.stringify(done.head)}::jsonb,
      head_owed = ${done.moved}, head_pass = NULL, pass = CASE WHEN ${swept} THEN NULL ELSE pass END,
      polled_at = startlist.clock(), swept_at = CASE WHEN ${swept} THEN startlist.clock() ELSE swept_at END,
      complete_at = CASE WHEN ${swept && done.complete} THEN startlist.clock() ELSE complete_at END,
      began_at = greatest(began_at, to_timestamp(${done.startedAt} / 1000.0::float8)),
      listed = CASE WHEN ${swept} THEN ${done.listed}::int ELSE listed END,
      list_missing = 0, failures = 0, last_error = NULL, last_error_at = NULL, retry_at = NULL, asked_at = NULL,
      replan_at = '-infinity'
    WHERE account_id = ${accountId} AND event_id = ${eventId}
    RETURNING pg_notify(${PASSES_CHANNEL}, concat_ws(':', account_id, event_id))`.execute(trx)
}

/** A pass failed: no mark moves. */
export async function failPass(
  db: Db | Trx,
  accountId: number,
  eventId: string,
  error: { code: string; listMissing: boolean /** not only cut short */; isFailure: boolean },
): Promise<void> {
  await sql`
    UPDATE sync_state SET failures = failures + CASE WHEN ${error.isFailure} THEN 1 ELSE 0 END, last_error = ${error.code}, last_error_at = startlist.clock(),
      list_missing = CASE WHEN ${error.listMissing} THEN list_missing + 1 ELSE list_missing END
    WHERE account_id = ${accountId} AND event_id = ${eventId}
    RETURNING pg_notify(${PASSES_CHANNEL}, concat_ws(':', account_id, event_id))`.execute(db)
}

/**
 * Rows were taken back to what they were: the next poll reads down to the given stamp (microseconds), or the whole list
 * where it is null, and a sweep under way begins anew, for it may have passed them already. The one exception to W7.
 */
export async function lowerMarks(
  trx: Trx,
  accountId: number,
  eventId: string,
  stamp: bigint | null,
): Promise<void> {
  await sql`
    UPDATE sync_state SET head = NULL, pass = NULL,
      watermark = CASE WHEN watermark IS NULL OR ${stamp === null} THEN NULL
        ELSE least(watermark, ${stampToIso(stamp)}::timestamptz) END
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(trx)
}

/**
 * The feed of removals was read, in the transaction that stored what it said.
 * @param until.stamp down to where, microseconds; `settled` when nothing of it waits to be read again
 */
export async function saveRemovalsRead(
  trx: Trx,
  accountId: number,
  eventId: string,
  until: { stamp: bigint; settled: boolean },
): Promise<void> {
  await sql`
    UPDATE sync_state SET removals_until = ${stampToIso(until.stamp)}::timestamptz,
      removals_read_at = CASE WHEN ${until.settled} THEN startlist.clock() END
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(trx)
}

/**
 * From the first page on that stores a row, the feed of removals is of interest: a sweep that is cut off, and begun anew
 * later, would otherwise ask for what left after that alone.
 * @param stamp of this page, microseconds
 * @returns down to where the feed is to be read: an earlier page's stamp, where there was one
 */
export async function beginRemovals(
  trx: Trx,
  accountId: number,
  eventId: string,
  stamp: bigint,
): Promise<bigint> {
  const result = await sql<{ until: string }>`
    UPDATE sync_state SET removals_until = coalesce(removals_until, ${stampToIso(stamp)}::timestamptz)
    WHERE account_id = ${accountId} AND event_id = ${eventId}
    RETURNING (extract(epoch FROM removals_until) * 1000000)::bigint::text AS until`.execute(trx)
  return BigInt(result.rows[0]?.until ?? stamp)
}
