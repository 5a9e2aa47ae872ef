import { sql } from 'kysely'
import type { Db } from '../database.ts'
import { whileNobodyIsErased } from './lock.ts'
import { type FreezesOf, noSuchFreeze } from './read.ts'

/**
 * Removes a freeze with its rows, for good: also one that is damaged.
 * @throws StartlistError NO_SUCH_FREEZE
 */
export async function removeFreeze(
  db: Db,
  freezeId: number,
  of: Pick<FreezesOf, 'partnerId' | 'provider' | 'eventId'> = {},
): Promise<void> {
  const [partnerId, provider, eventId] = [of.partnerId ?? null, of.provider ?? null, of.eventId ?? null]
  // Who erases people locks rows of many freezes, in another order than this.
  const { rows } = await whileNobodyIsErased(db, (one) =>
    sql`DELETE FROM freezes WHERE freeze_id = ${freezeId}
        AND (${partnerId}::int IS NULL OR timing_partner_id = ${partnerId})
        AND (${provider}::text IS NULL OR provider = ${provider})
        AND (${eventId}::text IS NULL OR ${eventId} IN (list_id, event_id))
      RETURNING freeze_id`.execute(one),
  )
  if (rows.length === 0) throw noSuchFreeze(freezeId)
}
