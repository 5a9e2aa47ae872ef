import { sql } from 'kysely'
import type { PartnerEvent } from '../changes.ts'
import type { Db, Trx } from '../database.ts'

/** What audits found, as it is kept: the last of each event. Instants in ms since the epoch. */

export type FindingKind = 'count' | 'row' | 'feed'

/** Something stored that is not what it should be. */
export interface Finding {
  kind: FindingKind
  /** Registration number; empty where it is about the whole event. */
  key: string
  /** Names of columns, never values. */
  fields: string[]
}

/** One audit of one event of a timing partner. */
export interface Audit extends PartnerEvent {
  accountId: number
  complete: boolean
  ours: number
  theirs: number | null
  count: string
  sampled: number
  blind: number
  moved: number
  gone: number
  replayed: number
  calls: number
  findings: readonly Finding[]
}

/** Keeps an audit in place of the one before. A finding that was there already keeps the instant at which it was first seen. */
export async function saveAudit(trx: Trx, audit: Audit): Promise<void> {
  const { provider, partnerId, eventId, findings } = audit
  await sql`
    INSERT INTO audits (provider, timing_partner_id, event_id, account_id, audited_at, complete, ours, theirs,
      count_verdict, sampled, blind, moved, gone, replayed, calls)
    VALUES (${provider}, ${partnerId}, ${eventId}, ${audit.accountId}, startlist.clock(), ${audit.complete},
      ${audit.ours}, ${audit.theirs}, ${audit.count}, ${audit.sampled}, ${audit.blind}, ${audit.moved},
      ${audit.gone}, ${audit.replayed}, ${audit.calls})
    ON CONFLICT (provider, timing_partner_id, event_id) DO UPDATE SET account_id = excluded.account_id,
      audited_at = excluded.audited_at, complete = excluded.complete, ours = excluded.ours, theirs = excluded.theirs,
      count_verdict = excluded.count_verdict, sampled = excluded.sampled, blind = excluded.blind,
      moved = excluded.moved, gone = excluded.gone, replayed = excluded.replayed, calls = excluded.calls`.execute(
    trx,
  )
  await sql`
    INSERT INTO audit_findings (provider, timing_partner_id, event_id, kind, participant_id, fields, first_seen, last_seen)
    SELECT ${provider}, ${partnerId}, ${eventId}, i.kind, i.key, string_to_array(i.fields, ','),
      startlist.clock(), startlist.clock()
    FROM unnest(${findings.map((f) => f.kind)}::text[], ${findings.map((f) => f.key)}::text[],
      ${findings.map((f) => f.fields.join(','))}::text[]) AS i (kind, key, fields)
    ON CONFLICT (provider, timing_partner_id, event_id, kind, participant_id)
      DO UPDATE SET fields = excluded.fields, last_seen = excluded.last_seen`.execute(trx)
  await sql`
    DELETE FROM audit_findings WHERE provider = ${provider} AND timing_partner_id = ${partnerId}
      AND event_id = ${eventId} AND NOT (kind, participant_id) IN (
        SELECT * FROM unnest(${findings.map((f) => f.kind)}::text[], ${findings.map((f) => f.key)}::text[]))`.execute(
    trx,
  )
}

/** A finding with where and when it was seen. */
export interface KeptFinding extends PartnerEvent, Finding {
  firstSeen: number
}

/** All mismatches that the last audits left, at most `limit`. */
export async function keptFindings(db: Db, limit: number): Promise<KeptFinding[]> {
  const { rows } = await sql<KeptFinding>`
    SELECT provider, timing_partner_id AS "partnerId", event_id AS "eventId", kind, participant_id AS key, fields,
      (extract(epoch FROM first_seen) * 1000)::float8 AS "firstSeen"
    FROM audit_findings ORDER BY provider, event_id, timing_partner_id, kind, participant_id LIMIT ${limit}`.execute(
    db,
  )
  return rows
}

/** An event whose last audit left mismatches. */
export interface MismatchedEvent extends PartnerEvent {
  findings: number
}

/** Every event with mismatches, and how many. */
export async function mismatchedEvents(db: Db): Promise<MismatchedEvent[]> {
  const { rows } = await sql<MismatchedEvent>`
    SELECT provider, timing_partner_id AS "partnerId", event_id AS "eventId", count(*)::int AS findings
    FROM audit_findings GROUP BY 1, 2, 3 ORDER BY 1, 3, 2`.execute(db)
  return rows
}

/** How many mismatches of each kind the last audits left; `ledger` counts calls that the ledger does not know. */
export async function mismatchCounts(db: Db): Promise<{ kind: string; count: number }[]> {
  const { rows } = await sql<{ kind: string; count: number }>`
    SELECT k.kind, coalesce(f.count, 0)::int AS count
    FROM (VALUES ('count'), ('row'), ('feed')) AS k (kind)
    LEFT JOIN (SELECT kind, count(*) FROM audit_findings GROUP BY kind) f USING (kind)
    UNION ALL SELECT 'ledger', coalesce(sum(told_excess), 0)::int FROM accounts
    ORDER BY kind`.execute(db)
  return rows
}
