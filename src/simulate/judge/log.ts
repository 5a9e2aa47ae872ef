import type { Limits } from '../../quota/window.ts'
import type { LoggedCall, Played } from '../played.ts'

/** The provider's log of one account, in order. */
export function callsOf({ calls }: Pick<Played, 'calls'>, clientId: string): readonly LoggedCall[] {
  return calls.get(clientId) ?? []
}

/** What startlist may spend of an account: what it was told, whatever the provider enforces. */
export function limitsOf({ scenario }: Pick<Played, 'scenario'>): Limits {
  return { perHour: scenario.quota, minSpacingMs: scenario.spacing }
}
