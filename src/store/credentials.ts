import { sql } from 'kysely'
import type { ProviderName } from '../domain/account.ts'
import { ensureAccount } from './accounts.ts'
import type { Db, Trx } from './database.ts'

export type CredentialState = 'Untested' | 'Ready' | 'Refused' | 'Paused'

/** One row of `partner_provider_credentials`. The secret is as stored: sealed, or plain in an adopted row. */
export interface Credential {
  credentialId: number
  partnerId: number
  partner: string
  provider: ProviderName
  accountId: number
  organization: string | null
  principal: string
  secret: string | null
  state: CredentialState
  stateReason: string | null
  /** ms since the epoch at which this very secret obtained a token (S1); null when it never did. */
  provenAt: number | null
  timezone: string | null
  partnerTimezone: string | null
}

const selectCredentials = sql`
  SELECT c.partner_provider_credential_id AS "credentialId", c.timing_partner_id AS "partnerId",
    t.company_name AS partner, lower(p.name) AS provider, c.account_id AS "accountId",
    c.additional_config->>'organization_name' AS organization, c.principal, c.secret, c.state,
    c.state_reason AS "stateReason", (extract(epoch FROM c.proven_at) * 1000)::float8 AS "provenAt",
    c.timezone, t.timezone AS "partnerTimezone"
  FROM partner_provider_credentials c
  JOIN timing_partners t USING (timing_partner_id)
  JOIN providers p USING (provider_id)`

/** All credentials, by partner and id; of one partner or one account where given. */
export async function listCredentials(
  db: Db | Trx,
  only: { partnerId?: number; accountId?: number; credentialId?: number; provider?: ProviderName } = {},
): Promise<Credential[]> {
  const result = await sql<Credential>`${selectCredentials}
    WHERE (${only.partnerId ?? null}::int IS NULL OR c.timing_partner_id = ${only.partnerId ?? null})
      AND (${only.accountId ?? null}::int IS NULL OR c.account_id = ${only.accountId ?? null})
      AND (${only.credentialId ?? null}::int IS NULL OR c.partner_provider_credential_id = ${only.credentialId ?? null})
      AND (${only.provider ?? null}::text IS NULL OR lower(p.name) = ${only.provider ?? null})
      AND c.account_id IS NOT NULL
    ORDER BY c.timing_partner_id, c.partner_provider_credential_id`.execute(db)
  return result.rows
}

/** What legacy readers find in `credential_type`. */
const CREDENTIAL_TYPES: Readonly<Record<ProviderName, string>> = { haku: 'oauth2', runsignup: 'api_key' }

/**
 * Adds a credential without its secret, which is sealed under the new row's id by {@link setSecret}.
 * @returns its id, or null when the partner has this principal already
 */
export async function addCredential(
  trx: Trx,
  credential: {
    partnerId: number
    provider: ProviderName
    organization: string
    principal: string
    timezone: string | null
  },
): Promise<{ credentialId: number; accountId: number } | null> {
  const accountId = await ensureAccount(trx, credential.provider, credential.principal)
  const result = await sql<{ id: number }>`
    INSERT INTO partner_provider_credentials (provider_id, timing_partner_id, principal, credential_type,
      additional_config, account_id, timezone)
    SELECT provider_id, ${credential.partnerId}, ${credential.principal}, ${CREDENTIAL_TYPES[credential.provider]},
      jsonb_build_object('organization_name', ${credential.organization}::text), ${accountId}, ${credential.timezone}
    FROM providers WHERE lower(name) = ${credential.provider} ORDER BY provider_id LIMIT 1
    ON CONFLICT DO NOTHING RETURNING partner_provider_credential_id AS id`.execute(trx)
  const id = result.rows[0]?.id
  return id === undefined ? null : { credentialId: id, accountId }
}

/**
 * Passes that finished while this credential could not be used went on without its timing partner, which is behind
 * there (S2). To be said before the state changes: it holds the instant.
 */
const leftBehind = (credentialId: number) => sql`
  WITH behind AS (
    UPDATE partner_sync s SET state = 'behind', reason = 'the credential could not be used', since = startlist.clock()
    FROM partner_provider_credentials c
    WHERE c.partner_provider_credential_id = ${credentialId} AND c.state <> 'Ready'
      AND s.timing_partner_id = c.timing_partner_id AND s.account_id = c.account_id AND s.state = 'current'
      AND EXISTS (SELECT FROM sync_state e WHERE e.account_id = s.account_id AND e.event_id = s.event_id
        AND e.polled_at >= c.state_since)
  )`

/** Stores a sealed secret; whatever the old one had proven is void (S1). */
export async function setSecret(db: Db | Trx, credentialId: number, sealed: string): Promise<void> {
  await sql`${leftBehind(credentialId)}
    UPDATE partner_provider_credentials SET secret = ${sealed}, state = 'Untested', state_reason = NULL,
      state_since = startlist.clock(), proven_at = NULL, refusals = 0, updated_at = startlist.clock() AT TIME ZONE 'UTC'
    WHERE partner_provider_credential_id = ${credentialId}`.execute(db)
}

/** The secret obtained a token: from now on its partner receives the account's events (S1). */
export async function markProven(db: Db | Trx, credentialId: number): Promise<void> {
  await sql`${leftBehind(credentialId)}
    UPDATE partner_provider_credentials SET state = 'Ready', state_reason = NULL, state_since = startlist.clock(),
      proven_at = startlist.clock(), refusals = 0
    WHERE partner_provider_credential_id = ${credentialId} AND state <> 'Paused'`.execute(db)
}

/** The provider refused the secret: nobody asks with it again until a person changed or tested it (N4). */
export async function markRefused(db: Db | Trx, credentialId: number, reason: string): Promise<void> {
  await sql`${leftBehind(credentialId)}
    UPDATE partner_provider_credentials SET state = 'Refused', state_reason = ${reason},
      state_since = startlist.clock(), proven_at = NULL, refusals = refusals + 1
    WHERE partner_provider_credential_id = ${credentialId}`.execute(db)
}

/** When the account of these credentials last answered well, for the inventory. */
export async function markSuccess(db: Db | Trx, accountId: number): Promise<void> {
  await sql`UPDATE partner_provider_credentials SET last_success_at = startlist.clock()
    WHERE account_id = ${accountId} AND state = 'Ready' AND proven_at IS NOT NULL`.execute(db)
}
