import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { seal } from '../secrets.ts'

/** Which webhooks there are. Instants in ms since the epoch. */
export interface Webhook {
  webhookId: number
  partnerId: number
  url: string
  /** It may be on this machine. */
  mayBeLocal: boolean
  madeAt: number
  /** Since when no delivery has arrived; null when the last one did. */
  failingSince: number | null
  disabledAt: number | null
  disabledReason: string | null
  /** Deliveries that wait, and those that were given up. */
  waiting: number
  givenUp: number
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

/** What a webhook's secret is sealed for. */
export const secretContext = (webhookId: number): string => `webhook:${webhookId}`

/** Webhooks by id. */
export async function listWebhooks(
  db: Db | Trx,
  only: { webhookId?: number; partnerId?: number } = {},
): Promise<Webhook[]> {
  const { rows } = await sql<Webhook>`
    SELECT w.webhook_id AS "webhookId", w.timing_partner_id AS "partnerId", w.url, w.may_be_local AS "mayBeLocal",
      ${ms('w.made_at')} AS "madeAt", ${ms('w.failing_since')} AS "failingSince",
      ${ms('w.disabled_at')} AS "disabledAt", w.disabled_reason AS "disabledReason",
      count(d.delivery_id) FILTER (WHERE d.given_up_at IS NULL)::int AS waiting,
      count(d.given_up_at)::int AS "givenUp"
    FROM webhooks w
    LEFT JOIN webhook_deliveries d ON d.webhook_id = w.webhook_id AND d.delivered_at IS NULL
    WHERE (${only.webhookId ?? null}::int IS NULL OR w.webhook_id = ${only.webhookId ?? null})
      AND (${only.partnerId ?? null}::int IS NULL OR w.timing_partner_id = ${only.partnerId ?? null})
    GROUP BY w.webhook_id ORDER BY w.webhook_id`.execute(db)
  return rows
}

/**
 * Adds a webhook of a timing partner. It is told of what changes from now on, and all of lists that come later.
 * @param made.secret `whsec_...`, which is sealed with the key
 * @returns its id
 */
export async function addWebhook(
  db: Db,
  key: string,
  made: { partnerId: number; url: string; secret: string; mayBeLocal: boolean },
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number }>`
      INSERT INTO webhooks (timing_partner_id, url, secret, may_be_local, made_at)
      VALUES (${made.partnerId}, ${made.url}, '', ${made.mayBeLocal}, startlist.clock())
      RETURNING webhook_id AS id`.execute(trx)
    const { id } = rows[0]!
    const sealed = await seal(key, secretContext(id), made.secret)
    await sql`UPDATE webhooks SET secret = ${sealed} WHERE webhook_id = ${id}`.execute(trx)
    await sql`INSERT INTO webhook_cursors (webhook_id, provider, event_id, position)
      SELECT ${id}, provider, event_id, feed_position FROM partner_sync
      WHERE timing_partner_id = ${made.partnerId}`.execute(trx)
    return id
  })
}

/** The sealed secret; null when there is no such webhook. */
export async function webhookSecret(db: Db, webhookId: number): Promise<string | null> {
  const { rows } = await sql<{ secret: string }>`
    SELECT secret FROM webhooks WHERE webhook_id = ${webhookId}`.execute(db)
  return rows[0]?.secret ?? null
}

/** Its deliveries go with it. @returns false when there was none */
export async function removeWebhook(db: Db, webhookId: number): Promise<boolean> {
  const { numAffectedRows } = await sql`DELETE FROM webhooks WHERE webhook_id = ${webhookId}`.execute(db)
  return numAffectedRows === 1n
}

/** Switches a webhook on again; what waits or was given up is tried anew, from now on. */
export async function enableWebhook(db: Db, webhookId: number): Promise<void> {
  await sql`
    WITH enabled AS (
      UPDATE webhooks SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL
      WHERE webhook_id = ${webhookId})
    UPDATE webhook_deliveries SET attempts = 0, try_at = startlist.clock(), given_up_at = NULL
    WHERE webhook_id = ${webhookId} AND delivered_at IS NULL`.execute(db)
}
