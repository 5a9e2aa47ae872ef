import { sql } from 'kysely'
import type { ProviderName } from '../domain/account.ts'
import type { Db, Trx } from './database.ts'
import { eraseFrozen } from './freezes/erase.ts'
import { type Emptying, emptyRows } from './participants/empty.ts'
import { hasSetAside, SET_ASIDE } from './participants/set-aside.ts'
import { inList, participantTable } from './participants/table.ts'

/** Lists whose people were kept long enough. */

/** A list of one timing partner. */
export interface RetiredList {
  provider: ProviderName
  partnerId: number
  listId: string
}

/** First key of the advisory lock of a list's retention; the second is a hash of the list. */
const LOCK = 7410

/**
 * Lists that have been over for as long as their timing partner keeps people, and of which anything was read since they
 * were last emptied. Without a date a list is never over.
 * @param defaultDays for who has not decided; 0 keeps for ever
 */
export async function listsPastRetention(db: Db, defaultDays: number): Promise<RetiredList[]> {
  const result = await sql<RetiredList>`
    SELECT e.provider, e.timing_partner_id AS "partnerId", e.list_id AS "listId"
    FROM startlist.list_events e JOIN timing_partners t USING (timing_partner_id)
    WHERE coalesce(t.retention_days, ${defaultDays}) > 0
    GROUP BY e.provider, e.timing_partner_id, e.list_id, t.retention_days
    HAVING bool_and(coalesce(greatest(e.ends_at, e.starts_at), (greatest(e.end_day, e.start_day) + 2)::timestamptz,
        'infinity') < startlist.clock() - make_interval(days => coalesce(t.retention_days, ${defaultDays})))
      AND NOT EXISTS (
        SELECT FROM emptied_lists x WHERE x.provider = e.provider AND x.timing_partner_id = e.timing_partner_id
          AND x.list_id = e.list_id AND x.emptied_at >= coalesce((
            SELECT max(greatest(s.polled_at, s.swept_at, s.tried_at)) FROM partner_sync p
            JOIN sync_state s USING (account_id, event_id)
            WHERE p.provider = x.provider AND p.timing_partner_id = x.timing_partner_id AND p.event_id = x.list_id),
          '-infinity'))
    ORDER BY 1, 2, 3`.execute(db)
  return result.rows
}

/** How many registrations a list has. */
export async function countListed(db: Db, { provider, partnerId, listId }: RetiredList): Promise<number> {
  const shape = participantTable(provider)
  const result = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.table(shape.table)} p
    WHERE ${inList(shape, listId)} AND p.timing_partner_id = ${partnerId}`.execute(db)
  return result.rows[0]?.n ?? 0
}

/**
 * One process at a time empties a list, until the transaction ends.
 * @returns false when another does
 */
export async function lockList(trx: Trx, { provider, partnerId, listId }: RetiredList): Promise<boolean> {
  const result = await sql<{ has: boolean }>`
    SELECT pg_try_advisory_xact_lock(${LOCK}::int, hashtext(${`${provider}:${partnerId}:${listId}`})) AS has`.execute(
    trx,
  )
  return result.rows[0]?.has === true
}

/** Empties a batch of a list's rows; see {@link emptyRows}. */
export function emptyList(
  trx: Trx,
  { provider, partnerId, listId }: RetiredList,
  emptying: Emptying,
  batch: { after: number; limit: number },
): ReturnType<typeof emptyRows> {
  const shape = participantTable(provider)
  const which = sql`${sql.ref(shape.list)} = ${listId}::${sql.raw(shape.listType)} AND timing_partner_id = ${partnerId}`
  return emptyRows(trx, shape, which, emptying, batch)
}

/** Takes people out of a list's feed, rejects, freezes and rows that went aside, and remembers when. */
export async function finishList(
  trx: Trx,
  { provider, partnerId, listId }: RetiredList,
  { columns }: Emptying,
): Promise<void> {
  const isOfList = sql`provider = ${provider} AND timing_partner_id = ${partnerId} AND event_id = ${listId}`
  await sql`UPDATE participant_changes SET fields = fields - ${columns}::text[]
    WHERE ${isOfList} AND fields ?| ${columns}::text[]`.execute(trx)
  await sql`DELETE FROM rejected_records WHERE ${isOfList}`.execute(trx)
  const shape = participantTable(provider)
  if (await hasSetAside(trx, shape.table))
    await sql`DELETE FROM ${sql.table(SET_ASIDE[shape.table])} p
      WHERE ${inList(shape, listId)} AND p.timing_partner_id = ${partnerId}`.execute(trx)
  await eraseFrozen(trx, { provider, partnerId, listId }, columns, 'retention')
  await sql`INSERT INTO emptied_lists (provider, timing_partner_id, list_id, emptied_at)
    VALUES (${provider}, ${partnerId}, ${listId}, startlist.clock())
    ON CONFLICT (provider, timing_partner_id, list_id) DO UPDATE SET emptied_at = excluded.emptied_at`.execute(
    trx,
  )
}
