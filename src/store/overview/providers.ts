import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Db } from '../database.ts'

/** What an installation has of one provider. */
export interface ProviderCounts {
  provider: ProviderName
  credentials: number
  /** timing partners with a credential */
  partners: number
  accounts: number
  /** distinct events, and the lists that they are read in */
  events: number
  lists: number
}

/** Providers with an account, by name. */
export async function providerCounts(db: Db): Promise<ProviderCounts[]> {
  const { rows } = await sql<ProviderCounts>`
    SELECT a.provider, count(DISTINCT a.account_id)::int AS accounts,
      count(DISTINCT c.partner_provider_credential_id)::int AS credentials,
      count(DISTINCT c.timing_partner_id)::int AS partners,
      (SELECT count(DISTINCT event_id)::int FROM startlist.list_events e WHERE e.provider = a.provider) AS events,
      (SELECT count(DISTINCT list_id)::int FROM startlist.list_events e WHERE e.provider = a.provider) AS lists
    FROM accounts a LEFT JOIN partner_provider_credentials c USING (account_id)
    GROUP BY a.provider ORDER BY a.provider`.execute(db)
  return rows
}
