import { isolated } from '../isolation/policies.ts'

/** A fact of the record of a whole registration at Haku: of the detail, else of a list row that is one. */
const WHOLE = `CASE jsonb_typeof(p.raw_data -> 'detail') WHEN 'object' THEN p.raw_data -> 'detail'
      ELSE p.raw_data -> 'list' END`

/** Every registration with all that is kept of it, under the names that files use. */
export const START_LISTS = `CREATE OR REPLACE VIEW startlist.start_lists AS
    SELECT 'haku'::text AS provider, p.timing_partner_id, p.event_id AS list_id, p.event_id,
      p.participant_id AS registration, p.registration_status AS status, p.bib_number AS bib, p.provider_bib, p.local_bib,
      p.chip_number AS chip, p.first_name, nullif(r.whole #>> '{participant,middle_initial}', '') AS middle_name,
      p.last_name, p.gender, p.date_of_birth, coalesce(p.age_on_race_day, p.listed_age) AS age, p.category,
      p.categories, p.wave, p.corral, p.team_affiliation AS team, p.email, p.phone,
      r.whole #>> '{participant,address,line1}' AS street, r.whole #>> '{participant,address,city}' AS city,
      r.whole #>> '{participant,address,state}' AS state, r.whole #>> '{participant,address,zip_code}' AS zip,
      r.whole #>> '{participant,address,country}' AS country, p.nationality, p.emergency_contact, p.payment_status,
      p.amount_paid, p.special_requirements, r.whole ->> 'shirt_size_name' AS shirt,
      r.whole -> 'additional_questions' AS answers, p.registered_at, p.removed_at, p.successor,
      CASE WHEN p.list_fingerprint IS NOT NULL AND p.detail_of IS DISTINCT FROM p.list_fingerprint
        THEN 'pending' ELSE 'read' END AS details, p.detail_read_at, NULL::integer AS race_id
    FROM haku_participants p CROSS JOIN LATERAL (SELECT ${WHOLE} AS whole) AS r
    WHERE p.participant_id IS NOT NULL
    UNION ALL
    SELECT 'runsignup', p.timing_partner_id, p.race_id::text, p.event_id::text, p.registration_id::text,
      p.registration_status, p.bib_num, p.provider_bib, p.local_bib, coalesce(p.chip_number, p.chip_num), p.first_name,
      p.middle_name, p.last_name, p.gender, p.dob, coalesce(p.age_on_race_day, p.listed_age, p.age), e.name,
      '[]'::jsonb, p.wave, p.corral, p.team_affiliation, p.email, p.phone, p.address ->> 'street',
      p.address ->> 'city', p.address ->> 'state', p.address ->> 'zipcode', p.address ->> 'country_code', p.nationality,
      NULL::jsonb, NULL::text, p.amount_paid, NULL::text, p.additional_data ->> 'giveaway',
      p.additional_data -> 'question_responses', p.registered_at, p.removed_at, p.successor,
      CASE WHEN p.list_fingerprint IS NOT NULL AND p.detail_of IS DISTINCT FROM p.list_fingerprint
        THEN 'pending' ELSE 'read' END, p.detail_read_at, p.race_id
    FROM runsignup_participants p
    LEFT JOIN runsignup_events e ON e.timing_partner_id = p.timing_partner_id AND e.event_id = p.event_id
    WHERE p.registration_id IS NOT NULL`

/** What start lists are written from, and lists that were frozen: signed as they stood. */
export const freezeTables: readonly string[] = [
  START_LISTS,
  'ALTER VIEW startlist.start_lists SET (security_invoker = true)',

  // Keys that freezes are signed with; the one that was made last signs.
  `CREATE TABLE IF NOT EXISTS signing_keys (
    signing_key_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- RFC 7638 thumbprint of the public key.
    kid text NOT NULL UNIQUE,
    public_key jsonb NOT NULL,
    -- Sealed for signing:<id>.
    private_key text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT startlist.clock()
  )`,
  `CREATE TABLE IF NOT EXISTS freezes (
    freeze_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    list_id text NOT NULL,
    event_id text NOT NULL,
    frozen_at timestamptz NOT NULL,
    frozen_by text NOT NULL,
    -- The list without its people: event, instant, feed position, how complete it was.
    state jsonb NOT NULL,
    rows integer NOT NULL,
    -- Of the canonical JSON of the whole list, and of the hashes of its rows.
    sha256 bytea NOT NULL,
    rows_sha256 bytea NOT NULL,
    -- Compact JWS over all of that.
    signature text NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS freezes_list ON freezes (timing_partner_id, provider, list_id, freeze_id)',
  `CREATE TABLE IF NOT EXISTS freeze_rows (
    freeze_id bigint NOT NULL REFERENCES freezes ON DELETE CASCADE,
    place integer NOT NULL,
    provider text NOT NULL,
    timing_partner_id integer NOT NULL,
    list_id text NOT NULL,
    registration text NOT NULL,
    line jsonb NOT NULL,
    -- Goes with what was erased: without it nobody finds out by guessing what a hash was of.
    salt text,
    row_sha256 bytea NOT NULL,
    -- Why something was taken out of the line: forget, retention, kept.
    erased text CHECK (erased IN ('forget', 'retention', 'kept')),
    PRIMARY KEY (freeze_id, place)
  )`,
  'CREATE INDEX IF NOT EXISTS freeze_rows_registration ON freeze_rows (provider, registration)',
  'CREATE INDEX IF NOT EXISTS freeze_rows_list ON freeze_rows (timing_partner_id, provider, list_id)',
  ...['freezes', 'freeze_rows'].flatMap((table) => isolated(table, 'partner')),
]
