import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { PartnerEvent } from '../changes.ts'
import type { Db, Trx } from '../database.ts'
import { assertKept, feedSpan } from '../overview/feed.ts'

/** Characters of a mark's name. */
export const LONGEST_MARK = 100

/** Named places in a list's change feed, so that "what changed since" is a query. Instants in ms since the epoch. */
export interface Mark {
  markId: number
  name: string
  /** The last change that came before it. */
  position: number
  madeAt: number
  /** How many changes came since. */
  since: number
  /** Whether all of those are kept; what was purged cannot be told any more. */
  kept: boolean
}

/** The marks of a list, oldest first. */
export async function listMarks(
  db: Db | Trx,
  at: PartnerEvent,
  only: { name?: string; markId?: number } = {},
): Promise<Mark[]> {
  const { rows } = await sql<Mark>`
    SELECT m.mark_id AS "markId", m.name, m.position::float8 AS position,
      (extract(epoch FROM m.made_at) * 1000)::float8 AS "madeAt",
      (coalesce(p.feed_position, 0) - m.position)::float8 AS since, m.position >= coalesce(p.feed_purged, 0) AS kept
    FROM feed_marks m LEFT JOIN partner_sync p USING (provider, timing_partner_id, event_id)
    WHERE m.provider = ${at.provider} AND m.timing_partner_id = ${at.partnerId} AND m.event_id = ${at.eventId}
      AND (${only.name ?? null}::text IS NULL OR m.name = ${only.name ?? null})
      AND (${only.markId ?? null}::int IS NULL OR m.mark_id = ${only.markId ?? null})
    ORDER BY m.made_at, m.mark_id`.execute(db)
  return rows
}

/** @throws StartlistError NO_SUCH_MARK */
export async function findMark(db: Db | Trx, at: PartnerEvent, name: string): Promise<Mark> {
  const [mark] = await listMarks(db, at, { name })
  if (mark === undefined)
    throw new StartlistError('NO_SUCH_MARK', `event ${at.eventId} has no mark "${name}"`)
  return mark
}

/**
 * Sets a mark behind the newest change.
 * @param options.position another place, such as the one that an export was made at
 * @param options.move a mark of this name is set anew
 * @throws StartlistError MARK_EXISTS, CHANGES_GONE for a position that the feed does not reach, or not back to
 */
export async function addMark(
  db: Db | Trx,
  at: PartnerEvent,
  name: string,
  options: { position?: number | undefined; move?: boolean } = {},
): Promise<Mark> {
  if (options.position !== undefined) assertKept(await feedSpan(db, at), options.position)
  const position = sql`coalesce(${options.position ?? null}::bigint, (SELECT feed_position FROM partner_sync
    WHERE provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}), 0)`
  const added = await sql`
    INSERT INTO feed_marks (provider, timing_partner_id, event_id, name, position, made_at)
    VALUES (${at.provider}, ${at.partnerId}, ${at.eventId}, ${name}, ${position}, startlist.clock())
    ON CONFLICT (timing_partner_id, provider, event_id, name)
    DO UPDATE SET position = excluded.position, made_at = excluded.made_at WHERE ${options.move ?? false}
    RETURNING mark_id`.execute(db)
  if (added.rows.length === 0)
    throw new StartlistError('MARK_EXISTS', `event ${at.eventId} has a mark "${name}" already`)
  return findMark(db, at, name)
}

/** @returns false when there was none */
export async function removeMark(
  db: Db | Trx,
  at: PartnerEvent,
  which: { name: string } | { markId: number },
): Promise<boolean> {
  const isIt = 'name' in which ? sql`name = ${which.name}` : sql`mark_id = ${which.markId}`
  const { numAffectedRows } = await sql`DELETE FROM feed_marks
    WHERE provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}
      AND ${isIt}`.execute(db)
  return numAffectedRows === 1n
}

/** How many marks lie before what is kept of their feed. */
export async function lostMarks(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM feed_marks m JOIN partner_sync p USING (provider, timing_partner_id, event_id)
    WHERE m.position < p.feed_purged`.execute(db)
  return rows[0]?.count ?? 0
}
