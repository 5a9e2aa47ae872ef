import { sql } from 'kysely'
import type { PartnerEvent } from '../changes.ts'
import type { Db, Trx } from '../database.ts'

/** A rejected record or field as a person looks at it. Instants in ms since the epoch. */
export interface RejectLine extends PartnerEvent {
  rejectId: number
  accountId: number
  kind: 'record' | 'field'
  /** The registration number; for a record without one, the hex of its fingerprint. */
  recordKey: string
  /** Empty for a whole record. */
  field: string
  reason: string
  firstSeen: number
  lastSeen: number
}

/** The same with what the provider sent: it may be personal data, and belongs in no log. */
export interface KeptReject extends RejectLine {
  raw: string
}

const LINE = sql`reject_id AS "rejectId", provider, timing_partner_id AS "partnerId", account_id AS "accountId",
  event_id AS "eventId", kind, record_key AS "recordKey", field, reason,
  (extract(epoch FROM first_seen) * 1000)::float8 AS "firstSeen",
  (extract(epoch FROM last_seen) * 1000)::float8 AS "lastSeen"`

/** Rejects in the order of their ids, at most `limit` after one: a list may be long. */
export async function listRejects(
  db: Db,
  only: {
    eventId?: string | undefined
    partnerId?: number | undefined
    provider?: string | undefined
    after: number
    limit: number
  },
): Promise<RejectLine[]> {
  const result = await sql<RejectLine>`
    SELECT ${LINE} FROM rejected_records WHERE reject_id > ${only.after}
      AND (${only.partnerId ?? null}::int IS NULL OR timing_partner_id = ${only.partnerId ?? null})
      AND (${only.provider ?? null}::text IS NULL OR provider = ${only.provider ?? null})
      AND (${only.eventId ?? null}::text IS NULL OR event_id = ${only.eventId ?? null})
    ORDER BY reject_id LIMIT ${only.limit}`.execute(db)
  return result.rows
}

/** One reject with its raw text; null when it has left the list. */
export async function readReject(db: Db, rejectId: number): Promise<KeptReject | null> {
  const result = await sql<KeptReject>`
    SELECT ${LINE}, raw FROM rejected_records WHERE reject_id = ${rejectId}`.execute(db)
  return result.rows[0] ?? null
}

/** An event of a timing partner that has rejects, and how many. */
export interface RejectedEvent extends PartnerEvent {
  accountId: number
  rejects: number
}

/** Each timing partner's event with rejects. */
export async function rejectedEvents(
  db: Db,
  only: { rejectId?: number | undefined },
): Promise<RejectedEvent[]> {
  const result = await sql<RejectedEvent>`
    SELECT provider, timing_partner_id AS "partnerId", account_id AS "accountId", event_id AS "eventId",
      count(*)::int AS rejects
    FROM rejected_records WHERE (${only.rejectId ?? null}::bigint IS NULL OR reject_id = ${only.rejectId ?? null})
    GROUP BY 1, 2, 3, 4 ORDER BY 3, 4, 2`.execute(db)
  return result.rows
}

/** Rejects of one timing partner and event with their raw text, at most `limit` after one, by id. */
export async function rejectsOf(
  trx: Trx,
  event: PartnerEvent,
  only: { rejectId?: number | undefined; after: number; limit: number },
): Promise<KeptReject[]> {
  const result = await sql<KeptReject>`
    SELECT ${LINE}, raw FROM rejected_records
    WHERE provider = ${event.provider} AND timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId}
      AND reject_id > ${only.after}
      AND (${only.rejectId ?? null}::bigint IS NULL OR reject_id = ${only.rejectId ?? null})
    ORDER BY reject_id LIMIT ${only.limit}`.execute(trx)
  return result.rows
}
