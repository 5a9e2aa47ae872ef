import type { ProviderName } from '../../domain/account.ts'
import type { LoggedCall } from '../played.ts'

/** A list of a scenario's event, as startlist knows it, and its registrations at the provider. */
export interface NewEvent {
  name: string
  participants: number
  /** ms since the epoch; of a date without a time its first instant */
  startsAt: number
  /** The provider tells the day alone. */
  isDay: boolean
}

/** What may happen to registrations in an instant; `list` is the id of the list that {@link SimulatedProvider.addEvent} gave. */
export interface ProviderMoves {
  /** Somebody registers, with a bib. */
  enter(list: string): { number: string; bib: string }
  withdraw(list: string, number: string): void
  giveBib(list: string, number: string): string
  /** New bibs for so many in one second. */
  giveBibs(list: string, count: number): { number: string; bib: string }[]
  /** Secrets are changed, and what was opened by them is worthless. */
  changeSecrets(clientId: string): void
}

/** A spell in which calls fail, of one client id or (null) of all. Instants are ms since the epoch. */
export interface ProviderFailure {
  from: number
  until: number
  clientId: string | null
  /** a throttle has seconds until the next try, if it tells them */
  fault: { kind: 'throttle'; retryAfter?: number } | { kind: 'status'; status: 503 } | { kind: 'reset' }
}

/** The simulated provider of a scenario, as far as a scenario moves it. */
export interface SimulatedProvider extends AsyncDisposable {
  readonly name: ProviderName
  /** variables that point startlist at it */
  readonly variables: Readonly<Record<string, string>>
  addAccount(account: { name: string; timezone: string }): { clientId: string; secret: string }
  /** @returns the id of its list */
  addEvent(clientId: string, event: NewEvent): string
  /** Registrations that are there, by number. */
  numbersOf(list: string): string[]
  /** Lets a client id make so many calls in any rolling 60 minutes; null for any number. */
  limit(clientId: string, calls: number | null): void
  /** Has something happen at an instant, stamped with it. */
  at(instant: number, move: (moves: ProviderMoves) => void): void
  fail(failure: ProviderFailure): void
  /** Number of the last call. */
  readonly lastCall: number
  /** Its log after a call and before an instant, by client id. */
  callsAfter(call: number, until: number): Map<string, LoggedCall[]>
}

/** Groups a log by client id; calls of nobody are left out. */
export function byClient(
  calls: readonly (LoggedCall & { client: string | null | undefined })[],
): Map<string, LoggedCall[]> {
  const groups = new Map<string, LoggedCall[]>()
  for (const { client, at, endpoint, eventId, page } of calls) {
    if (client == null) continue
    const mine = groups.get(client)
    if (mine === undefined) groups.set(client, [{ at, endpoint, eventId, page }])
    else mine.push({ at, endpoint, eventId, page })
  }
  return groups
}
