/** What audits found, and what answers of a provider look like. Neither holds a value of a registration. */
export const auditTables: readonly string[] = [
  // The last audit of an event of a timing partner; the next one takes its place.
  `CREATE TABLE IF NOT EXISTS audits (
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    event_id text NOT NULL,
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    audited_at timestamptz NOT NULL,
    -- Every part of it was done.
    complete boolean NOT NULL,
    ours integer NOT NULL,
    theirs integer,
    count_verdict text NOT NULL CHECK (count_verdict IN ('same', 'untold', 'news', 'held', 'gone', 'missing')),
    sampled integer NOT NULL,
    blind integer NOT NULL,
    moved integer NOT NULL,
    gone integer NOT NULL,
    replayed integer NOT NULL,
    calls integer NOT NULL,
    PRIMARY KEY (provider, timing_partner_id, event_id)
  )`,
  'CREATE INDEX IF NOT EXISTS audits_account ON audits (account_id, audited_at)',

  // Mismatches that the last audit left: they go when an audit looks again and finds none.
  `CREATE TABLE IF NOT EXISTS audit_findings (
    provider text NOT NULL,
    timing_partner_id integer NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('count', 'row', 'feed')),
    -- Empty where it is about the whole event.
    participant_id text NOT NULL DEFAULT '',
    -- Names of columns.
    fields text[] NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    PRIMARY KEY (provider, timing_partner_id, event_id, kind, participant_id),
    FOREIGN KEY (provider, timing_partner_id, event_id) REFERENCES audits ON DELETE CASCADE
  )`,

  'ALTER TABLE sync_state ADD COLUMN IF NOT EXISTS audited_at timestamptz',
  `CREATE INDEX IF NOT EXISTS sync_state_audit ON sync_state (account_id, audited_at NULLS FIRST)
    WHERE due_at IS NOT NULL AND complete_at IS NOT NULL`,

  // The last word of the provider's headers on the hour, and by how many calls an audit found it to exceed the ledger.
  `ALTER TABLE accounts
    ADD COLUMN IF NOT EXISTS told_used integer,
    ADD COLUMN IF NOT EXISTS told_at timestamptz,
    ADD COLUMN IF NOT EXISTS told_excess integer`,

  `CREATE TABLE IF NOT EXISTS schema_shapes (
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    source text NOT NULL,
    -- {"records", "paths": {path: {"types", "always", "missing"}}}
    shape jsonb NOT NULL,
    PRIMARY KEY (account_id, source)
  )`,
  `CREATE TABLE IF NOT EXISTS schema_drift (
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    source text NOT NULL,
    path text NOT NULL,
    drift text NOT NULL CHECK (drift IN ('appeared', 'vanished', 'retyped')),
    -- Types of before and of now.
    was text[] NOT NULL,
    is_now text[] NOT NULL,
    first_seen timestamptz NOT NULL,
    PRIMARY KEY (account_id, source, path, drift)
  )`,
]
