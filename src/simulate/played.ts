import type { AccountForecast } from '../quota/forecast.ts'
import type { Change } from './changes.ts'
import type { Excuse } from './happenings.ts'
import type { CallCount } from './ledger-tally.ts'
import type { Scenario } from './scenario.ts'
import type { Sightings } from './sightings.ts'
import type { SimulatedAccount, SimulatedEvent } from './world.ts'

/** A call as it reached the provider, as far as it is judged. */
export interface LoggedCall {
  /** arrival, ms since the epoch */
  at: number
  /** `participants` is a page of a list and `detail` a single read, at every provider */
  endpoint: string
  eventId: string | null
  /** of a list; null when the request did not say */
  page: number | null
}

/** A scenario as it was played, for who judges it. Instants are ms since the epoch, of the provider's clock. */
export interface Played {
  scenario: Scenario
  accounts: readonly SimulatedAccount[]
  events: readonly SimulatedEvent[]
  /** when the lists of known events were last read before the scenario */
  preparedAt: number
  changes: readonly Change[]
  sightings: Sightings
  excuses: readonly Excuse[]
  /** what the provider wrote down, by client id, each in order */
  calls: ReadonlyMap<string, readonly LoggedCall[]>
  /** calls by class and purpose, as the ledger has them */
  ledger: readonly CallCount[]
  /** what was foreseen at the start, by client id */
  forecasts: ReadonlyMap<string, AccountForecast>
}
