/**
 * Every registration, with what overviews show of it. `race_id` repeats the number that the list's text was made of:
 * see src/store/participants/of-list.ts.
 */
export const LIST_PARTICIPANTS = `CREATE OR REPLACE VIEW startlist.list_participants AS
    SELECT 'haku'::text AS provider, timing_partner_id, event_id AS list_id, event_id, participant_id, bib_number,
      first_name, last_name, gender, coalesce(age_on_race_day, listed_age) AS age, date_of_birth, category, wave, corral,
      team_affiliation AS team, email, phone, chip_number, registration_status, registered_at, removed_at, successor,
      list_fingerprint, detail_of, detail_read_at, NULL::integer AS race_id, provider_bib, local_bib, source_updated_at
    FROM haku_participants
    UNION ALL
    SELECT 'runsignup', p.timing_partner_id, p.race_id::text, p.event_id::text, p.registration_id::text, p.bib_num,
      p.first_name, p.last_name, p.gender, coalesce(p.age_on_race_day, p.listed_age, p.age), p.dob, e.name, p.wave,
      p.corral, p.team_affiliation, p.email, p.phone, coalesce(p.chip_number, p.chip_num), p.registration_status,
      p.registered_at, p.removed_at, p.successor, p.list_fingerprint, p.detail_of, p.detail_read_at, p.race_id,
      p.provider_bib, p.local_bib, p.source_updated_at
    FROM runsignup_participants p
    LEFT JOIN runsignup_events e ON e.timing_partner_id = p.timing_partner_id AND e.event_id = p.event_id`

/**
 * Lists of every provider behind one pair of views, so that plans and overviews name no provider. A list is what one
 * call can ask for: at Haku an event's, at RunSignUp a race's, with the registrations of all its events. Marks, plans,
 * feeds and holds are kept per list, under `event_id`.
 */
export const listTables: readonly string[] = [
  `ALTER TABLE runsignup_races
    ADD COLUMN IF NOT EXISTS raw_data jsonb,
    ADD COLUMN IF NOT EXISTS fetched_at timestamptz,
    -- What a person decides of a race holds for all its events: they are read in one list.
    ADD COLUMN IF NOT EXISTS cadence text,
    ADD COLUMN IF NOT EXISTS bib_authority text NOT NULL DEFAULT 'provider' CHECK (bib_authority IN ('provider', 'local'))`,
  `ALTER TABLE runsignup_events
    ADD COLUMN IF NOT EXISTS account_id integer REFERENCES accounts,
    ADD COLUMN IF NOT EXISTS starts_at timestamptz,
    ADD COLUMN IF NOT EXISTS starts_assumed boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS ends_at timestamptz,
    ADD COLUMN IF NOT EXISTS start_day date,
    ADD COLUMN IF NOT EXISTS end_day date,
    ADD COLUMN IF NOT EXISTS timezone text,
    ADD COLUMN IF NOT EXISTS timezone_source text,
    ADD COLUMN IF NOT EXISTS override_start text,
    ADD COLUMN IF NOT EXISTS override_timezone text,
    ADD COLUMN IF NOT EXISTS status text,
    ADD COLUMN IF NOT EXISTS raw_data jsonb,
    ADD COLUMN IF NOT EXISTS row_hash bytea,
    ADD COLUMN IF NOT EXISTS missing_since timestamptz,
    ADD COLUMN IF NOT EXISTS fetched_at timestamptz`,
  'CREATE INDEX IF NOT EXISTS runsignup_events_account ON runsignup_events (account_id)',
  'CREATE INDEX IF NOT EXISTS runsignup_events_race ON runsignup_events (timing_partner_id, race_id)',
  `ALTER TABLE runsignup_participants
    ADD COLUMN IF NOT EXISTS nationality text,
    ADD COLUMN IF NOT EXISTS team_affiliation text,
    ADD COLUMN IF NOT EXISTS amount_paid numeric(12,2)`,
  `CREATE INDEX IF NOT EXISTS runsignup_participants_list
    ON runsignup_participants (timing_partner_id, race_id, registration_id)`,
  ...['haku_participants', 'runsignup_participants'].map(
    // The registration that took the place of one that was transferred or deferred.
    (table) => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS successor text`,
  ),
  `ALTER TABLE sync_state
    -- Of providers with a feed of removals: down to where it was read, and when.
    ADD COLUMN IF NOT EXISTS removals_until timestamptz,
    ADD COLUMN IF NOT EXISTS removals_read_at timestamptz`,

  `CREATE OR REPLACE FUNCTION startlist.replan_race_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP <> 'DELETE' AND NEW.account_id IS NOT NULL THEN
        INSERT INTO sync_state (account_id, event_id, replan_at) VALUES (NEW.account_id, NEW.race_id::text, '-infinity')
        ON CONFLICT (account_id, event_id) DO UPDATE SET replan_at = '-infinity'
        WHERE sync_state.replan_at IS DISTINCT FROM '-infinity';
        PERFORM pg_notify('startlist_wake', NEW.account_id::text);
      END IF;
      IF TG_OP <> 'INSERT' THEN
        UPDATE sync_state SET replan_at = '-infinity'
        WHERE account_id = OLD.account_id AND event_id = OLD.race_id::text
          AND replan_at IS DISTINCT FROM '-infinity';
      END IF;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER replan_on_insert AFTER INSERT OR DELETE ON runsignup_events
    FOR EACH ROW EXECUTE FUNCTION startlist.replan_race_event()`,
  `CREATE OR REPLACE TRIGGER replan_on_update AFTER UPDATE ON runsignup_events FOR EACH ROW
    WHEN ((OLD.account_id, OLD.race_id, OLD.starts_at, OLD.starts_assumed, OLD.ends_at, OLD.start_day, OLD.end_day,
        OLD.timezone, OLD.missing_since IS NULL)
      IS DISTINCT FROM
      (NEW.account_id, NEW.race_id, NEW.starts_at, NEW.starts_assumed, NEW.ends_at, NEW.start_day, NEW.end_day,
        NEW.timezone, NEW.missing_since IS NULL))
    EXECUTE FUNCTION startlist.replan_race_event()`,
  `CREATE OR REPLACE FUNCTION startlist.replan_race() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE sync_state SET replan_at = '-infinity'
      WHERE event_id = NEW.race_id::text AND replan_at IS DISTINCT FROM '-infinity'
        AND account_id IN (SELECT account_id FROM runsignup_events
          WHERE timing_partner_id = NEW.timing_partner_id AND race_id = NEW.race_id);
      PERFORM pg_notify('startlist_wake', account_id::text) FROM (
        SELECT DISTINCT account_id FROM runsignup_events
        WHERE timing_partner_id = NEW.timing_partner_id AND race_id = NEW.race_id AND account_id IS NOT NULL) AS feeding;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER replan_on_update AFTER UPDATE ON runsignup_races FOR EACH ROW
    WHEN (OLD.cadence IS DISTINCT FROM NEW.cadence) EXECUTE FUNCTION startlist.replan_race()`,

  // Every event, and the list that it is read in.
  `CREATE OR REPLACE VIEW startlist.list_events AS
    SELECT 'haku'::text AS provider, timing_partner_id, account_id, event_id AS list_id, event_id,
      event_name AS list_name, event_name, starts_at, starts_assumed, ends_at, start_day, end_day, timezone,
      timezone_source, override_start, override_timezone, bib_authority, cadence, status, missing_since, raw_data,
      start_date AS start_wall, end_date AS end_wall
    FROM haku_events
    UNION ALL
    SELECT 'runsignup', timing_partner_id, e.account_id, race_id::text, e.event_id::text,
      r.name, e.name, e.starts_at, e.starts_assumed, e.ends_at, e.start_day, e.end_day, e.timezone,
      e.timezone_source, e.override_start, e.override_timezone, r.bib_authority, r.cadence, e.status, e.missing_since,
      e.raw_data, e.start_time, e.end_time
    FROM runsignup_events e JOIN runsignup_races r USING (timing_partner_id, race_id)`,
  // Every list as one line: a race of several events starts with the first that is not past, and ends with the last.
  `CREATE OR REPLACE VIEW startlist.lists AS
    SELECT 'haku'::text AS provider, timing_partner_id, account_id, event_id AS list_id, event_name AS name, 1 AS events,
      starts_at, starts_assumed, ends_at, start_day, end_day, timezone, timezone_source, override_start,
      override_timezone, bib_authority, cadence, status, missing_since IS NOT NULL AS missing
    FROM haku_events
    UNION ALL
    SELECT 'runsignup', timing_partner_id, e.account_id, race_id::text, min(r.name), count(*)::int,
      coalesce(min(e.starts_at) FILTER (WHERE greatest(e.starts_at, e.ends_at) > startlist.clock() - interval '1 day'),
        max(e.starts_at)),
      bool_or(e.starts_assumed),
      nullif(greatest(max(e.ends_at), max(e.starts_at)), coalesce(
        min(e.starts_at) FILTER (WHERE greatest(e.starts_at, e.ends_at) > startlist.clock() - interval '1 day'),
        max(e.starts_at))),
      coalesce(min(e.start_day) FILTER (WHERE greatest(e.start_day, e.end_day) > startlist.clock() - interval '2 days'),
        max(e.start_day)),
      max(e.end_day), min(e.timezone), min(e.timezone_source), min(e.override_start), min(e.override_timezone),
      min(r.bib_authority), min(r.cadence), min(e.status), bool_and(e.missing_since IS NOT NULL)
    FROM runsignup_events e JOIN runsignup_races r USING (timing_partner_id, race_id)
    GROUP BY timing_partner_id, e.account_id, race_id`,
  LIST_PARTICIPANTS,
  `CREATE INDEX IF NOT EXISTS runsignup_participants_list_text
    ON runsignup_participants (timing_partner_id, (race_id::text))`,

  // What legacy readers query over all providers; startlist's columns come after theirs.
  `CREATE OR REPLACE VIEW unified_participants AS
    SELECT 'runsignup'::text AS source_provider, p.timing_partner_id, p.event_id::text AS event_id, p.first_name,
      p.last_name, p.email, p.gender, p.bib_num AS bib_number, p.address->>'city' AS city, p.address->>'state' AS state,
      coalesce(p.age_on_race_day, p.age) AS age, p.registration_date, p.fetched_date,
      p.registration_id::text AS participant_id, p.chip_num AS chip_number, p.registration_status, e.name AS category,
      p.age_on_race_day, p.successor, e.starts_at, s.polled_at AS fresh_at
    FROM runsignup_participants p
    LEFT JOIN runsignup_events e ON e.timing_partner_id = p.timing_partner_id AND e.event_id = p.event_id
    LEFT JOIN sync_state s ON s.account_id = e.account_id AND s.event_id = p.race_id::text
    UNION ALL
    SELECT 'haku', p.timing_partner_id, p.event_id, p.first_name, p.last_name, p.email, p.gender, p.bib_number,
      p.raw_data #>> '{detail,participant,address,city}', p.raw_data #>> '{detail,participant,address,state}',
      p.age_on_race_day, p.registration_date, p.fetched_date, p.participant_id, p.chip_number, p.registration_status,
      p.category, p.age_on_race_day, p.successor, e.starts_at, s.polled_at
    FROM haku_participants p
    LEFT JOIN haku_events e ON e.timing_partner_id = p.timing_partner_id AND e.event_id = p.event_id
    LEFT JOIN sync_state s ON s.account_id = e.account_id AND s.event_id = p.event_id`,
  `CREATE OR REPLACE VIEW unified_events AS
    SELECT 'runsignup'::text AS source_provider, e.timing_partner_id, e.event_id::text AS event_id, e.name AS event_name,
      e.start_time AS event_date, e.fetched_date, e.starts_at, e.status, e.race_id::text AS list_id,
      s.polled_at AS fresh_at
    FROM runsignup_events e LEFT JOIN sync_state s ON s.account_id = e.account_id AND s.event_id = e.race_id::text
    UNION ALL
    SELECT 'haku', e.timing_partner_id, e.event_id, e.event_name, e.start_date, e.fetched_date, e.starts_at, e.status,
      e.event_id, s.polled_at
    FROM haku_events e LEFT JOIN sync_state s ON s.account_id = e.account_id AND s.event_id = e.event_id`,
]
