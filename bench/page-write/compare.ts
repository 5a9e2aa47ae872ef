import { sql } from 'kysely'
import type { Db } from '../../src/store/database.ts'

/** Fails unless all events hold the same rows: a contender that skips work must not win. */
export async function assertSameRows(db: Db, eventIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ versions: number }>`
    SELECT count(DISTINCT row_hash)::int AS versions FROM haku_participants
    WHERE event_id = ANY (${eventIds}::text[])
    GROUP BY participant_id HAVING count(DISTINCT row_hash) > 1 OR count(*) <> ${eventIds.length}`.execute(db)
  if (rows.length > 0) throw new Error(`${rows.length} rows differ between the contenders`)
}

/** Fails unless both events have the same feed, and one without a gap. Within a page the order is free. */
export async function assertSameFeed(db: Db, one: string, other: string): Promise<number> {
  const { rows } = await sql<{ entries: number; unequal: number; gaps: number }>`
    WITH feed AS (
      SELECT *, row_number() OVER (PARTITION BY event_id, participant_id ORDER BY position) AS nth
      FROM participant_changes WHERE event_id IN (${one}, ${other})
    )
    SELECT count(*)::int AS entries,
      count(*) FILTER (WHERE (a.change, a.fields, a.source_updated_at)
        IS DISTINCT FROM (b.change, b.fields, b.source_updated_at))::int AS unequal,
      (max(greatest(a.position, b.position)) - count(*))::int AS gaps
    FROM (SELECT * FROM feed WHERE event_id = ${one}) a
    FULL JOIN (SELECT * FROM feed WHERE event_id = ${other}) b USING (participant_id, nth)`.execute(db)
  const [result] = rows
  if (!result || result.unequal > 0 || result.gaps !== 0) {
    throw new Error(`the feeds differ: ${JSON.stringify(result)}`)
  }
  return result.entries
}
