import { sql } from 'kysely'
import type { Db } from '../database.ts'
import type { Finding } from './results.ts'

/** The last audit of an event, for a person. Instants in ms since the epoch. */
export interface AuditLine {
  provider: string
  partnerId: number
  listId: string
  name: string
  auditedAt: number
  complete: boolean
  /** Registrations that are stored, and that the provider counts; null where it does not. */
  ours: number
  theirs: number | null
  verdict: string
  sampled: number
  blind: number
  calls: number
  findings: (Finding & { firstSeen: string })[]
}

/** Findings that a line names. */
const MOST_FINDINGS = 50

/** The last audit of each event, those with findings first. @param only.partnerId null for all */
export async function listAudits(db: Db, only: { partnerId: number | null }): Promise<AuditLine[]> {
  const result = await sql<AuditLine>`
    SELECT a.provider, a.timing_partner_id AS "partnerId", a.event_id AS "listId", coalesce(l.name, a.event_id) AS name,
      (extract(epoch FROM a.audited_at) * 1000)::float8 AS "auditedAt", a.complete, a.ours, a.theirs,
      a.count_verdict AS verdict, a.sampled, a.blind, a.calls, coalesce(f.findings, '[]') AS findings
    FROM audits a
    LEFT JOIN startlist.lists l ON l.provider = a.provider AND l.timing_partner_id = a.timing_partner_id
      AND l.list_id = a.event_id
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('kind', kind, 'key', participant_id, 'fields', fields,
        'firstSeen', to_char(first_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) AS findings
      FROM (SELECT * FROM audit_findings f WHERE f.provider = a.provider
          AND f.timing_partner_id = a.timing_partner_id AND f.event_id = a.event_id
        ORDER BY kind, participant_id LIMIT ${MOST_FINDINGS}) AS first) f ON true
    WHERE (${only.partnerId}::int IS NULL OR a.timing_partner_id = ${only.partnerId})
    ORDER BY f.findings IS NULL, a.audited_at DESC, a.provider, a.event_id, a.timing_partner_id LIMIT 1000`.execute(
    db,
  )
  return result.rows
}
