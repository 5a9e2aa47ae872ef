/** Which personal data a timing partner keeps and for how long, and who was forgotten. */
export const privacyTables: readonly string[] = [
  `ALTER TABLE timing_partners
    -- Parts of a registration that are stored, as text; null means the default.
    ADD COLUMN IF NOT EXISTS kept_parts text,
    -- Days after an event's end for which its people are kept; 0 is for ever, null means the default.
    ADD COLUMN IF NOT EXISTS retention_days integer CHECK (retention_days >= 0)`,
  `CREATE TABLE IF NOT EXISTS forgotten (
    provider text NOT NULL,
    -- SHA-256 of the registration number: enough to know it again, and no list of people.
    key_hash bytea NOT NULL,
    forgotten_at timestamptz NOT NULL,
    PRIMARY KEY (provider, key_hash)
  )`,
  // Lists whose people were kept long enough, and when they were last taken out.
  `CREATE TABLE IF NOT EXISTS emptied_lists (
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    list_id text NOT NULL,
    emptied_at timestamptz NOT NULL,
    PRIMARY KEY (provider, timing_partner_id, list_id)
  )`,
]
