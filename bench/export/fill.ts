import { sql } from 'kysely'
import type { Db } from '../../src/store/database.ts'

/** An event with any number of whole registrations, as a detail of Haku leaves them. */
export const EVENT = 'large'

export async function fill(db: Db, rows: number): Promise<void> {
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing') ON CONFLICT DO NOTHING;
    INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'haku', 'c1') ON CONFLICT DO NOTHING;
    INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name, starts_at, timezone)
      VALUES (${sql.lit(EVENT)}, 1, 1, 'Large Half', '2026-05-02T11:00:00Z', 'America/New_York') ON CONFLICT DO NOTHING`.execute(
    db,
  )
  const batch = 5_000
  for (let from = 0; from < rows; from += batch)
    await sql`
      INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, bib_number, provider_bib, chip_number,
        first_name, last_name, email, phone, date_of_birth, gender, nationality, team_affiliation, category, wave, corral,
        age_on_race_day, registered_at, amount_paid, detail_read_at, categories, emergency_contact, raw_data)
      SELECT ${EVENT}, 1, 'G-' || lpad(n::text, 8, '0'), n::text, n::text, upper(left(md5(n::text), 7)),
        'Ana' || left(md5('f' || n), 6), 'Alder-' || left(md5('l' || n), 8), 'runner' || n || '@example.com', '+1 555 0100',
        date '1950-01-01' + (n % 20000)::int, CASE n % 2 WHEN 0 THEN 'Male' ELSE 'Female' END, 'USA',
        CASE n % 7 WHEN 0 THEN 'Harbor Striders' END, '10K', 'Wave ' || n % 4, 'A', 20 + (n % 60)::int,
        '2026-01-02T03:04:05Z', 85, '2026-05-01T15:00:00Z',
        '[{"id": "501", "name": "10K", "bib": null, "chip": null, "wave": null, "corral": null}]',
        '{"name": "Ben Alder", "phone": "+1 555 0101", "relationship": "Spouse"}',
        jsonb_build_object('list', jsonb_build_object('registration_number', n, 'person_full_name', md5(n::text)), 'detail',
          jsonb_build_object('registration_number', n, 'shirt_size_name', 'Adult M', 'participant', jsonb_build_object(
            'first_name', 'Ana', 'dob', '1990-02-03', 'address', jsonb_build_object('line1', n || ' Mill Street', 'city',
            'Springhaven', 'state', 'NY', 'zip_code', '01234', 'country', 'US')), 'products', jsonb_build_array(repeat(md5(n::text), 30))))
      FROM generate_series(${from}::int, ${Math.min(rows, from + batch) - 1}::int) AS n`.execute(db)
  await sql`VACUUM ANALYZE haku_participants`.execute(db)
}
