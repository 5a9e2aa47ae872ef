import type { Excuse } from '../happenings.ts'
import type { CallCount } from '../ledger-tally.ts'
import type { LoggedCall, Played } from '../played.ts'
import type { SimulatedAccount } from '../world.ts'
import { type ForeseenEvent, foreseenOf, spreadOf } from './foreseen.ts'
import { type BackfillFigures, type BatchFigures, backfillOf, batchesOf } from './leftovers.ts'
import { callsOf, limitsOf } from './log.ts'
import { busiestStart, mostWithin } from './pace.ts'
import { type JudgedPoll, judgePolls } from './polls.ts'
import { type SeenChange, type StalenessTier, stalenessOf } from './staleness.ts'

/** What a played scenario shows. Durations in ms. */
export interface Figures {
  staleness: StalenessTier[]
  accounts: AccountFigures[]
  /** calls by class and purpose, as startlist's own ledger counts them */
  ledger: readonly CallCount[]
  batches: BatchFigures[]
  backfill: BackfillFigures | null
  /** every change, for plots */
  seen: SeenChange[]
}

/** One account, by the provider's log. */
export interface AccountFigures {
  name: string
  limit: number
  calls: number
  byEndpoint: Record<string, number>
  mostInHour: number
  mostInMinute: number
  /** largest share of an hour's calls in its first 20 minutes */
  busiestStart: number
  /** judged, the excused left out */
  polls: number
  late: JudgedPoll[]
  excused: number
  /** longest time from due to the list call, of polls that are not excused */
  latestMs: number
  /** events that the forecast foresaw as late */
  foreseen: ForeseenEvent[]
  /** by how much the mean intervals of events that are polled alike differ, as a share */
  spread: number
  /** instants of all calls */
  instants: number[]
}

const HOUR = 3_600_000
const MINUTE = 60_000

/** So many accounts are shown to a person. */
export const MOST_ACCOUNTS = 8

/** The accounts that made most calls, at most {@link MOST_ACCOUNTS}, most first where not all are shown. */
export function busiest(accounts: readonly AccountFigures[]): readonly AccountFigures[] {
  if (accounts.length <= MOST_ACCOUNTS) return accounts
  return accounts.toSorted((a, b) => b.calls - a.calls).slice(0, MOST_ACCOUNTS)
}

/** Measures a played scenario. */
export function measure(played: Played): Figures {
  const { scenario, events, changes, sightings, ledger } = played
  const until = scenario.start + scenario.duration
  const seen = changes.map((change) => ({ change, seenAt: sightings(change) }))
  const schedules = new Map(events.map(({ id, schedule }) => [id, schedule]))
  return {
    staleness: stalenessOf(seen, schedules, until),
    accounts: played.accounts.map((account) => accountFigures(played, account)),
    ledger,
    batches: batchesOf(played, seen),
    backfill: backfillOf(played),
    seen,
  }
}

function accountFigures(played: Played, account: SimulatedAccount): AccountFigures {
  const { scenario, events, excuses, preparedAt, forecasts } = played
  const { start: from, duration } = scenario
  const until = from + duration
  const { name, clientId, limit } = account
  const calls = callsOf(played, clientId)
  const instants = calls.map(({ at }) => at)
  const polls = judgePolls({
    events: events.filter((event) => event.clientId === clientId && event.known),
    calls: calls.flatMap(({ at, eventId, endpoint, page }) =>
      endpoint === 'participants' && (page ?? 1) === 1 && eventId !== null ? [{ at, eventId }] : [],
    ),
    ...{ from, until, preparedAt, limits: limitsOf(played) },
  })
  const own = excuses.filter((excuse) => excuse.clientId === null || excuse.clientId === clientId)
  const counted = polls.filter((poll) => !isExcused(poll, own, until))
  return {
    ...{ name, limit, calls: calls.length, instants, byEndpoint: countBy(calls) },
    mostInHour: mostWithin(instants, HOUR),
    mostInMinute: mostWithin(instants, MINUTE),
    busiestStart: busiestStart(instants, from, until),
    polls: counted.length,
    late: counted.filter(({ late }) => late),
    excused: polls.length - counted.length,
    latestMs: counted.reduce((most, { at, due }) => Math.max(most, (at ?? until) - due), 0),
    foreseen: foreseenOf(forecasts.get(clientId)?.late ?? [], counted),
    spread: spreadOf(counted),
  }
}

function countBy(calls: readonly LoggedCall[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { endpoint } of calls) counts[endpoint] = (counts[endpoint] ?? 0) + 1
  return counts
}

/** Was the poll owed at a time at which nobody could have made it? */
function isExcused({ due, at }: JudgedPoll, excuses: readonly Excuse[], until: number): boolean {
  return excuses.some((excuse) => due < excuse.until && (at ?? until) >= excuse.from)
}
