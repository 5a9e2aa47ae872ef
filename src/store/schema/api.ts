import type { Instant } from './columns.ts'

/** Who is signed in with a browser. */

export interface ApiSessionsTable {
  session_hash: Buffer
  token_id: number | null
  created_at: Instant
  expires_at: Instant
}

export interface SignInLinksTable {
  link_hash: Buffer
  created_at: Instant
  expires_at: Instant
}
