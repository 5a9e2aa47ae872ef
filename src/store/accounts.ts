import { sql } from 'kysely'
import type { Account, ProviderName } from '../domain/account.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Db, Trx } from './database.ts'

/** Accounts: what a (provider, principal) has taught us, its pauses, and its token. Instants in ms since the epoch. */

/** First key of the advisory lock under which an account's token is renewed; the second is the account id. */
const TOKEN_LOCK = 7402

/**
 * Token locks that one pool holds at a time. Each keeps a connection while the token endpoint answers, and the
 * ledger needs others meanwhile; the rest queue here, without a connection. A pool needs one place more than this.
 */
const MOST_TOKEN_LOCKS = 3

/** Why an account makes no calls. An outage does not bind a person's call, which is a probe of it (N4). */
export type PauseReason = 'throttle' | 'outage' | 'restored'

/** An account with the state that all processes share. */
export interface AccountState extends Account {
  /** Plain JSON of the provider's adapter (F1, W3, W9). */
  traits: JsonObject
  /** Null when nothing is paused now. */
  pause: { until: number; reason: PauseReason } | null
  /** Throttles in a row. */
  throttles: number
  observedLimit: number | null
  /** Share of the limit that programs we cannot see use, 0 to 1 (L5). */
  externalUse: number
  /** What a person set: calls an hour, which only lowers the configured limit; null for the configured one. */
  quotaLimit: number | null
  /** What a person set: calls kept for a person (L3); null for the default. */
  reserve: number | null
  /** Outages in a row (N4). */
  outages: number
}

/** The account of a principal; made when it is new. */
export async function ensureAccount(
  db: Db | Trx,
  provider: ProviderName,
  principal: string,
): Promise<number> {
  // The update writes nothing new; it makes RETURNING answer for a row that another made a moment ago.
  const { rows } = await sql<{ id: number }>`
    WITH known AS (SELECT account_id FROM accounts WHERE provider = ${provider} AND principal = ${principal}),
    made AS (
      INSERT INTO accounts (provider, principal) SELECT ${provider}, ${principal} WHERE NOT EXISTS (SELECT FROM known)
      ON CONFLICT (provider, principal) DO UPDATE SET principal = excluded.principal
      RETURNING account_id)
    SELECT account_id AS id FROM known UNION ALL SELECT account_id FROM made`.execute(db)
  return rows[0]!.id
}

/** Null when there is no such account. */
export async function readAccount(db: Db | Trx, accountId: number): Promise<AccountState | null> {
  const { rows } = await sql<{
    provider: ProviderName
    principal: string
    traits: JsonObject
    until: number | null
    reason: PauseReason | null
    throttles: number
    observed: number | null
    external: number
    quotaLimit: number | null
    reserve: number | null
    outages: number
  }>`
    SELECT provider, principal, traits, throttles, observed_limit AS observed, external_use::float8 AS external,
      quota_limit AS "quotaLimit", reserve, outages, pause_reason AS reason,
      CASE WHEN paused_until > startlist.clock() THEN ceil(extract(epoch FROM paused_until) * 1000)::float8 END AS until
    FROM accounts WHERE account_id = ${accountId}`.execute(db)
  const row = rows[0]
  if (!row) return null
  const { provider, principal, traits, throttles } = row
  const pause = row.until === null ? null : { until: row.until, reason: row.reason ?? 'throttle' }
  const { observed: observedLimit, external: externalUse, quotaLimit, reserve, outages } = row
  return {
    ...{ accountId, provider, principal, traits, pause, throttles, outages },
    ...{ observedLimit, externalUse, quotaLimit, reserve },
  }
}

/** Keeps what the provider's answers taught: the parts that are given, each whole; the others stay. */
export async function saveTraits(db: Db | Trx, accountId: number, parts: JsonObject): Promise<void> {
  await sql`
    UPDATE accounts SET traits = coalesce(traits, '{}') || ${JSON.stringify(parts)}::jsonb
    WHERE account_id = ${accountId}`.execute(db)
}

/** Pauses the account for `forMs` from now. A longer pause in force stays as it is. */
export async function pauseAccount(
  db: Db | Trx,
  accountId: number,
  pause: { forMs: number; reason: PauseReason },
): Promise<void> {
  await sql`
    UPDATE accounts SET paused_until = until, pause_reason = ${pause.reason}
    FROM (SELECT startlist.clock() + ${pause.forMs}::float8 * interval '1 ms' AS until) AS asked
    WHERE account_id = ${accountId} AND (paused_until IS NULL OR paused_until < until)`.execute(db)
}

/** Ends a pause; with `reason`, only one of that kind. Throttles are counted from none again. */
export async function resumeAccount(db: Db | Trx, accountId: number, reason?: PauseReason): Promise<void> {
  await sql`
    UPDATE accounts SET paused_until = NULL, pause_reason = NULL, throttles = 0
    WHERE account_id = ${accountId} AND (${reason ?? null}::text IS NULL OR pause_reason = ${reason ?? null})`.execute(
    db,
  )
}

/** What a person says of an account's quota: what is left out stays, null takes back what was set. */
export interface QuotaSetting {
  limit?: number | null
  reserve?: number | null
  externalUse?: number
}

/** Keeps it; turns read it before their next decision. */
export async function setQuota(db: Db | Trx, accountId: number, setting: QuotaSetting): Promise<void> {
  const { limit, reserve, externalUse } = setting
  await db
    .updateTable('accounts')
    .set({
      ...(limit === undefined ? {} : { quota_limit: limit }),
      ...(reserve === undefined ? {} : { reserve }),
      ...(externalUse === undefined ? {} : { external_use: String(externalUse) }),
    })
    .where('account_id', '=', accountId)
    .execute()
}

/**
 * After a restore the ledger lacks calls that were made: the window of every account, or of one, counts as spent for an
 * hour (L5).
 */
export async function markWindowsSpent(db: Db | Trx, accountId?: number): Promise<void> {
  await sql`
    UPDATE accounts SET paused_until = greatest(paused_until, startlist.clock() + interval '60 minutes'),
      pause_reason = 'restored'
    WHERE ${accountId ?? null}::int IS NULL OR account_id = ${accountId ?? null}::int`.execute(db)
}

/** Forgets the limit that headers showed; only a person knows that the provider has raised it again (L4). */
export async function clearObservedLimit(db: Db | Trx, accountId: number): Promise<void> {
  await sql`UPDATE accounts SET observed_limit = NULL WHERE account_id = ${accountId}`.execute(db)
}

/** The account's OAuth token as it is stored: sealed by the caller, opaque here (N5). */
export interface TokenRow {
  sealed: string
  expiresAt: number
  /** The credential whose secret obtained it (S1). */
  credentialId: number | null
}

/** Null when there is none. One that expired is returned too: whether it may still be used is the caller's to say. */
export async function readToken(db: Db | Trx, accountId: number): Promise<TokenRow | null> {
  const { rows } = await sql<{ sealed: string | null; expires: number | null; credential: number | null }>`
    SELECT token AS sealed, (extract(epoch FROM token_expires_at) * 1000)::float8 AS expires,
      token_credential_id AS credential
    FROM accounts WHERE account_id = ${accountId}`.execute(db)
  const row = rows[0]
  if (!row || row.sealed === null || row.expires === null) return null
  return { sealed: row.sealed, expiresAt: row.expires, credentialId: row.credential }
}

/** Keeps a token, or with null forgets it. */
export async function saveToken(db: Db | Trx, accountId: number, token: TokenRow | null): Promise<void> {
  await sql`
    UPDATE accounts SET token = ${token?.sealed ?? null},
      token_expires_at = to_timestamp(${token?.expiresAt ?? null}::float8 / 1000),
      token_credential_id = ${token?.credentialId ?? null}
    WHERE account_id = ${accountId}`.execute(db)
}

/**
 * Runs `fn` while no other process renews this account's token: one refresh at a time (N5). The lock lives in a
 * transaction of its own, so it ends with the process; `fn` writes through `db`, visible to the next at once.
 */
export async function withTokenLock<T>(db: Db, accountId: number, fn: () => Promise<T>): Promise<T> {
  const leave = await enter(db)
  try {
    return await db.transaction().execute(async (trx) => {
      // The holder waits for the network: three tries and their backoff, and so may whoever comes second.
      await sql`SELECT set_config('idle_in_transaction_session_timeout', '0', true),
        set_config('lock_timeout', '300000', true), set_config('statement_timeout', '300000', true)`.execute(
        trx,
      )
      await sql`SELECT pg_advisory_xact_lock(${TOKEN_LOCK}::int, ${accountId}::int)`.execute(trx)
      return fn()
    })
  } finally {
    leave()
  }
}

interface Gate {
  inside: number
  waiting: (() => void)[]
}
const gates = new WeakMap<Db, Gate>()

/** Waits for one of the pool's places for token locks; the returned function gives it back. */
async function enter(db: Db): Promise<() => void> {
  const gate = gates.get(db) ?? { inside: 0, waiting: [] }
  gates.set(db, gate)
  if (gate.inside >= MOST_TOKEN_LOCKS) await new Promise<void>((resolve) => gate.waiting.push(resolve))
  else gate.inside++
  return () => {
    // A waiting one takes the place over as it is.
    const next = gate.waiting.shift()
    if (next) next()
    else gate.inside--
  }
}
