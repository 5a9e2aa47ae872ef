import { sql } from 'kysely'
import type { Db } from '../database.ts'
import { NO_COUNTS, openRun, updateRun } from '../history.ts'
import { whileNobodyIsErased } from './lock.ts'
import { type FreezesOf, noSuchFreeze } from './read.ts'

/** The row of a freeze that is gone. */
interface Removed {
  provider: string
  partnerId: number
  eventId: string
  frozenBy: string
  sha256: string
}

/**
 * Removes a freeze with its rows, for good: also one that is damaged. A run is left that says which it was, and by whom
 * it was removed.
 * @param by who decided it
 * @throws StartlistError NO_SUCH_FREEZE
 */
export async function removeFreeze(
  db: Db,
  freezeId: number,
  by: string,
  of: Pick<FreezesOf, 'partnerId' | 'provider' | 'eventId'> = {},
): Promise<void> {
  const [partnerId, provider, eventId] = [of.partnerId ?? null, of.provider ?? null, of.eventId ?? null]
  // Who erases people locks rows of many freezes, in another order than this.
  await whileNobodyIsErased(db, (one) =>
    one.transaction().execute(async (trx) => {
      const { rows } = await sql<Removed>`DELETE FROM freezes WHERE freeze_id = ${freezeId}
          AND (${partnerId}::int IS NULL OR timing_partner_id = ${partnerId})
          AND (${provider}::text IS NULL OR provider = ${provider})
          AND (${eventId}::text IS NULL OR ${eventId} IN (list_id, event_id))
        RETURNING provider, timing_partner_id AS "partnerId", list_id AS "eventId", frozen_by AS "frozenBy",
          encode(sha256, 'hex') AS sha256`.execute(trx)
      const [removed] = rows
      if (removed === undefined) throw noSuchFreeze(freezeId)
      const { frozenBy, sha256, ...event } = removed
      const reason = `Freeze ${freezeId} of ${frozenBy}, SHA-256 ${sha256}, was removed by ${by}.`
      const runId = await openRun(trx, { event, accountId: null, kind: 'freeze-removed', reason })
      await updateRun(trx, runId, NO_COUNTS, { status: 'success', complete: true })
    }),
  )
}
