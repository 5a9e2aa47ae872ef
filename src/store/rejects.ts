import { sql } from 'kysely'
import type { PartnerEvent } from './changes.ts'
import type { Trx } from './database.ts'

/** A record or a field that could not be stored as it is (D2). */
export interface Reject {
  kind: 'record' | 'field'
  /** The registration number; for a record without one, the hex of its fingerprint. */
  recordKey: string
  /** Empty for a whole record. */
  field: string
  reason: string
  raw: string
  fingerprint: Buffer | null
}

/** Keeps rejected records and fields, once each: a second sighting moves `last_seen`. Returns how many are new. */
export async function keepRejects(
  trx: Trx,
  event: PartnerEvent & { accountId: number },
  runId: number | null,
  rejects: readonly Reject[],
): Promise<number> {
  if (rejects.length === 0) return 0
  const unique = [...new Map(rejects.map((r) => [`${r.kind}\n${r.recordKey}\n${r.field}`, r])).values()]
  const result = await sql<{ fresh: boolean }>`
    INSERT INTO rejected_records (provider, timing_partner_id, account_id, event_id, kind, record_key, field, reason,
      raw, fingerprint, first_seen, last_seen, run_id)
    SELECT ${event.provider}, ${event.partnerId}, ${event.accountId}, ${event.eventId}, i.kind, i.record_key, i.field,
      i.reason, i.raw, i.fingerprint, startlist.clock(), startlist.clock(), ${runId}
    FROM unnest(
      ${unique.map((r) => r.kind)}::text[],
      ${unique.map((r) => r.recordKey)}::text[],
      ${unique.map((r) => r.field)}::text[],
      ${unique.map((r) => r.reason)}::text[],
      ${unique.map((r) => r.raw)}::text[],
      ${unique.map((r) => r.fingerprint)}::bytea[]
    ) AS i (kind, record_key, field, reason, raw, fingerprint)
    ON CONFLICT (provider, timing_partner_id, event_id, kind, record_key, field) DO UPDATE SET
      reason = excluded.reason, raw = excluded.raw, fingerprint = excluded.fingerprint, last_seen = excluded.last_seen
    RETURNING (xmax = 0) AS fresh`.execute(trx)
  return result.rows.filter((row) => row.fresh).length
}

/** Fields of these records that are readable now leave the list; what is still unreadable stays. */
export async function dropReadableFields(
  trx: Trx,
  event: PartnerEvent,
  keys: readonly string[],
  still: readonly { recordKey: string; field: string }[],
): Promise<void> {
  if (keys.length === 0) return
  await sql`
    DELETE FROM rejected_records r
    WHERE r.provider = ${event.provider} AND r.timing_partner_id = ${event.partnerId} AND r.event_id = ${event.eventId}
      AND r.record_key = ANY (${keys}::text[])
      AND NOT EXISTS (
        SELECT FROM unnest(${still.map((s) => s.recordKey)}::text[], ${still.map((s) => s.field)}::text[])
          AS s (record_key, field)
        WHERE s.record_key = r.record_key AND s.field = r.field)`.execute(trx)
}

/**
 * Records without a number that a finished sweep did not meet any more are mended or gone, and leave the list. Those
 * of PostgreSQL's refusal bear a number and leave when they are stored.
 */
export async function dropVanishedRecords(
  trx: Trx,
  sweep: { provider: string; accountId: number; eventId: string; pass: number },
): Promise<void> {
  await sql`
    DELETE FROM rejected_records r
    WHERE r.provider = ${sweep.provider} AND r.account_id = ${sweep.accountId} AND r.event_id = ${sweep.eventId}
      AND r.kind = 'record' AND r.record_key = encode(r.fingerprint, 'hex')
      AND NOT EXISTS (
        SELECT FROM sweep_seen s WHERE s.account_id = ${sweep.accountId} AND s.event_id = ${sweep.eventId}
          AND s.pass = ${sweep.pass} AND s.key = '#' || r.record_key)`.execute(trx)
}

/** Which of these fingerprints are kept as rejected whole: a rejected record is known by it (W4). */
export async function knownRejects(
  trx: Trx,
  event: PartnerEvent,
  fingerprints: readonly Buffer[],
): Promise<Set<string>> {
  if (fingerprints.length === 0) return new Set()
  const result = await sql<{ hex: string }>`
    SELECT encode(fingerprint, 'hex') AS hex FROM rejected_records
    WHERE provider = ${event.provider} AND timing_partner_id = ${event.partnerId} AND event_id = ${event.eventId}
      AND kind = 'record' AND fingerprint = ANY (${fingerprints}::bytea[])`.execute(trx)
  return new Set(result.rows.map((row) => row.hex))
}

/** Rejects that were stored after all leave the list. */
export async function dropRejects(trx: Trx, rejectIds: readonly number[]): Promise<void> {
  await sql`DELETE FROM rejected_records WHERE reject_id = ANY (${rejectIds}::bigint[])`.execute(trx)
}
