import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { StartListState } from '../../domain/start-list.ts'
import type { Trx } from '../database.ts'

/**
 * Whether the change feed of a list still has all that came after a position.
 * @throws StartlistError BAD_INPUT for a position that was never given, or whose entries were purged
 */
export async function assertInFeed(
  trx: Trx,
  { event, position }: StartListState,
  after: number,
): Promise<void> {
  if (after > position) {
    throw new StartlistError('BAD_INPUT', `the feed of event ${event.eventId} ends at ${position}`, {
      hint: 'Each export says up to which position it goes: give that one.',
    })
  }
  const { rows } = await sql<{ n: number }>`
    SELECT count(*)::float8 AS n FROM participant_changes
    WHERE provider = ${event.provider} AND timing_partner_id = ${event.partnerId} AND event_id = ${event.listId}
      AND position > ${after} AND position <= ${position}`.execute(trx)
  if (rows[0]?.n === position - after) return
  throw new StartlistError(
    'BAD_INPUT',
    `the feed of event ${event.eventId} does not reach back to ${after}`,
    {
      hint: 'Older entries were purged: export the whole list.',
    },
  )
}
