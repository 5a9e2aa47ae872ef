import { sql } from 'kysely'
import type { Db } from '../../src/store/database.ts'

/** One registration in so many is new to startlist. */
const NEW = 50

const RAW = `jsonb_build_object('list', jsonb_build_object('id', p.participant_id, 'first_name', p.first_name,
  'last_name', p.last_name, 'email', p.email, 'phone', p.phone, 'filler', repeat(md5(p.participant_id), 24)))`

/**
 * What a first pass over all events leaves in the shadow: every row met, with what the provider said of it, and some that
 * the legacy tables lack. Set by statements over the whole table, as it is not the passes that are measured.
 */
export async function passOver(db: Db): Promise<void> {
  const columns = `event_id, participant_id, timing_partner_id, first_name, last_name, email, mapping_version, row_hash,
    list_fingerprint, raw_data, list_pass, fetched_at, fetched_date`
  for (const text of [
    `UPDATE haku_events SET row_hash = sha256(event_id::bytea), raw_data = '{}', fetched_at = now()`,
    `UPDATE haku_participants p SET mapping_version = 1, row_hash = sha256(p.participant_id::bytea),
      list_fingerprint = sha256(p.email::bytea), raw_data = ${RAW}, list_pass = 1, fetched_at = now(), fetched_date = now()`,
    `INSERT INTO haku_participants (${columns})
      SELECT event_id, 'N-' || participant_id, timing_partner_id, first_name, last_name, email, 1, row_hash,
        list_fingerprint, raw_data, 1, now(), now() FROM haku_participants WHERE id % ${NEW} = 0`,
    `UPDATE runsignup_races SET raw_data = '{}', fetched_at = now()`,
    `UPDATE runsignup_events SET row_hash = sha256(event_id::text::bytea), raw_data = '{}', fetched_at = now()`,
    `UPDATE runsignup_participants p SET mapping_version = 1, row_hash = sha256(p.registration_id::text::bytea),
      list_fingerprint = sha256(p.first_name::bytea), raw_data = '{}', list_pass = 1, fetched_at = now(), fetched_date = now()`,
    'VACUUM ANALYZE haku_participants',
    'VACUUM ANALYZE runsignup_participants',
    'CHECKPOINT',
  ])
    await sql.raw(text).execute(db)
}
