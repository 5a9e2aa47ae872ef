import { roundsEvery } from '../domain/blindness.ts'
import { detailLimit } from '../domain/detail-limit.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { SweepTimes } from '../domain/sweep-times.ts'
import type { PlannerFacts, Task } from '../quota/planner.ts'
import type { Limits } from '../quota/window.ts'
import { auditCalls, nextToAudit } from '../store/audit/plan.ts'
import { readBlindness } from '../store/blindness.ts'
import { readLeaves, readWindow } from '../store/calls.ts'
import type { Db } from '../store/database.ts'
import { eventsOfAccount } from '../store/events.ts'
import type { ParticipantTable } from '../store/participants/table.ts'
import { type DiscoveryMarks, hasRaceWithin } from '../store/plans/account-plan.ts'
import {
  detailHeads,
  nextWorkAt,
  pollGroups,
  pollHeads,
  roundHeads,
  type SweepHead,
  sweepHeads,
} from '../store/plans/heads.ts'
import { detailDates, type PlanRow, type StalePlan, savePlans, takeStalePlans } from '../store/plans/stale.ts'
import { eventSchedule } from '../sync/event-schedule.ts'
import { auditNight, type Night, NO_RACE_WITHIN_MS, nightBudget } from './audit-night.ts'
import { discoveryDue } from './discovery-time.ts'
import { planEvent } from './event-plan.ts'

/** Keeps an account's plans true and reads from them what the planner decides on. */

/** What planning needs to know of an account. */
export interface PlannedAccount {
  accountId: number
  shape: ParticipantTable
  limits: Limits
  /** List rows are thin: registrations need details (F1). */
  needsDetail: boolean
  sweeps: SweepTimes
}

const STALE_AT_ONCE = 500
const DAY = 24 * 3_600_000
const RACE_WEEK = 7 * DAY
/** This share of spare calls goes to sweeps of later races, however long a backfill takes. */
const SHARE_OF_SWEEPS = 1 / 20
/** No other number is as far from a ratio: whichever calls are spare, every second or third one, shares come out. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

/** Makes every stale plan of an account again; nothing to do is one indexed look. */
export async function replan(db: Db, account: PlannedAccount): Promise<void> {
  for (;;) {
    const taken = await db.transaction().execute(async (trx) => {
      const stale = await takeStalePlans(trx, account.accountId, STALE_AT_ONCE)
      if (stale.length === 0) return 0
      const eventIds = stale.map((plan) => plan.eventId)
      const events = new Map(
        (await eventsOfAccount(trx, account.accountId, { eventIds })).map((event) => [event.eventId, event]),
      )
      const { now } = await readWindow(trx, account.accountId)
      const details = account.needsDetail
        ? await detailDates(trx, account.shape, account.accountId, eventIds)
        : []
      const datesOf = new Map(details.map((dates) => [dates.eventId, dates]))
      const plans = stale.map((plan) => {
        const event = events.get(plan.eventId)
        if (event === undefined) return unplanned(plan.eventId)
        const schedule = eventSchedule(event)
        const { dueAt, every, nextEvery, replanAt, sweepDueAt, urgentAt } = planEvent(
          schedule,
          plan,
          event,
          account.sweeps,
          now,
        )
        const dates = event.missing ? undefined : datesOf.get(plan.eventId)
        return {
          eventId: plan.eventId,
          dueAt,
          every,
          nextEvery,
          replanAt,
          sweepDueAt,
          urgentAt,
          detailsDueAt: dates?.owedAt ?? null,
          roundDueAt: roundDue(schedule, plan, dates?.oldestReadAt ?? null, now),
        }
      })
      await savePlans(trx, account.accountId, plans)
      return stale.length
    })
    if (taken < STALE_AT_ONCE) return
  }
}

/** Nobody receives the event, or it is unknown by now. */
function unplanned(eventId: string): PlanRow {
  return {
    eventId,
    dueAt: null,
    every: null,
    nextEvery: null,
    replanAt: null,
    sweepDueAt: null,
    detailsDueAt: null,
    roundDueAt: null,
    urgentAt: Number.POSITIVE_INFINITY,
  }
}

function roundDue(
  { start, overAt }: Schedule,
  plan: StalePlan,
  oldestReadAt: number | null,
  now: number,
): number | null {
  if (oldestReadAt === null || plan.completeAt === null) return null
  const due = oldestReadAt + detailLimit(start, now, { spare: true })
  return overAt !== null && overAt <= due ? null : due
}

/** What the planner decides on, as it stands now. Whatever is returned as a task is due. */
export async function readFacts(
  db: Db,
  account: PlannedAccount,
  marks: DiscoveryMarks,
): Promise<PlannerFacts> {
  const { accountId, limits } = account
  const window = { ...(await readWindow(db, accountId)), leaves: await readLeaves(db, accountId) }
  const details = account.needsDetail ? await detailHeads(db, accountId) : []
  const [round] = account.needsDetail ? await roundHeads(db, accountId) : []
  const sweeps = await sweepHeads(db, accountId)
  const nextWork = await nextWorkAt(db, accountId)
  const isNear = ({ start }: { start: number }) => start - window.now <= RACE_WEEK && start > window.now - DAY
  const near = details.find(isNear)
  const later = details.find((head) => !isNear(head))
  const discovery = discoveryDue(marks, window.now)
  const night = auditNight(marks.zones, window.now)
  const audit = night.from <= window.now ? await auditTask(db, account, window.observedLimit, night) : null
  const after = [discovery, nextWork, night.from].filter((at) => at !== null && at > window.now)
  return {
    window,
    limits,
    polls: await pollHeads(db, accountId),
    groups: await pollGroups(db, accountId),
    discovery: discovery <= window.now ? DISCOVERY : null,
    details: near ? { do: 'details', eventId: near.eventId, reason: 'details owed' } : null,
    upkeep: [
      ...sweeps.filter((sweep) => sweep.over).map((sweep) => sweepTask(sweep, 'last sweep')),
      ...(audit === null ? [] : [audit]),
    ],
    spare: spareTasks({
      sweeps,
      detailsOf: later?.eventId ?? null,
      round:
        round === undefined ? null : { ...round, every: roundsEvery(await readBlindness(db, accountId)) },
      window,
    }),
    nextAt: after.length === 0 ? null : Math.min(...(after as number[])),
  }
}

/** The night's next audit, while it has calls left and no race is near. */
async function auditTask(
  db: Db,
  { accountId, limits }: PlannedAccount,
  observedLimit: number | null,
  night: Night,
): Promise<Task | null> {
  const eventId = await nextToAudit(db, accountId, night.from)
  if (eventId === null || (await hasRaceWithin(db, accountId, NO_RACE_WITHIN_MS))) return null
  const spent = await auditCalls(db, accountId, night.from)
  return spent >= nightBudget(limits, observedLimit)
    ? null
    : { do: 'audit', eventId, reason: 'nightly audit' }
}

const DISCOVERY: Task = { do: 'discover', eventId: null, reason: 'discovery is due' }

/** What may be done with calls that polls leave. */
interface SpareWork {
  sweeps: readonly SweepHead[]
  /** The event that starts soonest of those that owe details and are not near. */
  detailsOf: string | null
  /** The event whose details are to be read again, which gets one spare call in `every`. */
  round: { eventId: string; every: number } | null
  window: { now: number; lastCall: number }
}

const sweepTask = ({ eventId, first }: SweepHead, reason: string): Task => ({
  do: first ? 'backfill' : 'sweep',
  eventId,
  reason,
})

/**
 * Sweeps of the next day's races, then names of all events, then their details, then what keeps the rest fresh: which
 * comes first at times, rounds the more often the more the lists hide (F4).
 */
function spareTasks({ sweeps, detailsOf, round, window }: SpareWork): Task[] {
  const due = sweeps.filter((sweep) => !sweep.over)
  const isSoon = (sweep: SweepHead) => !sweep.first && sweep.start - window.now <= DAY
  const pressing = due.filter(isSoon).map((sweep) => sweepTask(sweep, 'sweep before the race'))
  const firsts = due.filter((sweep) => sweep.first).map((sweep) => sweepTask(sweep, 'backfill'))
  const details: Task[] =
    detailsOf === null ? [] : [{ do: 'details', eventId: detailsOf, reason: 'details owed' }]
  const daily = due.filter((s) => !s.first && !isSoon(s)).map((s) => sweepTask(s, 'daily sweep'))
  const rounds: Task[] =
    round === null ? [] : [{ do: 'round', eventId: round.eventId, reason: 'details over their limit' }]
  const backfill = [...firsts, ...details]
  // By the number of the call, for the count of the hour's calls stands still while all of them are used. Of a number in
  // so many it may be none that is spare, or all: polls, and the calls of other accounts, take numbers by a beat of their own.
  const place = (window.lastCall * GOLDEN) % 1
  if (place < SHARE_OF_SWEEPS) return [...pressing, ...daily, ...backfill, ...rounds]
  if (round !== null && place < SHARE_OF_SWEEPS + 1 / round.every)
    return [...pressing, ...rounds, ...backfill, ...daily]
  return [...pressing, ...backfill, ...daily, ...rounds]
}
