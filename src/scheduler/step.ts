import { detailLimit } from '../domain/detail-limit.ts'
import type { StartlistError } from '../domain/errors.ts'
import { intervalAt } from '../domain/schedule.ts'
import type { NextStep } from '../quota/planner.ts'
import { markAudited } from '../store/audit/plan.ts'
import { readWindow } from '../store/calls.ts'
import type { Credential } from '../store/credentials.ts'
import { type AccountEvent, eventsOfAccount } from '../store/events.ts'
import { markDiscoveryTried } from '../store/plans/account-plan.ts'
import { markStale, putOff } from '../store/plans/marks.ts'
import { stopsAccount } from '../sync/account-sync.ts'
import { auditEvent } from '../sync/audit/audit-event.ts'
import type { AccountContext, Between } from '../sync/context.ts'
import { discover } from '../sync/discover.ts'
import { eventSchedule, hasEnded } from '../sync/event-schedule.ts'
import { asError, syncDetails, syncList } from '../sync/event-sync.ts'
import { closeBreaker, isOutage, noteOutage } from './breaker.ts'

/** One step of a turn: what the planner chose, done. */

/** What a step did. */
export interface StepResult {
  polls?: number
  details?: number
  sweeps?: number
  discoveries?: number
  audits?: number
  rows?: number
  /** stops the account: its other events would meet the same */
  stop: StartlistError | null
}

type Step = Exclude<NextStep, { do: 'wait' }>

/** A failed event is tried again after a minute, doubling up to its own interval, but no later than this. */
const RETRY_MS = 60_000
const LATEST_RETRY_MS = 15 * 60_000
/** A step of a detail round reads so many, so that rounds of several events take turns. */
const ROUND_AT_ONCE = 25

/** How thorough a night's audit is: of an event 20 single reads, and the feed of so many registrations. */
const AUDIT = { sample: 20, replay: 2_000 } as const

/**
 * Does one step. An event's failure puts that event off; an outage opens the account's breaker.
 * @param between asked between two calls of the step
 */
export async function takeStep(
  account: AccountContext,
  receivers: readonly Credential[],
  step: Step,
  between: Between,
): Promise<StepResult> {
  if (step.do === 'discover') return discovery(account, receivers)
  const event = await eventOf(account, step.eventId)
  if (event === null) return { stop: null }
  if (step.do === 'details' || step.do === 'round') return details(account, event, step, between)
  return step.do === 'audit' ? audit(account, event, step, between) : list(account, event, step, between)
}

async function eventOf(account: AccountContext, eventId: string | null): Promise<AccountEvent | null> {
  if (eventId === null) return null
  const { accountId } = account.account
  const [event] = await eventsOfAccount(account.db, accountId, { eventIds: [eventId] })
  // Whoever received it is gone: nothing is planned for it any more.
  if (event === undefined) await markStale(account.db, accountId, eventId)
  return event ?? null
}

async function discovery(account: AccountContext, receivers: readonly Credential[]): Promise<StepResult> {
  account.spendAs('upkeep')
  await markDiscoveryTried(account.db, account.account.accountId)
  try {
    await discover(account, receivers)
    await closeBreaker(account.db, account.account.accountId)
    return { discoveries: 1, stop: null }
  } catch (error) {
    return { stop: await judge(account, asError(error)) }
  }
}

async function list(
  account: AccountContext,
  event: AccountEvent,
  step: Step,
  between: Between,
): Promise<StepResult> {
  const at = { accountId: account.account.accountId, eventId: event.eventId }
  const kind = step.do === 'poll' ? 'poll' : 'sweep'
  // Nobody polls it after this sweep (W1).
  const pollWhenMoved = hasEnded(eventSchedule(event), account.clock.now())
  const request = { kind, class: step.class, between, pollAfterResume: false, pollWhenMoved } as const
  const result = await syncList(account, event, request)
  const rows = result.lines.reduce((sum, line) => sum + line.inserted + line.updated + line.removed, 0)
  if (result.error === null) {
    if (result.paused) await markStale(account.db, at.accountId, at.eventId)
    await closeBreaker(account.db, at.accountId)
    return { [step.do === 'poll' ? 'polls' : 'sweeps']: 1, rows, stop: null }
  }
  const stop = await judge(account, result.error)
  if (stop === null || isOutage(result.error)) {
    const every = intervalAt(eventSchedule(event), account.clock.now()) ?? LATEST_RETRY_MS
    const mostMs = Math.max(RETRY_MS, Math.min(every, LATEST_RETRY_MS))
    await putOff(account.db, at, { baseMs: RETRY_MS, mostMs })
  }
  return { rows, stop }
}

async function details(
  account: AccountContext,
  event: AccountEvent,
  step: Step,
  between: Between,
): Promise<StepResult> {
  const { accountId } = account.account
  // The database's instant, by which the round was found due.
  const { now } = await readWindow(account.db, accountId)
  const limit = detailLimit(eventSchedule(event).start, now, { spare: true })
  const scope =
    step.do === 'round'
      ? { readBefore: new Date(now - limit + 1).toISOString(), most: ROUND_AT_ONCE }
      : { readBefore: null }
  const result = await syncDetails(account, event, { ...scope, class: step.class, between })
  await markStale(account.db, accountId, event.eventId)
  if (result.read > 0) await closeBreaker(account.db, accountId)
  const stop = result.error === null ? null : await judge(account, result.error)
  return { details: result.read, rows: result.read, stop }
}

async function audit(
  account: AccountContext,
  event: AccountEvent,
  step: Step,
  between: Between,
): Promise<StepResult> {
  if (event.missing) {
    await markAudited(account.db, account.account.accountId, event.eventId)
    return { stop: null }
  }
  const seed = new Date(account.clock.now()).toISOString().slice(0, 10)
  const { audits, error } = await auditEvent(account, event, {
    ...AUDIT,
    seed,
    class: step.class,
    between,
  })
  if (error === null) await closeBreaker(account.db, account.account.accountId)
  return { audits: audits.length > 0 ? 1 : 0, stop: error === null ? null : await judge(account, error) }
}

/** What an event's failure means for its account: null when only the event is put off. */
async function judge(account: AccountContext, error: StartlistError): Promise<StartlistError | null> {
  if (isOutage(error)) return (await noteOutage(account.db, account.account.accountId)) ? error : null
  return stopsAccount(error) ? error : null
}
