import { sql } from 'kysely'
import type { Json } from '../../domain/json.ts'
import type { ChangeKind } from '../../domain/row.ts'
import type { PartnerEvent } from '../changes.ts'
import type { Db } from '../database.ts'

/** An entry of an event's change feed, with whom it is about as they stand now. Instants in ms since the epoch. */
export interface FeedEntry {
  position: number
  participantId: string
  change: ChangeKind
  /** Column -> [old, new] */
  fields: Record<string, [Json, Json]>
  firstName: string | null
  lastName: string | null
  bib: string | null
  /** When the provider says that the registration last changed; null where it does not say. */
  sourceUpdatedAt: number | null
  seenAt: number
}

/** The entries after a position, in order; none is skipped, as positions have no gap (D4). */
export async function readFeed(db: Db, at: PartnerEvent, after: number, limit = 1_000): Promise<FeedEntry[]> {
  const result = await sql<FeedEntry>`
    SELECT f.position::float8 AS position, f.participant_id AS "participantId", f.change, f.fields,
      p.first_name AS "firstName", p.last_name AS "lastName", p.bib_number AS bib,
      (extract(epoch FROM f.source_updated_at) * 1000)::float8 AS "sourceUpdatedAt",
      (extract(epoch FROM f.seen_at) * 1000)::float8 AS "seenAt"
    FROM participant_changes f
    LEFT JOIN startlist.list_participants p ON p.provider = f.provider AND p.timing_partner_id = f.timing_partner_id
      AND p.list_id = f.event_id AND p.participant_id = f.participant_id
    WHERE f.provider = ${at.provider} AND f.timing_partner_id = ${at.partnerId} AND f.event_id = ${at.eventId}
      AND f.position > ${after}
    ORDER BY f.position LIMIT ${limit}`.execute(db)
  return result.rows
}
