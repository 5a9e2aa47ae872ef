import { sql } from 'kysely'
import { StartlistError } from '../domain/errors.ts'
import type { Db, Trx } from './database.ts'

/**
 * The lane: the right to make an account's calls and to write what they brought, one holder at a time (N1). Turns
 * and commands alike take it. Its fence grows whenever the lane changes hands, so that a holder who slept through
 * his lease cannot write over his successor (D1, W10).
 */

/**
 * Takes the lane for `leaseMs`, if it is free, lapsed, lost with its server, or this holder's own already. The fence is
 * a new one unless the holder's lease was still running.
 *
 * @param holder names one taker, such as `host:pid:3`; two takers must never share one
 * @returns the fence, or null while another holds the lane
 */
export async function takeLane(
  db: Db,
  accountId: number,
  holder: string,
  leaseMs: number,
): Promise<{ fence: number } | null> {
  const { rows } = await sql<{ fence: string }>`
    INSERT INTO lanes AS lane (account_id, holder, fence, lease_until, server_started_at)
    VALUES (${accountId}, ${holder}, 1, startlist.clock() + ${leaseMs}::float8 * interval '1 ms', ${SERVER})
    ON CONFLICT (account_id) DO UPDATE SET
      fence = lane.fence
        + CASE WHEN lane.holder = excluded.holder AND lane.lease_until > startlist.clock() AND NOT (${LOST}) THEN 0
          ELSE 1 END,
      holder = excluded.holder, lease_until = excluded.lease_until, server_started_at = excluded.server_started_at,
      wanted_at = NULL
    WHERE lane.holder IS NULL OR lane.holder = excluded.holder OR lane.lease_until IS NULL
      OR lane.lease_until <= startlist.clock() OR ${LOST}
    RETURNING fence::text AS fence`.execute(db)
  return rows[0] ? { fence: Number(rows[0].fence) } : null
}

/**
 * Since when the server has forgotten nothing. One whose backend dies (the kernel takes memory back so) drops what it had
 * not written, as at a start, but is not started: its statistics alone tell, from PostgreSQL 15 on in shared memory.
 */
const SERVER = sql`greatest(pg_postmaster_start_time(), CASE
  WHEN current_setting('server_version_num')::int >= 150000 THEN pg_stat_get_bgwriter_stat_reset_time() END)`

/**
 * A server that was started since, or a standby that took over, may lack commits that were confirmed (synchronous_commit
 * off, asynchronous replication). What a pass remembers of its pages is then no longer what is stored: it has to begin
 * again from there.
 */
const SAME_SERVER = sql`server_started_at = ${SERVER}`

/** Its holder can do no more with it: whoever comes need not wait for the end of the lease. */
const LOST = sql`lane.server_started_at <> ${SERVER}`

/** What a holder is told that has to stop. */
export const fenced = (accountId: number) =>
  new StartlistError(
    'FENCED',
    `account ${accountId}: another process took the lane over, or the database was restarted`,
  )

/** A wish for a lane is forgotten after this: whoever had it gave up. */
const WISH = sql`interval '5 seconds'`

/**
 * Prolongs the lease by `leaseMs` from now, and tells whether somebody waits for the lane. Null when the lane has
 * another fence, or was taken on another server: whoever held it must stop.
 */
export async function renewLane(
  db: Db,
  accountId: number,
  fence: number,
  leaseMs: number,
): Promise<{ wanted: boolean } | null> {
  // A lapsed lease that nobody took is still ours: the fence says so.
  const { rows } = await sql<{ wanted: boolean }>`
    UPDATE lanes SET lease_until = startlist.clock() + ${leaseMs}::float8 * interval '1 ms'
    WHERE account_id = ${accountId} AND fence = ${fence}::bigint AND holder IS NOT NULL AND ${SAME_SERVER}
    RETURNING coalesce(wanted_at > startlist.clock() - ${WISH}, false) AS wanted`.execute(db)
  return rows[0] ?? null
}

/** Says that somebody waits for the lane. */
export async function wantLane(db: Db, accountId: number): Promise<void> {
  await sql`UPDATE lanes SET wanted_at = startlist.clock() WHERE account_id = ${accountId}`.execute(db)
}

/** Gives the lane back. Nothing happens when another has it by now. The fence stays, so that it only ever grows. */
export async function releaseLane(db: Db | Trx, accountId: number, fence: number): Promise<void> {
  await sql`
    UPDATE lanes SET holder = NULL, lease_until = NULL
    WHERE account_id = ${accountId} AND fence = ${fence}::bigint`.execute(db)
}

/** Ends the lease of a holder that is known to be dead; nothing happens when another has the lane by now. */
export async function releaseLaneOf(db: Db, accountId: number, holder: string): Promise<void> {
  await sql`
    UPDATE lanes SET holder = NULL, lease_until = NULL
    WHERE account_id = ${accountId} AND holder = ${holder}`.execute(db)
}

/**
 * Proves inside a page's transaction that the lane is still ours, and keeps it so until commit: the share lock makes
 * a taker wait (D1).
 *
 * @throws StartlistError `FENCED` when the lane changed hands, or the server was started anew
 */
export async function checkFence(trx: Trx, accountId: number, fence: number): Promise<void> {
  const { rows } = await sql<{ ours: boolean }>`
    SELECT fence = ${fence}::bigint AND holder IS NOT NULL AND ${SAME_SERVER} AS ours FROM lanes
    WHERE account_id = ${accountId} FOR SHARE`.execute(trx)
  if (!rows[0]?.ours) throw fenced(accountId)
}

/** Who holds the lane until when (ms since the epoch); null when nobody does. */
export async function laneHolder(
  db: Db | Trx,
  accountId: number,
): Promise<{ holder: string; until: number } | null> {
  const { rows } = await sql<{ holder: string; until: number }>`
    SELECT holder, (extract(epoch FROM lease_until) * 1000)::float8 AS until FROM lanes
    WHERE account_id = ${accountId} AND holder IS NOT NULL AND lease_until > startlist.clock()`.execute(db)
  return rows[0] ?? null
}
