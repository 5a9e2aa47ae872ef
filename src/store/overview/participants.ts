import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** A registration as `participants` shows it; texts are as the provider spells them. */
export interface ParticipantLine {
  bib: string | null
  firstName: string | null
  lastName: string | null
  gender: string | null
  /** Age on race day where it can be told, else as listed. */
  age: number | null
  dateOfBirth: string | null
  category: string | null
  wave: string | null
  corral: string | null
  team: string | null
  email: string | null
  phone: string | null
  chip: string | null
  registration: string | null
  status: string
  registeredAt: string | null
  /** `pending` until the registration's detail, and so its bib, has been read (F3). */
  details: 'read' | 'pending'
  partnerId: number
}

const BATCH = 1_000

/**
 * The registrations of an event, or of a list of several, by name, in batches of one snapshot: memory does not grow with their number.
 * @param only `removed`: those that are gone as well
 */
export async function* streamParticipants(
  db: Db,
  only: { eventId: string; partnerId?: number; removed?: boolean },
): AsyncGenerator<ParticipantLine[]> {
  const trx = await db.startTransaction().setAccessMode('read only').execute()
  try {
    // Whoever reads on the other end of a pipe may take long.
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(trx)
    await sql`
      DECLARE lines NO SCROLL CURSOR FOR
      SELECT bib_number AS bib, first_name AS "firstName", last_name AS "lastName", gender,
        age, date_of_birth::text AS "dateOfBirth", category, wave, corral, team, email, phone, chip_number AS chip, participant_id AS registration,
        registration_status AS status, registered_at AS "registeredAt",
        CASE WHEN list_fingerprint IS NOT NULL AND detail_of IS DISTINCT FROM list_fingerprint
          THEN 'pending' ELSE 'read' END AS details, timing_partner_id AS "partnerId"
      FROM startlist.list_participants
      WHERE (list_id = ${only.eventId} OR event_id = ${only.eventId})
        AND (${only.partnerId ?? null}::int IS NULL OR timing_partner_id = ${only.partnerId ?? null})
        AND (${only.removed ?? false} OR removed_at IS NULL)
      ORDER BY timing_partner_id, last_name, first_name, participant_id`.execute(trx)
    for (;;) {
      const { rows } = await sql<ParticipantLine>`FETCH ${sql.lit(BATCH)} FROM lines`.execute(trx)
      if (rows.length > 0) yield rows
      if (rows.length < BATCH) break
    }
  } finally {
    // Nothing was written; a broken connection has nothing to end either.
    await trx
      .rollback()
      .execute()
      .catch(() => {})
  }
}
