import type { CallClass } from '../domain/account.ts'
import { detailLimit } from '../domain/detail-limit.ts'
import type { StartlistError } from '../domain/errors.ts'
import { type AccountEvent, eventsOfAccount } from '../store/events.ts'
import type { AccountContext } from './context.ts'
import { eventSchedule, hasEnded } from './event-schedule.ts'
import { type EventOutcome, type ListOutcome, syncDetails, syncList } from './event-sync.ts'

/** What a person wants brought up to date. */
export interface SyncRequest {
  /** Only this event, or the race that it is listed with, past or not. */
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

export interface AccountOutcome {
  events: EventOutcome[]
  /** What stopped the account before all events were done. */
  stopped: StartlistError | null
}

const DAY = 24 * 3_600_000
/** This many events failing in a row are an outage, and no reason to spend calls on the others. */
const MOST_FAILURES_IN_A_ROW = 3

/**
 * Brings an account's events up to date: lists first, soonest start first, then the details they owe. Names are there
 * after a few calls; one event's failure never hides the others.
 */
export async function syncAccount(account: AccountContext, request: SyncRequest): Promise<AccountOutcome> {
  const events = (await eventsOfAccount(account.db, account.account.accountId)).filter((event) =>
    isWanted(event, request, account.clock.now()),
  )
  const outcome: AccountOutcome = { events: [], stopped: null }
  const listed: { event: AccountEvent; list: ListOutcome }[] = []
  let failuresInARow = 0
  for (const event of events) {
    const list = await syncList(account, event, {
      kind: request.full ? 'sweep' : 'poll',
      class: callClassOf(account, event, request),
      pollAfterResume: true,
    })
    outcome.events.push(list)
    if (list.error === null) {
      failuresInARow = 0
      listed.push({ event, list })
    } else if (stopsAccount(list.error)) {
      return { ...outcome, stopped: list.error }
    } else if (!isOutage(list.error)) {
      failuresInARow = 0
    } else if (++failuresInARow >= MOST_FAILURES_IN_A_ROW) {
      return { ...outcome, stopped: list.error }
    }
  }
  if (!account.connection.needsDetail) return outcome
  failuresInARow = 0
  for (const { event, list } of listed) {
    const scope = {
      class: request.eventId === undefined ? ('upkeep' as const) : ('person' as const),
      readBefore: readBefore(account, event, request),
      evenPutOff: request.full === true && request.details === true,
    }
    const { error } = await syncDetails(account, event, scope, list)
    list.error = error
    failuresInARow = error !== null && isOutage(error) ? failuresInARow + 1 : 0
    if (error !== null && (stopsAccount(error) || failuresInARow >= MOST_FAILURES_IN_A_ROW)) {
      return { ...outcome, stopped: error }
    }
  }
  return outcome
}

function isWanted(event: AccountEvent, request: SyncRequest, now: number): boolean {
  if (request.eventId !== undefined && !isNamed(event, request.eventId)) return false
  if (request.partnerId !== undefined && !event.holders.some((h) => h.partnerId === request.partnerId))
    return false
  if (request.eventId !== undefined) return true
  // A vanished event is looked for by discovery, and by name.
  return !event.missing && (request.past === true || !hasEnded(eventSchedule(event), now))
}

/** An id means the list that has it: the race of an event is read as a whole. */
function isNamed({ eventId, events }: AccountEvent, id: string): boolean {
  return eventId === id || events.some((event) => event.eventId === id)
}

/** Errors that the account's other events would meet as well. */
export function stopsAccount(error: StartlistError): boolean {
  if (error.code === 'FORBIDDEN') return false
  return ['auth', 'rate_limited', 'config', 'ours', 'usage'].includes(error.class)
}

/** Failures that may be all the provider's. What it says of one event alone, such as that it is gone, is none. */
export function isOutage(error: StartlistError): boolean {
  return error.class === 'transient' ? error.code !== 'NOT_FOUND' : error.code === 'BAD_BODY'
}

/** Details over their limit are read again by a full sync (F4). */
function readBefore(account: AccountContext, event: AccountEvent, request: SyncRequest): string | null {
  if (!request.full) return null
  const now = account.clock.now()
  if (request.details) return new Date(now).toISOString()
  return new Date(now - detailLimit(eventSchedule(event).start, now, { spare: false })).toISOString()
}

/** A person's own event is theirs; of many, polls are polls, and sweeps come from spare calls unless the race is near (P1). */
function callClassOf(account: AccountContext, event: AccountEvent, request: SyncRequest): CallClass {
  if (request.eventId !== undefined) return 'person'
  const near = event.startsAt !== null && event.startsAt - account.clock.now() <= DAY
  return !request.full || near ? 'poll' : 'backfill'
}
