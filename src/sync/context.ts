import type { Account, CallClass } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Connection, Provider } from '../providers/provider.ts'
import type { Db, Trx } from '../store/database.ts'
import type { AccountEvent, Holder } from '../store/events.ts'
import { NO_COUNTS, openRun, type RunCounts, type RunRow } from '../store/history.ts'
import type { ParticipantTable } from '../store/participants/table.ts'
import { eventSchedule } from './event-schedule.ts'
import type { RowSettings } from './merge.ts'

/** What a pass may tell a person while it goes on. */
export type Progress = (at: {
  eventId: string
  kind: 'list' | 'details'
  done: number
  total: number | null
  calls: number
}) => void

/** A page that was committed: how long its transaction took, ms, and what became of its rows, over all holders. */
export interface StoredPage {
  ms: number
  inserted: number
  updated: number
  unchanged: number
  removed: number
  rejected: number
}

/** What the lists of an account taught the engine (W9), beside what its connection learns for itself. */
export interface ListTraits {
  /** ms since the epoch at which the list proved to be unsorted; believed for a week. */
  unorderedSince: number | null
  /** ms since the epoch at which totals proved wrong; believed for a week. */
  totalsWrongSince: number | null
  /** What stamps of its lists are cut to, seconds: 1 unless whole pages of them were full minutes or hours. */
  stampStep: number
}

/** An account whose lane is held by the caller: enough for work on stored rows, which costs no call. */
export interface LaneContext {
  db: Db
  clock: Clock
  account: Account
  provider: Provider
  shape: ParticipantTable
  /** Checked by every write: a worker that lost its lane must not commit (N1). */
  fence: number
  /** HTTP attempts so far, retries and refused ones included. */
  calls(): number
}

/**
 * Asked between two calls of one piece of work; may make other calls meanwhile, as a poll that has fallen due.
 * @returns `stop` when the work should end here and go on later; what cannot be resumed goes on all the same
 */
export type Between = (run: EventContext) => Promise<'go' | 'stop'>

/** Everything that a pass over one account needs. */
export interface AccountContext extends LaneContext {
  connection: Connection
  /** From here on calls are spent as this class (L3). */
  spendAs(callClass: CallClass): void
  /** A second line on the same lane, with its own class and count of calls: a call on each may be under way at once. */
  anotherLine(): AccountContext
  readonly traits: ListTraits
  saveTraits(traits: ListTraits): Promise<void>
  progress: Progress
  /** Told of every page that was committed. */
  onPage(page: StoredPage): void
  /** Another process waits for the lane: work that can go on later should end. */
  isWanted(): boolean
  /** Aborted when no further page should begin. */
  signal: AbortSignal
}

/** One timing partner's share of a run. */
export interface HolderContext {
  holder: Holder
  counts: RunCounts
  /** The history row of this run, opened when there is first something to say. */
  run(trx: Trx): Promise<number>
  runId: number | null
}

/** One event under way: who receives it, and what was done for each so far. */
export interface EventContext {
  account: Account
  at: { provider: Account['provider']; accountId: number; eventId: string }
  eventId: string
  /** The events that the list is asked for. */
  events: readonly string[]
  schedule: Schedule
  /** IANA zone, null where nobody knows it. */
  timezone: string | null
  shape: ParticipantTable
  settings: Omit<RowSettings, 'raceDay' | 'bibAuthority'>
  /** What a list record becomes by its removal, where the provider has a feed of removals. */
  afterRemoval: Provider['afterRemoval']
  holders: HolderContext[]
  /** At least one holder is current; rows of the others prove nothing and demand nothing (S2). */
  someCurrent: boolean
  kind: RunRow['kind']
  /** Calls of the account that are not this run's, for the difference. */
  callsBefore: number
  /** The database's instant at which the run was tried, ms since the epoch: the age of its list counts from here (P1). */
  startedAt: number
  between: Between
  /** A sweep that goes on from a checkpoint is followed by a poll of the list's head (W3). */
  pollAfterResume: boolean
  /** So is one whose list moved while it was read: whom it passed over stands in the head by now (W1). */
  pollWhenMoved: boolean
}

const ALWAYS: Between = async () => 'go'

/** Prepares an event for one run of the given kind. */
export function eventContext(
  account: LaneContext,
  event: AccountEvent,
  kind: RunRow['kind'],
  options: { between?: Between; pollAfterResume?: boolean; pollWhenMoved?: boolean } = {},
): EventContext {
  const at = {
    provider: account.account.provider,
    accountId: account.account.accountId,
    eventId: event.eventId,
  }
  return {
    account: account.account,
    at,
    eventId: event.eventId,
    events: event.events.filter(({ missing }) => !missing || event.missing).map(({ eventId }) => eventId),
    schedule: eventSchedule(event),
    timezone: event.timezone,
    shape: account.shape,
    settings: {
      map: account.provider.map,
      mappingVersion: account.provider.mappingVersion,
      now: new Date(account.clock.now()).toISOString(),
    },
    afterRemoval: account.provider.afterRemoval,
    holders: event.holders.map((holder) => holderContext(holder, at, kind)),
    someCurrent: event.holders.some((holder) => holder.state === 'current'),
    kind,
    callsBefore: account.calls(),
    startedAt: account.clock.now(),
    between: options.between ?? ALWAYS,
    pollAfterResume: options.pollAfterResume ?? true,
    pollWhenMoved: options.pollWhenMoved ?? false,
  }
}

function holderContext(holder: Holder, at: EventContext['at'], kind: RunRow['kind']): HolderContext {
  const context: HolderContext = {
    holder,
    counts: { ...NO_COUNTS },
    runId: null,
    async run(trx) {
      context.runId ??= await openRun(trx, {
        event: { provider: at.provider, partnerId: holder.partnerId, eventId: at.eventId },
        accountId: at.accountId,
        kind,
      })
      return context.runId
    },
  }
  return context
}
