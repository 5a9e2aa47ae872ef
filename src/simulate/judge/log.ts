import type { Limits } from '../../quota/window.ts'
import type { Call } from '../../simulator/index.ts'
import type { Played } from '../play.ts'

/** The provider's log of one account, in order. */
export function callsOf({ calls }: Pick<Played, 'calls'>, clientId: string): readonly Readonly<Call>[] {
  return calls.filter(({ client }) => client === clientId)
}

/** What startlist may spend of an account: what it was told, whatever the provider enforces. */
export function limitsOf({ scenario }: Pick<Played, 'scenario'>): Limits {
  return { perHour: scenario.quota, minSpacingMs: scenario.spacing }
}
