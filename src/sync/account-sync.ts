import { StartlistError } from '../domain/errors.ts'
import { tallyRuns } from '../store/changes.ts'
import { asDatabaseError, sqlState } from '../store/database-error.ts'
import { type AccountEvent, eventsOfAccount, setMissing } from '../store/events.ts'
import { failPass } from '../store/sync-state.ts'
import { type AccountContext, type EventContext, eventContext } from './context.ts'
import { readOwedDetails } from './details.ts'
import { failRuns } from './history.ts'
import { type PassResult, runPass } from './run-pass.ts'
import { level, recompute } from './stored-rows.ts'

/** What a person, or the scheduler, wants brought up to date. */
export interface SyncRequest {
  /** Only this event, past or not. */
  eventId?: string
  /** Only events that this timing partner receives. */
  partnerId?: number
  /** Events that are over as well. */
  past?: boolean
  /** A sweep of each, instead of a poll where one will do. */
  full?: boolean
  /** With `full`: every detail again, not only those owed or over their limit. */
  details?: boolean
}

/** What a run did for one timing partner and event. */
export interface SyncLine {
  provider: string
  partnerId: number
  eventId: string
  kind: 'poll' | 'sweep'
  calls: number
  seen: number
  inserted: number
  updated: number
  unchanged: number
  removed: number
  rejected: number
  complete: boolean
}

/** One event's run, for all its timing partners. */
export interface EventOutcome {
  eventId: string
  lines: SyncLine[]
  /** Why the event is not up to date. */
  error: StartlistError | null
  /** Removals that wait for a person. */
  held: boolean
}

export interface AccountOutcome {
  events: EventOutcome[]
  /** What stopped the account before all events were done. */
  stopped: StartlistError | null
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** An event is over this long after its start: the last row of the cadence (design). */
const OVER_AFTER = HOUR
/** This many events failing in a row are an outage, and no reason to spend calls on the others. */
const MOST_FAILURES_IN_A_ROW = 3

/** When an event takes place, as far as its provider says. */
type EventTimes = Pick<AccountEvent, 'startsAt' | 'startDay' | 'endsAt' | 'endDay' | 'timezone'>

/** A start without a zone is read in New York; in Honolulu, the other end of its window, it is later by this (T3). */
const ASSUMED_WINDOW = 6 * HOUR

/** Is the event over, so that only a person asks for it? Undated events never are. */
export function isOver(event: EventTimes, now: number): boolean {
  const days = [event.startDay, event.endDay].filter((day) => day !== null)
  const instants = [event.startsAt, event.endsAt].filter((instant) => instant !== null)
  const slack = event.timezone === null ? ASSUMED_WINDOW : 0
  const ends = [
    ...instants.map((instant) => instant + slack),
    // A day without a time lasts until it ends everywhere: UTC-12 is the last zone to see midnight.
    ...days.map((day) => Date.parse(day) + DAY + 12 * HOUR),
  ]
  return ends.length > 0 && Math.max(...ends) + OVER_AFTER < now
}

/**
 * Brings an account's events up to date: lists first, soonest start first, then the details they owe. Names are there
 * after a few calls; one event's failure never hides the others.
 */
export async function syncAccount(account: AccountContext, request: SyncRequest): Promise<AccountOutcome> {
  const events = (await eventsOfAccount(account.db, account.account.accountId)).filter((event) =>
    isWanted(event, request, account.clock.now()),
  )
  const outcome: AccountOutcome = { events: [], stopped: null }
  const listed: Listed[] = []
  let failuresInARow = 0
  for (const event of events) {
    const { result, runIds } = await syncList(account, event, request)
    outcome.events.push(result)
    if (result.error === null) {
      failuresInARow = 0
      listed.push({ event, outcome: result, runIds })
    } else if (stopsAccount(result.error)) {
      return { ...outcome, stopped: result.error }
    } else if (!isOutage(result.error)) {
      failuresInARow = 0
    } else if (++failuresInARow >= MOST_FAILURES_IN_A_ROW) {
      return { ...outcome, stopped: result.error }
    }
  }
  if (!account.connection.needsDetail) return outcome
  failuresInARow = 0
  for (const done of listed) {
    const error = await syncDetails(account, request, done)
    failuresInARow = error !== null && isOutage(error) ? failuresInARow + 1 : 0
    if (error !== null && (stopsAccount(error) || failuresInARow >= MOST_FAILURES_IN_A_ROW)) {
      return { ...outcome, stopped: error }
    }
  }
  return outcome
}

/** An event whose list is stored, and whose details are to follow. */
interface Listed {
  event: AccountEvent
  outcome: EventOutcome
  /** The history rows of its pass, per holder; null where a quiet poll left none. */
  runIds: (number | null)[]
}

function isWanted(event: AccountEvent, request: SyncRequest, now: number): boolean {
  if (request.eventId !== undefined && event.eventId !== request.eventId) return false
  if (request.partnerId !== undefined && !event.holders.some((h) => h.partnerId === request.partnerId))
    return false
  if (request.eventId !== undefined) return true
  // A vanished event is looked for by discovery, and by name.
  return !event.missing && (request.past === true || !isOver(event, now))
}

/** Errors that the account's other events would meet as well. */
function stopsAccount(error: StartlistError): boolean {
  if (error.code === 'FORBIDDEN') return false
  return ['auth', 'rate_limited', 'config', 'ours', 'usage'].includes(error.class)
}

/** Failures that may be all the provider's. What it says of one event alone, such as that it is gone, is none. */
function isOutage(error: StartlistError): boolean {
  return error.class === 'transient' ? error.code !== 'NOT_FOUND' : error.code === 'BAD_BODY'
}

async function syncList(
  account: AccountContext,
  event: AccountEvent,
  request: SyncRequest,
): Promise<{ result: EventOutcome; runIds: (number | null)[] }> {
  const run = eventContext(account, event, request.full ? 'sweep' : 'poll')
  const result = await runList(account, event, request, run)
  return { result, runIds: run.holders.map((holder) => holder.runId) }
}

async function runList(
  account: AccountContext,
  event: AccountEvent,
  request: SyncRequest,
  run: EventContext,
): Promise<EventOutcome> {
  let kind: 'poll' | 'sweep' = run.kind === 'sweep' ? 'sweep' : 'poll'
  try {
    await recompute(account, run)
    await level(account, run)
    account.spendAs(callClassOf(account, event, request, kind))
    // An event that was missing comes back with a sweep: nobody looked for what was removed meanwhile (A4).
    const whole = request.full || !run.someCurrent || event.missing
    const result = await passOrMissing(account, run, whole ? 'sweep' : 'poll')
    kind = result.kind
    // Who came in the middle of a sweep lacks its first pages, which a sibling has by now (S2).
    await level(account, run)
    return {
      eventId: event.eventId,
      lines: linesOf(run, kind, result.complete),
      error: null,
      held: result.held,
    }
  } catch (error) {
    const failure = asError(error)
    if (failure.code === 'FENCED' || failure.class === 'config') {
      return { eventId: event.eventId, lines: linesOf(run, kind, false), error: failure, held: false }
    }
    await failRuns(account.db, account, run, failure)
    await failPass(account.db, account.account.accountId, event.eventId, {
      code: failure.code,
      listMissing: failure.code === 'NOT_FOUND',
    })
    const lines = linesOf(run, kind, false)
    return { eventId: event.eventId, lines, error: failure, held: failure.code === 'FOREIGN_LIST' }
  }
}

/** A list that answers 404 twice makes its event missing; its rows stay. One that answers is not missing (A4). */
async function passOrMissing(
  account: AccountContext,
  run: EventContext,
  wanted: 'poll' | 'sweep',
): Promise<PassResult> {
  const { accountId } = account.account
  for (let answered404 = false; ; answered404 = true) {
    try {
      const result = await runPass(account, run, wanted)
      await setMissing(account.db, accountId, run.eventId, false)
      return result
    } catch (error) {
      if (!(error instanceof StartlistError) || error.code !== 'NOT_FOUND') throw error
      if (!answered404) continue
      await setMissing(account.db, accountId, run.eventId, true)
      throw error
    }
  }
}

async function syncDetails(
  account: AccountContext,
  request: SyncRequest,
  { event, outcome: result, runIds }: Listed,
): Promise<StartlistError | null> {
  const run = eventContext(account, event, 'details')
  account.spendAs(request.eventId === undefined ? 'upkeep' : 'person')
  try {
    const details = await readOwedDetails(account, run, readBefore(account, event, request))
    result.error = details.failure
  } catch (error) {
    result.error = asError(error)
  }
  for (const [i, holder] of run.holders.entries()) {
    const line = result.lines[i]
    if (line === undefined) continue
    const ids = [runIds[i], holder.runId].filter((id) => id != null)
    if (holder.runId !== null) Object.assign(line, await tallyRuns(account.db, ids))
    line.rejected += holder.counts.rejected
    if (i === 0) line.calls += account.calls() - run.callsBefore
  }
  return result.error
}

/** Details over their limit are read again by a full sync: 24 h in race week, 7 days before (F4). */
function readBefore(account: AccountContext, event: AccountEvent, request: SyncRequest): string | null {
  if (!request.full) return null
  const now = account.clock.now()
  if (request.details) return new Date(now).toISOString()
  const start = event.startsAt ?? (event.startDay === null ? null : Date.parse(event.startDay))
  const limit = start !== null && Math.abs(start - now) <= 7 * DAY ? DAY : 7 * DAY
  return new Date(now - limit).toISOString()
}

/** A person's own event is theirs; of many, polls are polls, and sweeps come from spare calls unless the race is near (P1). */
function callClassOf(
  account: AccountContext,
  event: AccountEvent,
  request: SyncRequest,
  kind: 'poll' | 'sweep',
) {
  if (request.eventId !== undefined) return 'person'
  const near = event.startsAt !== null && event.startsAt - account.clock.now() <= DAY
  return kind === 'poll' || near ? 'poll' : 'backfill'
}

function linesOf(run: EventContext, kind: 'poll' | 'sweep', complete: boolean): SyncLine[] {
  return run.holders.map(({ holder, counts }) => ({
    provider: run.at.provider,
    partnerId: holder.partnerId,
    eventId: run.eventId,
    kind,
    calls: counts.calls,
    seen: counts.seen,
    inserted: counts.inserted,
    updated: counts.updated,
    unchanged: counts.unchanged,
    removed: counts.removed,
    rejected: counts.rejected,
    complete: complete && holder.failed !== true,
  }))
}

function asError(error: unknown): StartlistError {
  if (error instanceof StartlistError) return error
  if (sqlState(error) !== null) return asDatabaseError(error)
  return new StartlistError('INTERNAL', error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
