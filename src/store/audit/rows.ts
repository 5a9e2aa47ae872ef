import { sql } from 'kysely'
import type { PartnerEvent } from '../changes.ts'
import type { Db } from '../database.ts'
import { asKey, inEvents, inList, type ParticipantTable } from '../participants/table.ts'

/** An event's stored registrations as an audit counts and samples them. */

/** A list of one timing partner, with the events of it that are asked for. */
export interface AuditedList extends PartnerEvent {
  events: readonly string[]
}

/**
 * How many registrations we hold that the provider's list has, by what we know: those that a single read alone found are
 * not in it, records that could not be stored are.
 */
export async function countListed(db: Db, shape: ParticipantTable, at: AuditedList): Promise<number> {
  const { rows } = await sql<{ listed: number }>`
    SELECT (SELECT count(*) FROM ${sql.table(shape.table)} p
        WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
          AND ${inEvents(shape, at.events)} AND p.removed_at IS NULL AND p.absences = 0)::int
      + (SELECT count(*) FROM rejected_records r WHERE r.provider = ${at.provider}
          AND r.timing_partner_id = ${at.partnerId} AND r.event_id = ${at.eventId} AND r.kind = 'record')::int
      AS listed`.execute(db)
  return rows[0]?.listed ?? 0
}

/** How many of these keys are not stored as live. */
export async function countNews(
  db: Db,
  shape: ParticipantTable,
  at: PartnerEvent,
  keys: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ news: number }>`
    SELECT count(*)::int AS news FROM unnest(${keys}::text[]) AS i (key)
    WHERE NOT EXISTS (SELECT FROM ${sql.table(shape.table)} p
      WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId} AND p.removed_at IS NULL
        AND p.${sql.ref(shape.key)} = ${asKey(shape, sql`i.key`)})`.execute(db)
  return rows[0]?.news ?? 0
}

/** Absent registrations of an account's event that a hold, open or discarded, keeps. */
export async function countHeld(db: Db, at: { accountId: number; eventId: string }): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    SELECT coalesce(sum(absent), 0)::int AS held FROM holds
    WHERE account_id = ${at.accountId} AND event_id = ${at.eventId} AND kind = 'removal'
      AND state IN ('open', 'discarded')`.execute(db)
  return rows[0]?.held ?? 0
}

/** Which live registrations to draw from, and how many. */
export interface SampleScope {
  /** the same seed draws the same */
  seed: string
  limit: number
  /** details are calls of their own: one that is owed is not expected to agree */
  thin: boolean
}

/** Registrations drawn at random, those with a finding of the last audit first. */
export async function drawSample(
  db: Db,
  shape: ParticipantTable,
  at: PartnerEvent,
  { seed, limit, thin }: SampleScope,
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    SELECT p.${sql.ref(shape.key)}::text AS key FROM ${sql.table(shape.table)} p
    LEFT JOIN (SELECT DISTINCT participant_id FROM audit_findings WHERE provider = ${at.provider}
        AND timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}) f
      ON f.participant_id = p.${sql.ref(shape.key)}::text
    WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
      AND p.removed_at IS NULL AND p.list_fingerprint IS NOT NULL
      AND (NOT ${thin}::boolean OR p.detail_of = p.list_fingerprint)
    ORDER BY f.participant_id IS NULL, md5(p.${sql.ref(shape.key)}::text || ${seed}) LIMIT ${limit}`.execute(
    db,
  )
  return rows.map((row) => row.key)
}
