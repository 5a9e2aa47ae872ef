import { sql } from 'kysely'
import type { Trx } from '../database.ts'
import { asKey, inList, type ParticipantTable } from './table.ts'

/** A listed row that is not simply "as stored, and proven". */
export interface ProbeHit {
  key: string
  stored: boolean
  /** Stored, and not removed. */
  live: boolean
  /** The stored fingerprint is this one and the row is live: nothing to write, but its proof is missing (W4). */
  same: boolean
}

/**
 * Compares a page with what is stored, by key and fingerprint: returns only rows that differ, or that are stored by
 * a pass later than `provenPass`. A quiet page returns nothing, writes nothing and locks nothing; a guarded upsert
 * would lock every row and dirty its page (60 MB of WAL for 50,000 unchanged rows).
 */
export async function probe(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string; provenPass: number },
  rows: readonly { key: string; fingerprint: Buffer }[],
): Promise<ProbeHit[]> {
  const keys = rows.map((row) => row.key)
  const fingerprints = rows.map((row) => row.fingerprint)
  const result = await sql<ProbeHit>`
    SELECT i.key, p.id IS NOT NULL AS stored, p.id IS NOT NULL AND p.removed_at IS NULL AS live,
      coalesce(p.list_fingerprint = i.fingerprint AND p.removed_at IS NULL AND p.absences = 0, false) AS same
    FROM unnest(${keys}::text[], ${fingerprints}::bytea[]) AS i (key, fingerprint)
    LEFT JOIN ${sql.table(shape.table)} p
      ON ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
        AND p.${sql.ref(shape.key)} = ${asKey(shape, sql`i.key`)}
    WHERE p.list_fingerprint IS DISTINCT FROM i.fingerprint
      OR p.removed_at IS NOT NULL OR p.absences > 0 OR p.list_pass IS NULL OR p.list_pass > ${at.provenPass}`.execute(
    trx,
  )
  // Where the older system put somebody into a second event, one of the two rows has to go.
  return [...Map.groupBy(result.rows, ({ key }) => key).values()].map((hits) =>
    hits.length === 1 ? hits[0]! : { ...hits[0]!, live: hits.some(({ live }) => live), same: false },
  )
}
