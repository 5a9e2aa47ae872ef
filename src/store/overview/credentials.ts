import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { CredentialState } from '../credentials.ts'
import type { Db } from '../database.ts'

/** A credential as a person sees it; never with its secret. Instants in ms since the epoch. */
export interface CredentialOverview {
  credentialId: number
  partnerId: number
  partner: string
  organization: string | null
  provider: ProviderName
  clientId: string
  /** Null for an adopted row that no account was made for. */
  accountId: number | null
  state: CredentialState
  why: string | null
  hasSecret: boolean
  /** Another credential has the same client id: one account, one quota. */
  shared: boolean
  /** Events that the partner receives through it. */
  events: number
  lastSuccess: number | null
}

/** Every credential, by partner and id. */
export async function credentialOverview(
  db: Db,
  only: { partnerId?: number; credentialId?: number } = {},
): Promise<CredentialOverview[]> {
  const result = await sql<CredentialOverview>`
    SELECT c.partner_provider_credential_id AS "credentialId", c.timing_partner_id AS "partnerId",
      t.company_name AS partner, c.organization,
      lower(p.name) AS provider, coalesce(c.principal, '') AS "clientId", c.account_id AS "accountId", c.state,
      c.state_reason AS why, c.has_secret AS "hasSecret",
      count(*) OVER (PARTITION BY c.account_id) > 1 AND c.account_id IS NOT NULL AS shared,
      (SELECT count(*) FROM startlist.list_events e
        WHERE e.timing_partner_id = c.timing_partner_id AND e.account_id = c.account_id)::int AS events,
      (extract(epoch FROM c.last_success_at) * 1000)::float8 AS "lastSuccess"
    FROM partner_provider_credentials c
    JOIN timing_partners t USING (timing_partner_id)
    JOIN providers p USING (provider_id)
    ORDER BY c.timing_partner_id, c.partner_provider_credential_id`.execute(db)
  // After the window function: whether an account is shared must not depend on what is shown.
  return result.rows.filter(
    (row) =>
      (only.partnerId === undefined || row.partnerId === only.partnerId) &&
      (only.credentialId === undefined || row.credentialId === only.credentialId),
  )
}
