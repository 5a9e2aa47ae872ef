/** Registration providers that startlist knows. */
export type ProviderName = 'haku' | 'runsignup'

/**
 * A distinct (provider, principal): it owns the quota. Credentials of several timing partners with one
 * client id are one account.
 */
export interface Account {
  accountId: number
  provider: ProviderName
  principal: string
}

/** What a call is spent for, dearest first (L3). */
export type CallClass = 'person' | 'poll' | 'upkeep' | 'backfill'

/** What a call does, as the ledger records it. */
export type CallPurpose = 'token' | 'events' | 'list' | 'removed' | 'probe' | 'detail' | 'removal-check'
