import type { Variant } from './variant.ts'

/** The statements of a legacy database, as its scripts left it: varchar, serial, naive timestamps. */
export function legacySchema(v: Variant): string[] {
  const id = v.otherNames ? 'id' : 'timing_partner_id'
  const partner = v.orphans ? 'integer' : `integer REFERENCES timing_partners (${id}) ON DELETE CASCADE`
  const references = (target: string) => (v.orphans ? '' : ` REFERENCES ${target} ON DELETE CASCADE`)
  const now = 'timestamp DEFAULT CURRENT_TIMESTAMP'
  return [
    `CREATE TABLE timing_partners (${id} serial PRIMARY KEY, ${v.otherNames ? 'name' : 'company_name'} varchar(255) NOT NULL,
      ${v.otherNames ? 'contact_email varchar(255), api_access_enabled boolean DEFAULT true' : 'hashed_password varchar(255) NOT NULL'},
      created_at ${now}, updated_at ${now})`,
    `CREATE TABLE providers (${v.otherNames ? 'id' : 'provider_id'} serial PRIMARY KEY,
      ${v.otherNames ? 'provider_name' : 'name'} varchar(100) UNIQUE NOT NULL, provider_type varchar(50),
      api_base_url varchar(255), rate_limit_per_hour integer DEFAULT 1000, created_at ${now})`,
    `CREATE TABLE partner_provider_credentials (partner_provider_credential_id serial PRIMARY KEY,
      provider_id integer REFERENCES providers ON DELETE CASCADE, timing_partner_id integer REFERENCES timing_partners ON DELETE CASCADE,
      principal varchar(255), secret varchar(255), credential_type varchar(50), additional_config jsonb,
      created_at ${now}, updated_at ${now}${v.oneCredential ? ', UNIQUE (timing_partner_id, provider_id)' : ''})`,
    `CREATE TABLE haku_events (event_id varchar(100) PRIMARY KEY, organization_id varchar(100), event_name varchar(255),
      event_description text, start_date timestamp, end_date timestamp, location varchar(255), event_type varchar(50),
      distance ${v.textDistance ? 'varchar(50)' : 'numeric(10,2)'}, registration_limit integer, registration_count integer,
      registration_fee numeric(10,2), currency varchar(10), ${v.eventStatus ? 'event_status' : 'status'} varchar(50),
      created_at ${now}, updated_at ${now}, fetched_date ${now}, credentials_used varchar(255), timing_partner_id ${partner})`,
    `CREATE TABLE haku_participants (id serial PRIMARY KEY, event_id varchar(100)${references('haku_events')},
      participant_id varchar(100), bib_number varchar(20), first_name varchar(100), last_name varchar(100), email varchar(255),
      phone varchar(20), date_of_birth date, gender varchar(20), nationality varchar(50), emergency_contact jsonb,
      team_affiliation varchar(255), category varchar(${v.textDistance ? 50 : 100}), registration_date timestamp,
      payment_status varchar(50), amount_paid numeric(10,2), special_requirements text, fetched_date ${now},
      credentials_used varchar(255), timing_partner_id ${partner}, created_at ${now})`,
    'CREATE INDEX idx_haku_participants_event ON haku_participants (event_id)',
    ...(v.constraint
      ? [
          `ALTER TABLE haku_participants ADD CONSTRAINT unique_haku_participant
            UNIQUE (event_id, participant_id, timing_partner_id)`,
        ]
      : []),
    ...(v.runsignup ? runsignupSchema(partner, references, now) : []),
    `CREATE TABLE sync_queue (sync_queue_id serial PRIMARY KEY, timing_partner_id integer, provider_id integer,
      event_id varchar(100), operation_type varchar(50) NOT NULL, sync_direction varchar(20) DEFAULT 'pull',
      priority integer DEFAULT 5, status varchar(20) DEFAULT 'pending', scheduled_time ${now}, retry_count integer DEFAULT 0,
      max_retries integer DEFAULT 3, payload jsonb, created_at ${now}, started_at timestamp, completed_at timestamp)`,
    `CREATE TABLE sync_history (sync_history_id serial PRIMARY KEY, timing_partner_id integer, provider_id integer,
      event_id varchar(100), operation_type varchar(50), sync_direction varchar(20), sync_time ${now}, status varchar(20),
      num_of_synced_records integer, entries_success integer, entries_failed integer, error_details text,
      data_snapshot jsonb, duration_seconds numeric(10,2), callback_url varchar(255), reason varchar(255))`,
    'CREATE INDEX idx_sync_history_time ON sync_history (sync_time)',
    ...legacyViews(v),
  ]
}

function runsignupSchema(partner: string, references: (target: string) => string, now: string): string[] {
  return [
    `CREATE TABLE runsignup_races (race_id integer PRIMARY KEY, name varchar(255), last_date timestamp, last_end_date timestamp,
      next_date timestamp, next_end_date timestamp, is_draft_race boolean, is_private_race boolean,
      is_registration_open boolean, created timestamp, last_modified timestamp, description text, url varchar(255),
      external_race_url varchar(255), external_results_url varchar(255), fb_page_id varchar(50), fb_event_id varchar(50),
      address jsonb, timezone varchar(50), logo_url varchar(255), real_time_notifications_enabled boolean,
      fetched_date ${now}, credentials_used varchar(255), timing_partner_id ${partner}, created_at ${now})`,
    `CREATE TABLE runsignup_events (event_id integer PRIMARY KEY, race_id integer${references('runsignup_races')},
      name varchar(255), details text, start_time timestamp, end_time timestamp, age_calc_base_date date,
      registration_opens timestamp, event_type varchar(50), distance numeric(10,2), volunteer boolean, require_dob boolean,
      require_phone boolean, giveaway text, fetched_date ${now}, credentials_used varchar(255),
      timing_partner_id ${partner}, created_at ${now})`,
    `CREATE TABLE runsignup_participants (id serial PRIMARY KEY, race_id integer${references('runsignup_races')},
      event_id integer${references('runsignup_events')}, registration_id integer, user_id integer,
      first_name varchar(100), middle_name varchar(100), last_name varchar(100), email varchar(255), address jsonb, dob date,
      gender varchar(30), phone varchar(50), profile_image_url varchar(255), bib_num varchar(50), chip_num varchar(50),
      age integer, registration_date timestamp, team_info jsonb, payment_info jsonb, additional_data jsonb,
      fetched_date ${now}, credentials_used varchar(255), timing_partner_id ${partner}, created_at ${now})`,
  ]
}

function legacyViews({ views, runsignup }: Variant): string[] {
  if (views === 'none') return []
  const participants = [
    ...(runsignup
      ? [
          `SELECT 'runsignup' AS source_provider, timing_partner_id, event_id::text AS event_id, first_name, last_name, email,
            gender, bib_num AS bib_number, address->>'city' AS city, address->>'state' AS state, age, registration_date,
            fetched_date FROM runsignup_participants`,
        ]
      : []),
    ...(views === 'others'
      ? [
          `SELECT 'raceroster' AS source_provider, timing_partner_id, event_id::text, first_name, last_name, email, gender,
            bib AS bib_number, city, NULL::text AS state, age, registered, fetched_date FROM raceroster_participants`,
        ]
      : []),
    `SELECT 'haku' AS source_provider, timing_partner_id, event_id::text, first_name, last_name, email, gender, bib_number,
      NULL::text AS city, NULL::text AS state, NULL::integer AS age, registration_date, fetched_date FROM haku_participants`,
  ]
  return [
    `CREATE TABLE raceroster_participants (timing_partner_id integer, event_id integer, first_name varchar(100),
      last_name varchar(100), email varchar(255), gender varchar(20), bib varchar(20), city varchar(100), age integer,
      registered timestamp, fetched_date timestamp)`,
    `CREATE VIEW unified_participants AS ${participants.join(' UNION ALL ')}`,
    `CREATE VIEW unified_events AS SELECT 'haku' AS source_provider, timing_partner_id, event_id, event_name,
      start_date AS event_date, fetched_date FROM haku_events${
        runsignup
          ? ` UNION ALL SELECT 'runsignup', timing_partner_id, event_id::text, name, start_time, fetched_date FROM runsignup_events`
          : ''
      }`,
    `COMMENT ON VIEW unified_events IS 'every provider''s events'`,
  ]
}
