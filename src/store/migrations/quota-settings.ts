/** What a person sets of one account's quota; null means the configuration's, or the default. */
export const quotaSettings: readonly string[] = [
  `ALTER TABLE accounts
    -- It only lowers: the configured limit is the provider's.
    ADD COLUMN IF NOT EXISTS quota_limit integer CHECK (quota_limit > 0),
    ADD COLUMN IF NOT EXISTS reserve integer CHECK (reserve >= 0)`,
]
