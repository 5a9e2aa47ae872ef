import { Rng } from '../simulator/index.ts'
import type { SimulatedProvider } from './provider/provider.ts'
import type { Scenario } from './scenario.ts'
import type { SimulatedEvent } from './world.ts'

/** Something that changed at the provider, and how it is known again in our change feed. */
export interface Change {
  /** the provider's instant, ms since the epoch */
  at: number
  eventId: string
  /** registration number; null until it has happened */
  number: string | null
  /** `entry` and `withdrawn` show in the list, `bib` only in the detail where there is one */
  kind: 'entry' | 'withdrawn' | 'bib'
  /** the new bib of a `bib` */
  bib: string | null
  /** one of many at once, which nobody can store within a poll interval */
  batch: boolean
}

/** What happens in turn to an event's registrations. */
const TURNS = ['bib', 'entry', 'bib', 'withdrawn'] as const
/** A change this close to the end of polling, or of the scenario, may rightly be seen by nobody. */
const QUIET_END_MS = 5 * 60_000

/** Plans the changes of a scenario at the provider. @returns them, filled in as they happen; sorted by instant */
export function planChanges(
  provider: SimulatedProvider,
  events: readonly SimulatedEvent[],
  scenario: Scenario,
): Change[] {
  const changes: Change[] = []
  for (const [i, event] of events.entries()) {
    const rng = new Rng(scenario.seed * 1_000 + i)
    changes.push(...changesOf(provider, event, changeInstants(event, rng, scenario), rng))
  }
  for (const happening of scenario.happenings) {
    if (happening.what !== 'bibs') continue
    const event = events.find(({ name }) => name === happening.event)
    if (event) planBibs(provider, event.id, scenario.start + happening.at, happening.count, changes)
  }
  return changes
}

/** When an event's registrations change, ms since the epoch, ascending. */
export function changeInstants(event: SimulatedEvent, rng: Rng, { start, duration }: Scenario): number[] {
  const end = Math.min(start + duration, event.schedule.overAt ?? Number.POSITIVE_INFINITY)
  const length = end - QUIET_END_MS - start
  const many = Math.round((event.changesPerHour * Math.max(0, length)) / 3_600_000)
  return Array.from({ length: many }, () => start + rng.int(Math.max(1, length))).sort((a, b) => a - b)
}

function changesOf(
  provider: SimulatedProvider,
  event: SimulatedEvent,
  instants: readonly number[],
  rng: Rng,
): Change[] {
  // Nobody changes twice, so that each change is known again by its registration.
  const numbers = rng.sample(provider.numbersOf(event.id), instants.length)
  return instants.flatMap((at, i) => {
    const kind = TURNS[i % TURNS.length] ?? 'bib'
    return changeOf(provider, event.id, at, numbers[i] === undefined ? 'entry' : kind, numbers[i] ?? null)
  })
}

/** Plans one change; a late entry comes with a bib, which shows up in its own time. */
function changeOf(
  provider: SimulatedProvider,
  eventId: string,
  at: number,
  kind: Change['kind'],
  number: string | null,
): Change[] {
  const change: Change = { at, eventId, number, kind, bib: null, batch: false }
  if (kind === 'entry') {
    const bib: Change = { ...change, number: null, kind: 'bib' }
    const entry: Change = { ...change, number: null }
    provider.at(at, (moves) => {
      Object.assign(bib, moves.enter(eventId))
      entry.number = bib.number
    })
    return [entry, bib]
  }
  provider.at(at, (moves) => {
    if (number === null) return
    if (kind === 'withdrawn') moves.withdraw(eventId, number)
    else change.bib = moves.giveBib(eventId, number)
  })
  return [change]
}

function planBibs(
  provider: SimulatedProvider,
  eventId: string,
  at: number,
  count: number,
  changes: Change[],
): void {
  provider.at(at, (moves) => {
    for (const given of moves.giveBibs(eventId, count))
      changes.push({ ...given, at, eventId, kind: 'bib', batch: true })
  })
}
