/**
 * What the scheduler keeps: when each event of an account is due, and who waits for a lane. A plan is derived from
 * the event's times, its cadence and its last pass; whatever changes one of them makes it stale, in the database
 * itself, so that no writer can forget to, and wakes who listens.
 */
export const schedulerTables: readonly string[] = [
  `ALTER TABLE sync_state
    -- Our clock when the last finished pass began: the age of a list is counted from here (P1).
    ADD COLUMN IF NOT EXISTS began_at timestamptz,
    -- When a pass was last tried, and when a failed one may be tried again.
    ADD COLUMN IF NOT EXISTS tried_at timestamptz,
    ADD COLUMN IF NOT EXISTS retry_at timestamptz,
    -- A person wants it now.
    ADD COLUMN IF NOT EXISTS asked_at timestamptz,
    -- The plan: due at due_at by an interval of every_ms, until replan_at, when next_every_ms takes over.
    ADD COLUMN IF NOT EXISTS due_at timestamptz,
    ADD COLUMN IF NOT EXISTS every_ms bigint,
    ADD COLUMN IF NOT EXISTS next_every_ms bigint,
    ADD COLUMN IF NOT EXISTS replan_at timestamptz DEFAULT '-infinity',
    ADD COLUMN IF NOT EXISTS sweep_due_at timestamptz,
    -- When an owed detail may be read, and when the oldest detail is over its limit (F2, F4).
    ADD COLUMN IF NOT EXISTS details_due_at timestamptz,
    ADD COLUMN IF NOT EXISTS round_due_at timestamptz,
    -- How pressing the event is for what is not a poll: its start, or infinity without a date.
    ADD COLUMN IF NOT EXISTS urgent_at timestamptz NOT NULL DEFAULT 'infinity',
    -- Rows that the last finished sweep listed.
    ADD COLUMN IF NOT EXISTS listed integer`,
  'CREATE INDEX IF NOT EXISTS sync_state_due ON sync_state (account_id, every_ms, due_at) WHERE due_at IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS sync_state_replan ON sync_state (account_id, replan_at) WHERE replan_at IS NOT NULL',
  `CREATE INDEX IF NOT EXISTS sync_state_sweep ON sync_state (account_id, sweep_due_at) WHERE sweep_due_at IS NOT NULL`,

  'CREATE INDEX IF NOT EXISTS sync_state_details ON sync_state (account_id, details_due_at) WHERE details_due_at IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS sync_state_round ON sync_state (account_id, round_due_at) WHERE round_due_at IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS sync_state_asked ON sync_state (account_id) WHERE asked_at IS NOT NULL',

  `ALTER TABLE lanes
    -- Somebody waits: the holder gives the lane back after the page under way (N1).
    ADD COLUMN IF NOT EXISTS wanted_at timestamptz`,

  `ALTER TABLE accounts
    -- Outages in a row, for the growing probes (N4).
    ADD COLUMN IF NOT EXISTS outages integer NOT NULL DEFAULT 0,
    -- Share of the limit set aside for programs on the same client id that we cannot see (L5).
    ADD COLUMN IF NOT EXISTS external_use numeric NOT NULL DEFAULT 0 CHECK (external_use >= 0 AND external_use < 1),
    ADD COLUMN IF NOT EXISTS discovery_asked_at timestamptz,
    ADD COLUMN IF NOT EXISTS discovery_tried_at timestamptz,
    ADD COLUMN IF NOT EXISTS last_turn_at timestamptz,
    ADD COLUMN IF NOT EXISTS next_turn_at timestamptz`,

  // Exact instants need no zone; a local time without one was read in New York (T3).
  'ALTER TABLE haku_events ADD COLUMN IF NOT EXISTS starts_assumed boolean NOT NULL DEFAULT false',
  `UPDATE haku_events SET starts_assumed = true
    WHERE timezone IS NULL AND starts_at IS NOT NULL AND override_start IS NULL`,

  // Cadence as text (docs/configuration.md); null means the default.
  'ALTER TABLE timing_partners ADD COLUMN IF NOT EXISTS cadence text',
  'ALTER TABLE haku_events ADD COLUMN IF NOT EXISTS cadence text',

  `CREATE OR REPLACE FUNCTION startlist.replan_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP <> 'DELETE' AND NEW.account_id IS NOT NULL THEN
        INSERT INTO sync_state (account_id, event_id, replan_at) VALUES (NEW.account_id, NEW.event_id, '-infinity')
        ON CONFLICT (account_id, event_id) DO UPDATE SET replan_at = '-infinity'
        WHERE sync_state.replan_at IS DISTINCT FROM '-infinity';
        PERFORM pg_notify('startlist_wake', NEW.account_id::text);
      END IF;
      IF TG_OP <> 'INSERT' THEN
        UPDATE sync_state SET replan_at = '-infinity'
        WHERE account_id = OLD.account_id AND event_id = OLD.event_id AND replan_at IS DISTINCT FROM '-infinity';
      END IF;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER replan_on_insert AFTER INSERT OR DELETE ON haku_events
    FOR EACH ROW EXECUTE FUNCTION startlist.replan_event()`,
  `CREATE OR REPLACE TRIGGER replan_on_update AFTER UPDATE ON haku_events FOR EACH ROW
    WHEN ((OLD.account_id, OLD.starts_at, OLD.starts_assumed, OLD.ends_at, OLD.start_day, OLD.end_day, OLD.timezone, OLD.cadence,
        OLD.missing_since IS NULL)
      IS DISTINCT FROM
      (NEW.account_id, NEW.starts_at, NEW.starts_assumed, NEW.ends_at, NEW.start_day, NEW.end_day, NEW.timezone, NEW.cadence,
        NEW.missing_since IS NULL))
    EXECUTE FUNCTION startlist.replan_event()`,
  // Who receives an account's events, and at which cadence, changes all of its plans.
  `CREATE OR REPLACE FUNCTION startlist.replan_account() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE sync_state SET replan_at = '-infinity'
      WHERE account_id IN (OLD.account_id, NEW.account_id) AND replan_at IS DISTINCT FROM '-infinity';
      PERFORM pg_notify('startlist_wake', NEW.account_id::text) WHERE NEW.account_id IS NOT NULL;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER replan_on_credential AFTER UPDATE ON partner_provider_credentials FOR EACH ROW
    WHEN ((OLD.account_id, OLD.secret, OLD.state, OLD.proven_at IS NULL)
      IS DISTINCT FROM (NEW.account_id, NEW.secret, NEW.state, NEW.proven_at IS NULL))
    EXECUTE FUNCTION startlist.replan_account()`,
  `CREATE OR REPLACE FUNCTION startlist.replan_partner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE sync_state SET replan_at = '-infinity'
      WHERE account_id IN (SELECT account_id FROM partner_provider_credentials
          WHERE timing_partner_id = NEW.timing_partner_id)
        AND replan_at IS DISTINCT FROM '-infinity';
      PERFORM pg_notify('startlist_wake', account_id::text) FROM partner_provider_credentials
        WHERE timing_partner_id = NEW.timing_partner_id AND account_id IS NOT NULL;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER replan_on_partner AFTER UPDATE ON timing_partners FOR EACH ROW
    WHEN (OLD.cadence IS DISTINCT FROM NEW.cadence) EXECUTE FUNCTION startlist.replan_partner()`,
  // Plans for what is there already.
  `INSERT INTO sync_state (account_id, event_id)
    SELECT DISTINCT account_id, event_id FROM haku_events WHERE account_id IS NOT NULL ON CONFLICT DO NOTHING`,
]
