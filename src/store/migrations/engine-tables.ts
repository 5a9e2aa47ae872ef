/** One source of the present for SQL (T1). A simulation's session sets startlist.virtual_now; nobody else does. */
export const clockFunction = `CREATE OR REPLACE FUNCTION startlist.clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('startlist.virtual_now', true), '')::timestamptz, clock_timestamp())
  $$`

/**
 * What startlist adds to the legacy tables, and the tables of its own. Every statement can be run again.
 * Instants are timestamptz; a legacy column without a zone keeps its type and stays filled for its readers.
 */
export const engineTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS startlist',
  clockFunction,

  `CREATE TABLE IF NOT EXISTS accounts (
    account_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    principal text NOT NULL,
    -- What the provider's answers taught us (F1, W3, W9), each with its evidence and date.
    traits jsonb NOT NULL DEFAULT '{}',
    -- A throttle or outage in force (L4, N4): no call of this account before paused_until.
    paused_until timestamptz,
    pause_reason text,
    throttles integer NOT NULL DEFAULT 0,
    -- Lowered by response headers, never raised by them (L4).
    observed_limit integer,
    -- The shared OAuth token, sealed (N5), and the credential that obtained it.
    token text,
    token_expires_at timestamptz,
    token_credential_id integer,
    discovered_at timestamptz,
    discovered_whole_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT startlist.clock(),
    UNIQUE (provider, principal)
  )`,
  `CREATE TABLE IF NOT EXISTS lanes (
    account_id integer PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    holder text,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz
  )`,

  `ALTER TABLE timing_partners ADD COLUMN IF NOT EXISTS timezone text`,

  `ALTER TABLE partner_provider_credentials
    ADD COLUMN IF NOT EXISTS account_id integer REFERENCES accounts,
    ADD COLUMN IF NOT EXISTS state text NOT NULL DEFAULT 'Untested'
      CHECK (state IN ('Untested', 'Ready', 'Refused', 'Paused')),
    ADD COLUMN IF NOT EXISTS state_reason text,
    ADD COLUMN IF NOT EXISTS state_since timestamptz NOT NULL DEFAULT startlist.clock(),
    -- When this very secret obtained a token; null again whenever the secret changes (S1).
    ADD COLUMN IF NOT EXISTS proven_at timestamptz,
    ADD COLUMN IF NOT EXISTS refusals integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS last_success_at timestamptz,
    ADD COLUMN IF NOT EXISTS timezone text`,
  `CREATE UNIQUE INDEX IF NOT EXISTS partner_provider_credentials_principal
    ON partner_provider_credentials (timing_partner_id, provider_id, principal)`,
  'CREATE INDEX IF NOT EXISTS partner_provider_credentials_account ON partner_provider_credentials (account_id)',

  `ALTER TABLE haku_events
    ADD COLUMN IF NOT EXISTS account_id integer REFERENCES accounts,
    ADD COLUMN IF NOT EXISTS starts_at timestamptz,
    ADD COLUMN IF NOT EXISTS ends_at timestamptz,
    -- The provider gave a day without a time of day (T2); starts_at is then null and start_day holds it.
    ADD COLUMN IF NOT EXISTS start_day date,
    ADD COLUMN IF NOT EXISTS end_day date,
    -- IANA zone in force, and where it came from (T3).
    ADD COLUMN IF NOT EXISTS timezone text,
    ADD COLUMN IF NOT EXISTS timezone_source text,
    ADD COLUMN IF NOT EXISTS override_start text,
    ADD COLUMN IF NOT EXISTS override_timezone text,
    ADD COLUMN IF NOT EXISTS bib_authority text NOT NULL DEFAULT 'provider' CHECK (bib_authority IN ('provider', 'local')),
    ADD COLUMN IF NOT EXISTS raw_data jsonb,
    ADD COLUMN IF NOT EXISTS row_hash bytea,
    ADD COLUMN IF NOT EXISTS missing_since timestamptz,
    ADD COLUMN IF NOT EXISTS fetched_at timestamptz`,
  'CREATE INDEX IF NOT EXISTS haku_events_account ON haku_events (account_id)',
  'CREATE INDEX IF NOT EXISTS haku_events_starts ON haku_events (starts_at)',

  ...['haku_participants', 'runsignup_participants'].map(
    (table) => `ALTER TABLE ${table}
    ADD COLUMN IF NOT EXISTS registration_status text NOT NULL DEFAULT 'active'
      CHECK (registration_status IN ('active', 'cancelled', 'removed', 'transferred', 'deferred')),
    ADD COLUMN IF NOT EXISTS removed_at timestamptz,
    ADD COLUMN IF NOT EXISTS removal_note text,
    ADD COLUMN IF NOT EXISTS chip_number text,
    ADD COLUMN IF NOT EXISTS provider_bib text,
    ADD COLUMN IF NOT EXISTS local_bib text,
    ADD COLUMN IF NOT EXISTS categories jsonb,
    ADD COLUMN IF NOT EXISTS wave text,
    ADD COLUMN IF NOT EXISTS corral text,
    ADD COLUMN IF NOT EXISTS listed_age integer,
    ADD COLUMN IF NOT EXISTS age_on_race_day integer,
    ADD COLUMN IF NOT EXISTS registered_at timestamptz,
    ADD COLUMN IF NOT EXISTS fetched_at timestamptz,
    ADD COLUMN IF NOT EXISTS source_updated_at timestamptz,
    ADD COLUMN IF NOT EXISTS raw_data jsonb,
    ADD COLUMN IF NOT EXISTS row_hash bytea,
    ADD COLUMN IF NOT EXISTS mapping_version integer,
    -- F2: a detail is owed while list_fingerprint and detail_of differ.
    ADD COLUMN IF NOT EXISTS list_fingerprint bytea,
    ADD COLUMN IF NOT EXISTS detail_of bytea,
    ADD COLUMN IF NOT EXISTS detail_read_at timestamptz,
    ADD COLUMN IF NOT EXISTS detail_attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS detail_not_before timestamptz,
    -- The pass that stored list_fingerprint: what an unfinished pass stored is no proof (W4).
    ADD COLUMN IF NOT EXISTS list_pass bigint,
    -- Finished sweeps in a row that did not list this row (A1).
    ADD COLUMN IF NOT EXISTS absences smallint NOT NULL DEFAULT 0`,
  ),
  // Details still owed, oldest attempt first; small, because settled rows are not in it.
  `CREATE INDEX IF NOT EXISTS haku_participants_owed ON haku_participants (timing_partner_id, event_id, detail_not_before)
    WHERE list_fingerprint IS NOT NULL AND detail_of IS DISTINCT FROM list_fingerprint`,
  'CREATE INDEX IF NOT EXISTS haku_participants_event ON haku_participants (timing_partner_id, event_id)',

  `CREATE TABLE IF NOT EXISTS sync_state (
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    event_id text NOT NULL,
    -- Passes are numbered per event; list_pass of a row points here (W4).
    last_pass bigint NOT NULL DEFAULT 0,
    finished_pass bigint NOT NULL DEFAULT 0,
    -- Microseconds matter at the line, and timestamptz keeps them (W5, W7).
    watermark timestamptz,
    -- The response Date with which the last finished pass began (W5: settled).
    finished_began timestamptz,
    -- Keys and fingerprints of the first page of the last finished pass (W6).
    head jsonb,
    -- The pass under way: kind, page, size, boundary keys, candidate watermark (W3). Null between passes.
    pass jsonb,
    polled_at timestamptz,
    swept_at timestamptz,
    -- Null until a sweep finished: complete means proven, not "has rows" (W8).
    complete_at timestamptz,
    list_missing integer NOT NULL DEFAULT 0,
    last_error text,
    last_error_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    notes jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (account_id, event_id)
  )`,
  `CREATE TABLE IF NOT EXISTS partner_sync (
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    event_id text NOT NULL,
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'behind' CHECK (state IN ('current', 'behind')),
    reason text,
    since timestamptz NOT NULL DEFAULT startlist.clock(),
    -- Last position given in this event's change feed; locked until commit, so positions are gapless (D4).
    feed_position bigint NOT NULL DEFAULT 0,
    -- Mapping version, race day and bib authority that the stored rows were computed with (F5).
    derived_from text,
    PRIMARY KEY (provider, timing_partner_id, event_id)
  )`,
  'CREATE INDEX IF NOT EXISTS partner_sync_account ON partner_sync (account_id, event_id)',

  `CREATE TABLE IF NOT EXISTS api_calls (
    call_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    acquired_at timestamptz NOT NULL,
    ended_at timestamptz,
    timeout_ms integer NOT NULL,
    class text NOT NULL,
    purpose text NOT NULL,
    event_id text,
    run_id bigint,
    status integer,
    error_code text,
    ms integer
  )`,
  'CREATE INDEX IF NOT EXISTS api_calls_window ON api_calls (account_id, acquired_at)',

  `CREATE TABLE IF NOT EXISTS participant_changes (
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    event_id text NOT NULL,
    position bigint NOT NULL,
    participant_id text NOT NULL,
    change text NOT NULL CHECK (change IN ('added', 'changed', 'cancelled', 'removed', 'restored', 'transferred', 'deferred', 'adopted')),
    -- {"column": [old, new]}
    fields jsonb NOT NULL,
    source_updated_at timestamptz,
    seen_at timestamptz NOT NULL,
    run_id bigint,
    PRIMARY KEY (provider, timing_partner_id, event_id, position)
  )`,
  'CREATE INDEX IF NOT EXISTS participant_changes_run ON participant_changes (run_id)',
  'CREATE INDEX IF NOT EXISTS participant_changes_seen ON participant_changes (seen_at)',

  `CREATE TABLE IF NOT EXISTS rejected_records (
    reject_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    event_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('record', 'field')),
    -- The registration number, or for a record without one the hex of its fingerprint.
    record_key text NOT NULL,
    field text NOT NULL DEFAULT '',
    reason text NOT NULL,
    raw text NOT NULL,
    fingerprint bytea,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    run_id bigint,
    UNIQUE (provider, timing_partner_id, event_id, kind, record_key, field)
  )`,

  `CREATE TABLE IF NOT EXISTS sweep_seen (
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    event_id text NOT NULL,
    pass bigint NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (account_id, event_id, pass, key)
  )`,

  `CREATE TABLE IF NOT EXISTS holds (
    hold_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    event_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('removal', 'foreign_list')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'applied', 'discarded', 'superseded')),
    reason text NOT NULL,
    absent integer NOT NULL,
    known integer NOT NULL,
    keys jsonb NOT NULL DEFAULT '[]',
    -- [{"key", "found"}]: what the single reads of a sample said.
    samples jsonb NOT NULL DEFAULT '[]',
    run_id bigint,
    opened_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text
  )`,
  `CREATE UNIQUE INDEX IF NOT EXISTS holds_one_open ON holds (account_id, event_id, kind) WHERE state = 'open'`,

  `CREATE TABLE IF NOT EXISTS api_tokens (
    token_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    -- Null for an administrator.
    timing_partner_id integer REFERENCES timing_partners ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT startlist.clock(),
    expires_at timestamptz,
    revoked_at timestamptz
  )`,

  `ALTER TABLE sync_history
    ADD COLUMN IF NOT EXISTS account_id integer REFERENCES accounts ON DELETE SET NULL,
    ADD COLUMN IF NOT EXISTS started_at timestamptz,
    ADD COLUMN IF NOT EXISTS ended_at timestamptz,
    ADD COLUMN IF NOT EXISTS calls integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS seen integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS inserted integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS updated integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS unchanged integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS removed integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS rejected integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS refused integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS complete boolean,
    ADD COLUMN IF NOT EXISTS error_code text,
    -- Quiet polls fold into one row an hour (D5): how many polls this row stands for.
    ADD COLUMN IF NOT EXISTS polls integer NOT NULL DEFAULT 1`,
  `CREATE INDEX IF NOT EXISTS sync_history_event ON sync_history (timing_partner_id, event_id, sync_history_id DESC)`,
]
