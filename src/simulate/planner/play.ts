import { VirtualClock } from '../../domain/clock.ts'
import { shortestIntervalMs } from '../../providers/registry.ts'
import { Rng } from '../../simulator/index.ts'
import { type Change, changeInstants } from '../changes.ts'
import type { CallCount } from '../ledger-tally.ts'
import type { LoggedCall, Played } from '../played.ts'
import { expandedNames, type Scenario, type ScenarioAccount } from '../scenario.ts'
import { type SimulatedAccount, type SimulatedEvent, scheduleIn } from '../world.ts'
import { runPlanner } from './account.ts'
import { MemoryBook } from './book.ts'

export interface PlannerPlayOptions {
  signal?: AbortSignal
  /** told now and then how far it is: 0 to 1 */
  onProgress?: (share: number) => void
}

/** As for the whole engine: what was read before has left every window. */
const AHEAD_MS = 75 * 60_000

/**
 * Plays a scenario with planner and ledger alone, in memory: for more accounts than a database and a provider could
 * serve in minutes. Accounts share nothing, so they are played one after the other.
 * @throws the signal's reason when it is aborted
 */
export async function playPlanner(scenario: Scenario, options: PlannerPlayOptions = {}): Promise<Played> {
  const { start, duration, spacing, quota, provider } = scenario
  const preparedAt = start - AHEAD_MS
  const limits = { perHour: quota, minSpacingMs: spacing }
  const accounts = scenario.accounts.flatMap((account) => accountsOf(account, quota))
  const ledger = new Map<string, CallCount>()
  const calls = new Map<string, LoggedCall[]>()
  const seen = new Map<Change, number>()
  const allEvents: SimulatedEvent[] = []
  const allChanges: Change[] = []
  for (const [i, { made, account }] of accounts.entries()) {
    options.signal?.throwIfAborted()
    const events = eventsOf(account, made)
    const changes = new Map(events.map((event, j) => [event.id, changesOf(event, scenario, i * 1_000 + j)]))
    const clock = new VirtualClock(start)
    const book = new MemoryBook(clock, ledger)
    const run = await runPlanner(
      { clock, book, limits, latencyMs: provider.latency, events, preparedAt, changes },
      start + duration,
    )
    calls.set(made.clientId, run.calls)
    for (const [change, at] of run.seen) seen.set(change, at)
    allEvents.push(...events)
    allChanges.push(...[...changes.values()].flat())
    options.onProgress?.((i + 1) / accounts.length)
  }
  return {
    ...{ scenario, preparedAt, calls, excuses: [], forecasts: new Map() },
    ...{ accounts: accounts.map(({ made }) => made), events: allEvents, changes: allChanges },
    sightings: (change) => seen.get(change) ?? null,
    ledger: [...ledger.values()].sort((a, b) => b.count - a.count),
  }
}

function accountsOf(
  account: ScenarioAccount,
  quota: number,
): { made: SimulatedAccount; account: ScenarioAccount }[] {
  const { timezone, partners, limit = quota } = account
  return expandedNames(account).map((name) => ({
    made: { name, clientId: name, secret: '', timezone, partners, limit },
    account,
  }))
}

function eventsOf({ events }: ScenarioAccount, { clientId, timezone }: SimulatedAccount): SimulatedEvent[] {
  return events.flatMap((event) => {
    const { known, cadence, changesPerHour } = event
    const schedule = scheduleIn(event, timezone, shortestIntervalMs())
    return expandedNames(event).map((name) => ({
      ...{ id: `${clientId}: ${name}`, name, clientId, known, changesPerHour, cadence, schedule },
    }))
  })
}

function changesOf(event: SimulatedEvent, scenario: Scenario, place: number): Change[] {
  const rng = new Rng(scenario.seed * 1_000_000 + place)
  return changeInstants(event, rng, scenario).map((at, i) => {
    const kind = i % 2 === 0 ? 'bib' : 'entry'
    return { at, eventId: event.id, number: String(i), kind, bib: null, batch: false }
  })
}
