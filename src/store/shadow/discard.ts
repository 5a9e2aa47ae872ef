import { sql } from 'kysely'
import { CHANGES_CHANNEL } from '../changes.ts'
import type { Db, Trx } from '../database.ts'
import { countRemembered } from '../forgotten.ts'
import { holdStill, leaveShadow } from './leave.ts'
import { FEEDS, PASSES, SHADOW_SCHEMA } from './tables.ts'
import { distrustTheirs } from './theirs.ts'

/** What was thrown away with a shadow. */
export interface Discarded {
  /** Lists that a pass read in it: they count as never read. */
  lists: number
  /** Feeds that told of it: they begin anew. */
  feeds: number
  /** Registrations of forgotten people that the legacy tables still have. */
  remembered: number
}

/**
 * Throws away what was stored in the shadow, and works in the legacy tables from its commit on, which stay as the scripts
 * left them. Marks, feeds and tokens that came of it would tell of rows that are not there: lists that were read count as
 * never read, and whoever follows their feed is told to read the list anew. All or nothing, without a call.
 *
 * @returns null when the installation is not shadowed
 */
export async function discardShadow(db: Db): Promise<Discarded | null> {
  return db.transaction().execute(async (trx) => {
    if (!(await holdStill(trx))) return null
    const lists = await forgetPasses(trx)
    const feeds = await breakFeeds(trx)
    await forgetDiscoveries(trx)
    await forgetCredentials(trx)
    // Lists whose people were taken out of the shadow have them in the legacy tables still.
    await sql`DELETE FROM emptied_lists`.execute(trx)
    await distrustTheirs(trx, 'public')
    const remembered = (await countRemembered(trx, 'haku')) + (await countRemembered(trx, 'runsignup'))
    await leaveShadow(trx)
    return { lists, feeds, remembered }
  })
}

/** Numbers of passes stay: one is never used twice (W4). */
async function forgetPasses(trx: Trx): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    WITH read AS (
      UPDATE sync_state t SET watermark = NULL, finished_began = NULL, head = NULL, pass = NULL, polled_at = NULL,
        swept_at = NULL, complete_at = NULL, began_at = NULL, listed = NULL, list_missing = 0, removals_until = NULL,
        removals_read_at = NULL, failures = 0, last_error = NULL, last_error_at = NULL, retry_at = NULL, due_at = NULL,
        sweep_due_at = NULL, details_due_at = NULL, round_due_at = NULL, replan_at = '-infinity'
      WHERE NOT EXISTS (SELECT FROM ${sql.id(SHADOW_SCHEMA, PASSES)} b
        WHERE b.account_id = t.account_id AND b.event_id = t.event_id AND b.last_pass = t.last_pass)
      RETURNING account_id, event_id
    ), unseen AS (
      DELETE FROM sweep_seen s USING read r WHERE s.account_id = r.account_id AND s.event_id = r.event_id
    )
    SELECT count(*)::int AS n, (SELECT count(pg_notify('startlist_wake', account_id::text))
      FROM (SELECT DISTINCT account_id FROM read) a) AS woken FROM read`.execute(trx)
  return rows[0]?.n ?? 0
}

/** As if purged beyond their end: also who has read all of it is told (D4). */
async function breakFeeds(trx: Trx): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    WITH told AS (
      SELECT p.provider, p.timing_partner_id, p.event_id, coalesce(b.feed_position, 0) AS until
      FROM partner_sync p LEFT JOIN ${sql.id(SHADOW_SCHEMA, FEEDS)} b USING (provider, timing_partner_id, event_id)
      WHERE p.feed_position > coalesce(b.feed_position, 0)
    ), gone AS (
      DELETE FROM participant_changes c USING told t
      WHERE (c.provider, c.timing_partner_id, c.event_id) = (t.provider, t.timing_partner_id, t.event_id)
        AND c.position > t.until
    ), broken AS (
      UPDATE partner_sync p SET feed_position = p.feed_position + 1, feed_purged = p.feed_position + 1 FROM told t
      WHERE (p.provider, p.timing_partner_id, p.event_id) = (t.provider, t.timing_partner_id, t.event_id)
      RETURNING pg_notify(${CHANGES_CHANNEL},
        concat_ws(':', p.provider, p.timing_partner_id, p.event_id, p.feed_position))
    )
    SELECT count(*)::int AS n FROM broken`.execute(trx)
  return rows[0]?.n ?? 0
}

/** Events that were found in the shadow are not in the legacy tables: they are looked for again. */
async function forgetDiscoveries(trx: Trx): Promise<void> {
  await sql`UPDATE accounts SET discovered_at = NULL, discovered_whole_at = NULL, discovery_tried_at = NULL
    WHERE discovered_at >= (SELECT began_at FROM ${sql.id(SHADOW_SCHEMA, 'shadow')})`.execute(trx)
}

/** What hangs on credentials that a person added in the shadow: they are gone as if that person had removed them (S2). */
async function forgetCredentials(trx: Trx): Promise<void> {
  const credentials = sql.id('public', 'partner_provider_credentials')
  await sql`UPDATE accounts a SET token = NULL, token_expires_at = NULL, token_credential_id = NULL
    WHERE token_credential_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM ${credentials} c WHERE c.partner_provider_credential_id = a.token_credential_id)`.execute(
    trx,
  )
  await sql`UPDATE partner_sync s SET state = 'behind', reason = 'credential was removed', since = startlist.clock()
    WHERE state = 'current' AND NOT EXISTS (SELECT FROM ${credentials} c
      WHERE c.account_id = s.account_id AND c.timing_partner_id = s.timing_partner_id)`.execute(trx)
  await sql`DELETE FROM sync_state t
    WHERE NOT EXISTS (SELECT FROM ${credentials} c WHERE c.account_id = t.account_id)`.execute(trx)
}
