import { sql } from 'kysely'
import type { Db } from '../../src/store/database.ts'
import { legacySchema } from '../../test/store/adoption/legacy-tables.ts'
import { PLAIN } from '../../test/store/adoption/variant.ts'

/** One registration in so many is there twice. */
const DOUBLED = 20
export const EVENTS = 2_000
const PARTNERS = 10

/** Makes a legacy database with so many rows in `haku_participants`, a fifth as many in RunSignUp's, and a history. */
export async function fillLegacy(db: Db, rows: number): Promise<void> {
  const perEvent = Math.ceil(rows / EVENTS)
  const statements = [
    ...legacySchema(PLAIN),
    `INSERT INTO timing_partners (company_name, hashed_password) SELECT 'Partner ' || n, 'x' FROM generate_series(1, ${PARTNERS}) n`,
    `INSERT INTO providers (name) VALUES ('RunSignUp'), ('ChronoTrack'), ('Race Roster'), ('Haku')`,
    `INSERT INTO partner_provider_credentials (timing_partner_id, provider_id, principal, secret)
      SELECT n, 4, 'client-' || n, 'secret' FROM generate_series(1, ${PARTNERS}) n`,
    `INSERT INTO haku_events (event_id, event_name, start_date, timing_partner_id)
      SELECT 'ev-' || n, 'Race ' || n, timestamp '2025-01-01' + n * interval '4 hours', 1 + n % ${PARTNERS}
      FROM generate_series(1, ${EVENTS}) n`,
    `INSERT INTO haku_participants (event_id, participant_id, bib_number, first_name, last_name, email, phone,
        date_of_birth, gender, registration_date, fetched_date, credentials_used, timing_partner_id)
      SELECT 'ev-' || e, 'R-' || (n - CASE WHEN n % ${DOUBLED} = 1 THEN 1 ELSE 0 END), (n % ${perEvent})::text,
        'First' || n, 'Last' || n, 'runner' || n || '@example.org', '555-01' || n % 100, date '1980-01-01' + n % 9000,
        CASE n % 2 WHEN 0 THEN 'M' ELSE 'F' END, timestamp '2025-01-01' + n * interval '1 second',
        timestamp '2025-06-01' + n * interval '1 second', 'client-' || 1 + e % ${PARTNERS}, 1 + e % ${PARTNERS}
      FROM generate_series(0, ${rows - 1}) n, LATERAL (SELECT 1 + n / ${perEvent} AS e) event`,
    `INSERT INTO runsignup_races (race_id, name, timing_partner_id) SELECT n, 'Race ' || n, 1 + n % ${PARTNERS} FROM generate_series(1, 100) n`,
    `INSERT INTO runsignup_events (event_id, race_id, name, timing_partner_id)
      SELECT n, n, '5K', 1 + n % ${PARTNERS} FROM generate_series(1, 100) n`,
    `INSERT INTO runsignup_participants (race_id, event_id, registration_id, first_name, bib_num, timing_partner_id, fetched_date)
      SELECT 1 + n % 100, 1 + n % 100, n, 'First' || n, n::text, 1 + (1 + n % 100) % ${PARTNERS}, timestamp '2025-06-01'
      FROM generate_series(0, ${Math.floor(rows / 5) - 1}) n`,
    `INSERT INTO sync_history (timing_partner_id, event_id, status, num_of_synced_records)
      SELECT 1 + n % ${PARTNERS}, 'ev-' || 1 + n % ${EVENTS}, 'completed', 5 FROM generate_series(1, ${rows}) n`,
    'ANALYZE',
  ]
  for (const statement of statements) await sql.raw(statement).execute(db)
}
