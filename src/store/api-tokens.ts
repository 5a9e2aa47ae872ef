import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from './database.ts'

/** Tokens for the HTTP API. The database has their hashes alone: a copy of it lets nobody in. Instants in epoch ms. */

/** So that a token is known as one wherever it turns up, by secret scanners too. */
const TOKEN_PREFIX = 'slt_'
/** 256 random bits need no slow hash: there is nothing to guess. */
const TOKEN_BYTES = 32
const FORM = /^slt_[\w-]{43}$/

/** What a token lets its bearer do: all of it, or one timing partner's part. */
export interface TokenScope {
  tokenId: number
  name: string
  /** Null for an administrator. */
  partnerId: number | null
}

/** A token as a person sees it; nobody sees the token itself again. */
export interface TokenOverview extends TokenScope {
  partner: string | null
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
  /** To the minute; null when nobody came with it yet. */
  lastUsedAt: number | null
  state: 'valid' | 'expired' | 'revoked'
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/**
 * Makes a token.
 * @param token.partnerId null for an administrator
 * @returns the token itself: this once
 */
export async function createToken(
  db: Db,
  { name, partnerId, expiresAt }: { name: string; partnerId: number | null; expiresAt: number | null },
): Promise<{ tokenId: number; token: string }> {
  const token = `${TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`
  const { rows } = await sql<{ id: number }>`
    INSERT INTO api_tokens (name, token_hash, timing_partner_id, expires_at)
    VALUES (${name}, ${hashOf(token)}, ${partnerId}, to_timestamp(${expiresAt}::float8 / 1000))
    RETURNING token_id AS id`.execute(db)
  return { tokenId: rows[0]!.id, token }
}

/**
 * Who comes with this token; null for one that is unknown, expired or revoked, and for any other text. The row is
 * looked up by the hash, so the time it takes tells nothing of a token. Its last use is noted once a minute.
 */
export async function findToken(db: Db, token: string): Promise<TokenScope | null> {
  if (!FORM.test(token)) return null
  const { rows } = await sql<TokenScope>`
    WITH found AS (
      SELECT token_id, name, timing_partner_id FROM api_tokens
      WHERE token_hash = ${hashOf(token)} AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > startlist.clock())),
    used AS (
      UPDATE api_tokens t SET last_used_at = startlist.clock() FROM found
      WHERE t.token_id = found.token_id
        AND (t.last_used_at IS NULL OR t.last_used_at < startlist.clock() - interval '1 minute'))
    SELECT token_id AS "tokenId", name, timing_partner_id AS "partnerId" FROM found`.execute(db)
  return rows[0] ?? null
}

/** Every token by id, those that open nothing any more included. */
export async function listTokens(db: Db): Promise<TokenOverview[]> {
  const { rows } = await sql<TokenOverview>`
    SELECT token_id AS "tokenId", t.name, t.timing_partner_id AS "partnerId", p.company_name AS partner,
      (extract(epoch FROM t.created_at) * 1000)::float8 AS "createdAt",
      (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAt",
      (extract(epoch FROM revoked_at) * 1000)::float8 AS "revokedAt",
      (extract(epoch FROM last_used_at) * 1000)::float8 AS "lastUsedAt",
      CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= startlist.clock() THEN 'expired'
        ELSE 'valid' END AS state
    FROM api_tokens t LEFT JOIN timing_partners p USING (timing_partner_id) ORDER BY token_id`.execute(db)
  return rows
}

/** From now on nobody comes in with it. @returns false when there is no such token; one that is revoked stays so */
export async function revokeToken(db: Db, tokenId: number): Promise<boolean> {
  const { rows } = await sql`
    UPDATE api_tokens SET revoked_at = coalesce(revoked_at, startlist.clock()) WHERE token_id = ${tokenId}
    RETURNING token_id`.execute(db)
  return rows.length > 0
}
