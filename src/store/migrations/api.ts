/**
 * Who is signed in with a browser, and links that sign in once. Hashes alone, like the tokens': a copy of the database
 * lets nobody in.
 */
export const apiTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS api_sessions (
    session_hash bytea PRIMARY KEY,
    -- Whoever signed in with a token is out when it is revoked; null: an administrator, by a link of this machine.
    token_id integer REFERENCES api_tokens ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT startlist.clock(),
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS api_sessions_token ON api_sessions (token_id)',
  `CREATE TABLE IF NOT EXISTS sign_in_links (
    link_hash bytea PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT startlist.clock(),
    expires_at timestamptz NOT NULL
  )`,
]
