import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { TokenScope } from './api-tokens.ts'
import type { Db } from './database.ts'

/** Browsers that are signed in, and links that sign in once. The database has hashes alone. Instants in epoch ms. */

const BYTES = 32
const FORM = /^[\w-]{43}$/
/** A race weekend and the week before it. */
const SESSION_MS = 14 * 24 * 3_600_000
/** Long enough to click on it. */
const LINK_MS = 15 * 60_000

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
const newSecret = (): string => randomBytes(BYTES).toString('base64url')

/** Who is signed in: a token's scope, or an administrator who came by a link. */
export interface SessionScope extends Omit<TokenScope, 'tokenId'> {
  tokenId: number | null
  expiresAt: number
}

/** A session as it begins. */
export interface NewSession {
  /** For the cookie: this once. */
  secret: string
  expiresAt: number
}

/** Signs a browser in. Sessions that are over go. @param tokenId of the token that it came with; null by a link */
export async function beginSession(db: Db, tokenId: number | null): Promise<NewSession> {
  const secret = newSecret()
  await sql`DELETE FROM api_sessions WHERE expires_at <= startlist.clock()`.execute(db)
  const { rows } = await sql<{ expiresAt: number }>`
    INSERT INTO api_sessions (session_hash, token_id, expires_at)
    SELECT ${hashOf(secret)}, ${tokenId}, least(startlist.clock() + ${SESSION_MS} * interval '1 ms',
      (SELECT expires_at FROM api_tokens WHERE token_id = ${tokenId}))
    RETURNING (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAt"`.execute(db)
  return { secret, expiresAt: rows[0]!.expiresAt }
}

/** Who is signed in by a cookie; null when nobody is any more: it is over, or its token opens nothing. */
export async function findSession(db: Db, secret: string): Promise<SessionScope | null> {
  if (!FORM.test(secret)) return null
  const { rows } = await sql<SessionScope>`
    SELECT s.token_id AS "tokenId", coalesce(t.name, 'this machine') AS name, t.timing_partner_id AS "partnerId",
      (extract(epoch FROM s.expires_at) * 1000)::float8 AS "expiresAt"
    FROM api_sessions s LEFT JOIN api_tokens t USING (token_id)
    WHERE s.session_hash = ${hashOf(secret)} AND s.expires_at > startlist.clock()
      AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > startlist.clock())`.execute(db)
  return rows[0] ?? null
}

/** Signs a browser out. */
export async function endSession(db: Db, secret: string): Promise<void> {
  await sql`DELETE FROM api_sessions WHERE session_hash = ${hashOf(secret)}`.execute(db)
}

/** Makes a link's secret that signs an administrator in, once and for a quarter of an hour; those before it open nothing more. */
export async function createLink(db: Db): Promise<string> {
  const secret = newSecret()
  await db.transaction().execute(async (trx) => {
    await sql`DELETE FROM sign_in_links`.execute(trx)
    await sql`INSERT INTO sign_in_links (link_hash, expires_at)
      VALUES (${hashOf(secret)}, startlist.clock() + ${LINK_MS} * interval '1 ms')`.execute(trx)
  })
  return secret
}

/** Takes a link. @returns whether it was one: not unknown, over, or taken already */
export async function takeLink(db: Db, secret: string): Promise<boolean> {
  if (!FORM.test(secret)) return false
  const { rows } = await sql`
    DELETE FROM sign_in_links WHERE link_hash = ${hashOf(secret)} AND expires_at > startlist.clock()
    RETURNING link_hash`.execute(db)
  return rows.length > 0
}
