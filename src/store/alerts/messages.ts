import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** Messages about alerts that wait for delivery: stored with the alerts, so that none is lost and none told twice. */

/** A message whose turn it is. */
export interface Waiting<Message> {
  /** the same at every try */
  messageId: string
  message: Message
  /** tries so far, this one included */
  attempts: number
}

/** What could not be delivered for so long is old news; the alert itself is told again while it stays open. */
const GIVEN_UP = sql`interval '1 day'`
const KEPT = sql`interval '7 days'`
const BATCH = 1_000

/** Leaves a message for a channel. */
export async function queueMessage(trx: Trx, channel: string, message: object): Promise<void> {
  await sql`INSERT INTO alert_messages (channel, message, made_at, try_at)
    VALUES (${channel}, ${JSON.stringify(message)}::jsonb, startlist.clock(), startlist.clock())`.execute(trx)
}

/**
 * Takes the messages of a channel whose turn it is, oldest first. They are tried again, after 30 s doubling to 30 min
 * and for a day, unless {@link markDelivered} says that they arrived: also when this process dies now.
 */
export async function claimMessages<Message>(
  db: Db,
  channel: string,
  limit: number,
): Promise<Waiting<Message>[]> {
  const result = await sql<Waiting<Message> & { madeAt: number }>`
    UPDATE alert_messages m SET attempts = m.attempts + 1,
      try_at = startlist.clock() + least(30 * 2 ^ least(m.attempts, 10), 1800) * interval '1 s'
    FROM (SELECT message_id FROM alert_messages
      WHERE channel = ${channel} AND delivered_at IS NULL AND try_at <= startlist.clock()
        AND made_at > startlist.clock() - ${GIVEN_UP}
      ORDER BY made_at LIMIT ${limit} FOR UPDATE SKIP LOCKED) AS due
    WHERE m.message_id = due.message_id
    RETURNING m.message_id::text AS "messageId", m.message, m.attempts,
      extract(epoch FROM m.made_at)::float8 AS "madeAt"`.execute(db)
  return result.rows.sort((a, b) => a.madeAt - b.madeAt)
}

/** It arrived. */
export async function markDelivered(db: Db, messageId: string): Promise<void> {
  await sql`UPDATE alert_messages SET delivered_at = startlist.clock() WHERE message_id = ${messageId}::uuid`.execute(
    db,
  )
}

/** How many messages have been tried and have not arrived. */
export async function undelivered(db: Db): Promise<number> {
  const result = await sql<{ count: number }>`SELECT count(*)::int AS count FROM alert_messages
    WHERE delivered_at IS NULL AND attempts > 0`.execute(db)
  return result.rows[0]?.count ?? 0
}

/** Forgets old messages, a batch at a time. */
export async function forgetMessages(db: Db): Promise<void> {
  await sql`DELETE FROM alert_messages WHERE message_id IN (
    SELECT message_id FROM alert_messages WHERE made_at < startlist.clock() - ${KEPT} LIMIT ${BATCH})`.execute(
    db,
  )
}
