/** Which personal data a timing partner keeps, and whom it has forgotten. */
export const privacyTables: readonly string[] = [
  `ALTER TABLE timing_partners
    -- Parts of a registration that are stored, as text; null means the default.
    ADD COLUMN IF NOT EXISTS kept_parts text`,
  `CREATE TABLE IF NOT EXISTS forgotten (
    provider text NOT NULL,
    -- SHA-256 of the registration number: enough to know it again, and no list of people.
    key_hash bytea NOT NULL,
    forgotten_at timestamptz NOT NULL,
    PRIMARY KEY (provider, key_hash)
  )`,
]
