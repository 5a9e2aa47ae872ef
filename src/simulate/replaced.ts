import type { Scenario } from './scenario.ts'

/** What a simulation puts in the place of the real thing; everything else is what `run` runs. For people. */
export function replacedIn({ engine, provider }: Pick<Scenario, 'engine' | 'provider'>): readonly string[] {
  if (engine === 'planner') return ALL_BUT_PLANNER
  return provider.name === 'runsignup' ? [...WHOLE, ONE_CALL] : WHOLE
}

const ONE_CALL = 'RUNSIGNUP_CONCURRENCY is 1: a task of virtual time does one thing at a time.'

const WHOLE = [
  'Time: the clocks of the process, of the database (startlist.clock) and of the provider are virtual; it stands still while work is done, so a statement takes no time.',
  "pg-boss' clock is its own test clock. Turns are fetched by its statements every half second; its timers, heartbeats and LISTEN, which know only the machine's time, are replaced by looking at those instants.",
  'The provider is the simulator, over HTTP on this machine; the latency of the line passes on the virtual clock.',
  'Processes are tasks of this one: a killed one loses its line and its connections and leaves its lane behind, as if its machine had died.',
]

const ALL_BUT_PLANNER = [
  "Everything but planner, stretch, schedules and ledger: no database, no HTTP, no turns. The ledger's book is in memory.",
  'Sweeps, discovery, tokens and detail rounds are not played; every change is one row, and a bib one detail call.',
]
