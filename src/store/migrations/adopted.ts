/**
 * Ends the adoption of an existing database: its credentials get the accounts whose quota they share. Their secrets go on
 * working as they lie; `doctor` says which are in plain text. Where startlist made the tables itself, all of this is done.
 */
export const adopted: readonly string[] = [
  `INSERT INTO accounts (provider, principal)
    SELECT DISTINCT lower(p.name), c.principal
    FROM partner_provider_credentials c JOIN providers p USING (provider_id)
    WHERE c.account_id IS NULL AND btrim(c.principal) <> '' AND lower(p.name) IN ('haku', 'runsignup')
    ON CONFLICT DO NOTHING`,
  `UPDATE partner_provider_credentials c SET account_id = a.account_id
    FROM providers p, accounts a
    WHERE c.account_id IS NULL AND p.provider_id = c.provider_id
      AND a.provider = lower(p.name) AND a.principal = c.principal`,
]
