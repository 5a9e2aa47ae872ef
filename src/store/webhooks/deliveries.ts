import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** Stretches of the change feed on their way to webhooks. Instants in ms since the epoch. */

/** A delivery whose turn it is: entries after one position, up to another, of one list. */
export interface DueDelivery {
  /** the same at every try */
  deliveryId: string
  provider: string
  partnerId: number
  eventId: string
  after: number
  until: number
  /** tries so far, this one included */
  attempts: number
}

/** A delivery as a person sees it. */
export interface Delivery extends DueDelivery {
  madeAt: number
  triedAt: number | null
  deliveredAt: number | null
  givenUpAt: number | null
  /** When it is tried next; null when it is not. */
  nextAt: number | null
  status: number | null
  error: string | null
}

/** How a try ended: an HTTP status, or why there was none. */
export interface Ending {
  status: number | null
  error: string | null
  /** Nothing else of this webhook is wanted. */
  gone: boolean
}

/** Seconds after each try that failed, until the next; the last one is the end of it. */
const RETRY_AFTER_S: readonly number[] = [10, 60, 600, 3_600, 43_200]
/** Nothing arrived for so long: nobody is there. */
const DISABLED_AFTER = sql`interval '3 days'`
const KEPT = sql`interval '30 days'`
/** Entries in a delivery. */
const MOST_CHANGES = 100
/** Deliveries of a webhook that may wait: what comes later stays in the feed, which loses nothing. */
const MOST_WAITING = 50
const BATCH = 1_000

/** Makes what is new in the feeds into deliveries of every webhook that is on. @returns how many */
export async function makeDeliveries(db: Db): Promise<number> {
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      // First the lock, then a fresh look: another process may have made them a moment ago.
      const { rows } = await sql<{ id: number }>`
        SELECT webhook_id AS id FROM webhooks w WHERE disabled_at IS NULL AND EXISTS (
          SELECT FROM partner_sync p LEFT JOIN webhook_cursors c
            ON c.webhook_id = w.webhook_id AND c.provider = p.provider AND c.event_id = p.event_id
          WHERE p.timing_partner_id = w.timing_partner_id AND p.feed_position > coalesce(c.position, 0))
        ORDER BY 1 FOR UPDATE OF w SKIP LOCKED`.execute(trx)
      let made = 0
      for (const { id } of rows) made += await makeOf(trx, id)
      return made
    })
}

async function makeOf(trx: Trx, webhookId: number): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH room AS (
      SELECT greatest(0, ${MOST_WAITING} - count(*))::int AS deliveries FROM webhook_deliveries
      WHERE webhook_id = ${webhookId} AND delivered_at IS NULL AND given_up_at IS NULL),
    stretches AS (
      SELECT p.provider, w.timing_partner_id, p.event_id, s.after, least(s.after + ${MOST_CHANGES}, p.feed_position) AS until
      FROM webhooks w JOIN partner_sync p USING (timing_partner_id)
      LEFT JOIN webhook_cursors c ON c.webhook_id = w.webhook_id AND c.provider = p.provider AND c.event_id = p.event_id
      CROSS JOIN LATERAL generate_series(coalesce(c.position, 0), p.feed_position - 1, ${MOST_CHANGES}::bigint) AS s (after)
      WHERE w.webhook_id = ${webhookId}
      ORDER BY s.after - coalesce(c.position, 0), p.provider, p.event_id LIMIT (SELECT deliveries FROM room)),
    moved AS (
      INSERT INTO webhook_cursors (webhook_id, provider, event_id, position)
      SELECT ${webhookId}, provider, event_id, max(until) FROM stretches GROUP BY provider, event_id
      ON CONFLICT (webhook_id, provider, event_id) DO UPDATE SET position = excluded.position)
    INSERT INTO webhook_deliveries (webhook_id, timing_partner_id, provider, event_id, after_position, until_position,
      made_at, try_at)
    SELECT ${webhookId}, timing_partner_id, provider, event_id, after, until, startlist.clock(), startlist.clock()
    FROM stretches`.execute(trx)
  return Number(numAffectedRows ?? 0n)
}

/** Webhooks that have a delivery whose turn it is. */
export async function dueWebhooks(db: Db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT webhook_id AS id FROM webhooks w WHERE disabled_at IS NULL AND EXISTS (
      SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.webhook_id AND d.delivered_at IS NULL
        AND d.given_up_at IS NULL AND d.try_at <= startlist.clock())
    ORDER BY 1`.execute(db)
  return rows.map(({ id }) => id)
}

/**
 * Takes a delivery of a webhook whose turn it is. It is tried again later unless {@link endTry} says that it arrived:
 * also when this process dies now.
 */
export async function claimDelivery(db: Db, webhookId: number): Promise<DueDelivery | null> {
  const { rows } = await sql<DueDelivery>`
    UPDATE webhook_deliveries d SET attempts = d.attempts + 1, tried_at = startlist.clock(),
      try_at = startlist.clock() + (${RETRY_AFTER_S}::int[])[least(d.attempts + 1, ${RETRY_AFTER_S.length})] * interval '1 s'
    FROM (SELECT delivery_id FROM webhook_deliveries
      WHERE webhook_id = ${webhookId} AND delivered_at IS NULL AND given_up_at IS NULL AND try_at <= startlist.clock()
      ORDER BY try_at, after_position LIMIT 1 FOR UPDATE SKIP LOCKED) AS due
    WHERE d.delivery_id = due.delivery_id
    RETURNING d.delivery_id::text AS "deliveryId", d.provider, d.timing_partner_id AS "partnerId",
      d.event_id AS "eventId", d.after_position::float8 AS after, d.until_position::float8 AS until, d.attempts`.execute(
    db,
  )
  return rows[0] ?? null
}

/**
 * Notes how a try ended. After the last one a delivery is given up, and a webhook at which nothing has arrived for
 * three days, or whose receiver is gone, is switched off.
 * @returns why it was switched off now; null when it was not
 */
export async function endTry(
  db: Db,
  webhookId: number,
  { deliveryId }: DueDelivery,
  { status, error, gone }: Ending,
): Promise<string | null> {
  const arrived = error === null
  const { rows } = await sql<{ reason: string | null }>`
    WITH tried AS (
      UPDATE webhook_deliveries SET status = ${status}::int, error = ${error}::text,
        delivered_at = CASE WHEN ${arrived} THEN startlist.clock() END,
        given_up_at = CASE WHEN NOT ${arrived} AND attempts > ${RETRY_AFTER_S.length} THEN startlist.clock() END
      WHERE delivery_id = ${deliveryId}::uuid AND delivered_at IS NULL)
    UPDATE webhooks SET failing_since = CASE WHEN NOT ${arrived} THEN coalesce(failing_since, startlist.clock()) END,
      disabled_at = CASE WHEN ${gone} OR NOT ${arrived} AND failing_since < startlist.clock() - ${DISABLED_AFTER}
        THEN startlist.clock() END,
      disabled_reason = CASE WHEN ${gone} THEN 'its receiver says that it is gone for good (410)'
        WHEN NOT ${arrived} AND failing_since < startlist.clock() - ${DISABLED_AFTER}
        THEN 'nothing has arrived for three days' END
    WHERE webhook_id = ${webhookId} AND disabled_at IS NULL RETURNING disabled_reason AS reason`.execute(db)
  return rows[0]?.reason ?? null
}

/** The last deliveries of a webhook, newest first. */
export async function listDeliveries(db: Db | Trx, webhookId: number, limit: number): Promise<Delivery[]> {
  const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`
  const { rows } = await sql<Delivery>`
    SELECT delivery_id::text AS "deliveryId", provider, timing_partner_id AS "partnerId", event_id AS "eventId",
      after_position::float8 AS after, until_position::float8 AS until, attempts, ${ms('made_at')} AS "madeAt",
      ${ms('tried_at')} AS "triedAt", ${ms('delivered_at')} AS "deliveredAt", ${ms('given_up_at')} AS "givenUpAt",
      CASE WHEN delivered_at IS NULL AND given_up_at IS NULL THEN ${ms('try_at')} END AS "nextAt", status, error
    FROM webhook_deliveries WHERE webhook_id = ${webhookId}
    ORDER BY made_at DESC, after_position DESC LIMIT ${limit}`.execute(db)
  return rows
}

/** Forgets what arrived, or was given up, long ago; a batch at a time. */
export async function forgetDeliveries(db: Db): Promise<void> {
  await sql`DELETE FROM webhook_deliveries WHERE delivery_id IN (
    SELECT delivery_id FROM webhook_deliveries WHERE made_at < startlist.clock() - ${KEPT}
      AND (delivered_at IS NOT NULL OR given_up_at IS NOT NULL) LIMIT ${BATCH})`.execute(db)
}
