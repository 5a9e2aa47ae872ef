import type { CallClass } from '../domain/account.ts'
import { hourDemand, type PollGroup, pollsBySlot } from './demand.ts'
import { isSpare } from './spare.ts'
import { pollCapacity, type Stretch, stretchedDue, stretchOf } from './stretch.ts'
import { decide, effectiveLimit, type Limits, UPKEEP_SHARE, type WindowFacts } from './window.ts'

/**
 * Which call an account makes next, and why (P1 to P4). Pure: what it is told of the account decides alone. It is asked
 * again between any two calls, so it never plans further ahead than one.
 */

/** An event that is polled, now or later. */
export interface PollFact {
  eventId: string
  /** when its cadence asks for the next poll, unstretched; ms since the epoch */
  due: number
  /** the interval in force then, ms */
  every: number
  /** its start, ms since the epoch; Infinity without a date */
  start: number
  /** a person wants it now */
  asked: boolean
}

/** Work that is not a poll. */
export interface Task {
  do: 'discover' | 'details' | 'sweep' | 'backfill' | 'round' | 'audit'
  /** null for discovery, which is the account's */
  eventId: string | null
  /** for people */
  reason: string
}

/** What the planner knows of an account. Whatever is listed is due; most pressing first. */
export interface PlannerFacts {
  window: WindowFacts
  limits: Limits
  /** Of each interval the polls that were due first. */
  polls: readonly PollFact[]
  /** All polls of the next hour, in groups. */
  groups: readonly PollGroup[]
  /** New and changed events; goes before all that is not a poll, for it is two calls a day. */
  discovery: Task | null
  /** Details owed by events that start soon (F2). */
  details: Task | null
  /** Last sweeps, after the last poll of an event; then the night's audit. */
  upkeep: readonly Task[]
  /** What is done with calls that nothing else needs: backfill, sweeps, rounds, in this order. */
  spare: readonly Task[]
  /** When something that is not listed falls due; ms since the epoch, null for nothing. */
  nextAt: number | null
}

/** A poll that is to begin now. */
export interface PollStep {
  do: 'poll'
  eventId: string
  class: CallClass
  /** when it was due, under the stretch in force; ms since the epoch */
  due: number
  /** its interval, as the cadence has it, ms */
  every: number
  /** polls of the account that are due now, itself included */
  together: number
  reason: string
}

export type NextStep =
  | PollStep
  | (Task & { class: CallClass })
  | { do: 'wait'; until: number | null; reason: string }

/** A spare call that was not admitted is thought of again after this, ms. */
const RECONSIDER_MS = 15_000
const DAY_MS = 24 * 3_600_000

/** Whether an event gives way first when there is too much demand (P3). */
export function isFar(start: number, now: number): boolean {
  return start - now > DAY_MS
}

/** The stretch in force: what the next hour asks for, against what polls may count on (P3). */
function stretchNow({ groups, limits, window }: Pick<PlannerFacts, 'groups' | 'limits' | 'window'>): Stretch {
  return stretchOf(hourDemand(groups), pollCapacity(limits, window.observedLimit))
}

/**
 * The best next call: what a person asked for; the poll that is latest against its interval; discovery; owed details of
 * events that start soon; last sweeps; then, from spare calls, the rest (P2).
 * @param except events whose polls are under way already
 */
export function nextStep(facts: PlannerFacts, except: ReadonlySet<string> = new Set()): NextStep {
  const { window, polls } = facts
  const asked = polls.find((poll) => poll.asked && !except.has(poll.eventId))
  if (asked && mayGo('person', facts)) {
    const { eventId, every } = asked
    return { do: 'poll', eventId, class: 'person', due: window.now, every, together: 1, reason: 'asked for' }
  }
  if (window.pause !== null && window.pause.until > window.now) {
    return { do: 'wait', until: window.pause.until, reason: `paused: ${window.pause.reason}` }
  }
  const stretch = stretchNow(facts)
  const candidates = polls
    .filter((poll) => !except.has(poll.eventId))
    .map((poll) => placed(poll, facts, stretch))
  const ripe = mostLate(candidates, window.now)
  if (ripe && mayGo('poll', facts)) return pollStep(ripe, facts, stretch)
  const task = nextTask(facts, stretch)
  if (task) return task
  return waiting(facts, candidates, ripe !== null)
}

/** When a poll is due under the stretch in force, and why then; for people. */
export function explainPoll(poll: PollFact, facts: PlannerFacts): { due: number; reason: string } {
  const stretch = stretchNow(facts)
  const { stretched: due } = placed(poll, facts, stretch)
  return { due, reason: pollReason(poll, facts.window.now, stretch) }
}

interface PlacedPoll extends PollFact {
  /** when it is due under the stretch */
  stretched: number
}

function placed(poll: PollFact, { window }: PlannerFacts, stretch: Stretch): PlacedPoll {
  return { ...poll, stretched: stretchedDue(poll.due, poll.every, isFar(poll.start, window.now), stretch) }
}

/** The poll that is latest, measured against its interval; of equally late ones the race that starts first. */
function mostLate(polls: readonly PlacedPoll[], now: number): PlacedPoll | null {
  let most: PlacedPoll | null = null
  for (const poll of polls) {
    if (poll.stretched > now) continue
    const isLater = most === null || lateness(poll, now) > lateness(most, now)
    const isEqual = most !== null && lateness(poll, now) === lateness(most, now)
    if (isLater || (isEqual && most !== null && poll.start < most.start)) most = poll
  }
  return most
}

const lateness = (poll: PlacedPoll, now: number): number => (now - poll.stretched) / poll.every

function pollStep(poll: PlacedPoll, { window, groups }: PlannerFacts, stretch: Stretch): NextStep {
  const { eventId, stretched: due, every } = poll
  const waiting = groups.filter(({ dueIn }) => dueIn <= 0).reduce((sum, { count }) => sum + count, 0)
  const reason = pollReason(poll, window.now, stretch)
  return { do: 'poll', eventId, class: 'poll', due, every, together: Math.max(1, waiting), reason }
}

function pollReason(poll: PollFact, now: number, stretch: Stretch): string {
  const factor = isFar(poll.start, now) ? stretch.far : stretch.near
  return `due every ${duration(poll.every)}${factor > 1 ? `, stretched x ${factor.toFixed(2)}` : ''}`
}

function nextTask(facts: PlannerFacts, stretch: Stretch): NextStep | null {
  const { discovery, details, upkeep, spare } = facts
  if (discovery && mayGo('upkeep', facts)) return { ...discovery, class: 'upkeep' }
  // Owed details and last sweeps have a share of their own, so that polls never starve them; beyond it they take what
  // polls leave, so that 400 bibs at once do not delay a race (L3).
  const within = isWithinShare(facts)
  for (const task of details ? [details, ...upkeep] : upkeep) {
    if (mayGo('upkeep', facts) && (within || isAdmitted(facts, stretch))) return { ...task, class: 'upkeep' }
  }
  const first = spare[0]
  if (first && mayGo('backfill', facts) && isAdmitted(facts, stretch)) return { ...first, class: 'backfill' }
  return null
}

/** Has upkeep not yet had its share of the hour? */
function isWithinShare({ limits, window }: PlannerFacts): boolean {
  return window.upkeep < Math.floor(effectiveLimit(limits, window.observedLimit) * UPKEEP_SHARE)
}

/**
 * Do the polls of the next hour find room after this call? The whole share of upkeep stays free as well: a poll that
 * meets changes takes more than the one call that is forecast for it.
 */
function isAdmitted(
  { groups, limits, window }: Pick<PlannerFacts, 'groups' | 'limits' | 'window'>,
  stretch: Stretch,
): boolean {
  return isSpare(window, pollsBySlot(groups, stretch), pollCapacity(limits, window.observedLimit))
}

/**
 * When a spare call may be made, ms since the epoch, and what it waits for; null for now. What the ledger refuses waits
 * for it; what polls need is thought of again in a moment (P2).
 */
export function spareWait(
  facts: Pick<PlannerFacts, 'groups' | 'limits' | 'window'>,
): { until: number; reason: 'limit' | 'paused' | 'polls' } | null {
  const { limits, window } = facts
  const decision = decide('backfill', { ...limits, minSpacingMs: 0 }, window)
  if (!decision.go)
    return { until: decision.notBefore, reason: decision.reason === 'paused' ? 'paused' : 'limit' }
  return isAdmitted(facts, stretchNow(facts)) ? null : { until: window.now + RECONSIDER_MS, reason: 'polls' }
}

/** The ledger's word, spacing apart: a call that has to keep its distance is the next one all the same. */
function mayGo(callClass: CallClass, { limits, window }: PlannerFacts): boolean {
  return decide(callClass, { ...limits, minSpacingMs: 0 }, window).go
}

function waiting(facts: PlannerFacts, polls: readonly PlacedPoll[], isHeldBack: boolean): NextStep {
  const { window, limits, nextAt, spare, details, upkeep } = facts
  const instants = polls.map((poll) => poll.stretched).filter((at) => at > window.now)
  let reason = 'nothing is due'
  if (isHeldBack) {
    const decision = decide('poll', { ...limits, minSpacingMs: 0 }, window)
    if (!decision.go) instants.push(decision.notBefore)
    reason = 'the hourly quota is spent'
  }
  if (nextAt !== null) instants.push(Math.max(nextAt, window.now + 1))
  if (spare.length > 0 || details !== null || upkeep.length > 0) {
    instants.push(window.now + RECONSIDER_MS)
    if (!isHeldBack) reason = 'what is left of the quota is needed for polls'
  }
  return { do: 'wait', until: instants.length === 0 ? null : Math.min(...instants), reason }
}

/** A duration as a cadence says it. */
function duration(ms: number): string {
  const units: [size: number, name: string][] = [
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ]
  const [size, name] = units.find(([unit]) => ms >= unit && ms % unit === 0) ?? [1_000, 's']
  return `${Math.round((ms / size) * 10) / 10} ${name}`
}
