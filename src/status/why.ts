import { StartlistError } from '../domain/errors.ts'
import { explainPoll, type NextStep, nextStep, type PlannerFacts } from '../quota/planner.ts'
import { effectiveLimit } from '../quota/window.ts'
import { readFacts, replan } from '../scheduler/planning.ts'
import { readAccount } from '../store/accounts.ts'
import type { EventOverview } from '../store/overview/events.ts'
import { participantTable } from '../store/participants/table.ts'
import { readDiscoveryMarks } from '../store/plans/account-plan.ts'
import { readPlan } from '../store/plans/read.ts'
import { limitsOf, readsDetails } from '../sync/open-account.ts'
import type { Reading } from './model.ts'

/** When a list is asked for next, why then, and what stands in the way. Instants in ms since the epoch. */
export interface Why {
  /** null for none */
  nextPollAt: number | null
  /** ms */
  every: number | null
  reason: string
  sweepDueAt: number | null
  /** the account makes no call before this; null when nothing is in the way */
  pause: { until: number; reason: string } | null
  used: number
  limit: number
  step: NextStep
}

type Explained = Pick<EventOverview, 'provider' | 'completeAt'> & { listId: string; accountId: number }

/**
 * Explains a list's next poll, as the planner of `run` decides it.
 * @param reading as the owner: plans that are stale are made anew
 */
export async function readWhy({ db, config }: Reading, event: Explained): Promise<Why> {
  const { accountId, listId } = event
  const state = await readAccount(db, accountId)
  if (state === null) throw new StartlistError('INTERNAL', `there is no account ${accountId}`)
  const account = {
    accountId,
    shape: participantTable(event.provider),
    limits: limitsOf(config, state),
    needsDetail: readsDetails(state),
    sweeps: config.sweeps,
  }
  await replan(db, account)
  const facts = await readFacts(db, account, await readDiscoveryMarks(db, accountId))
  return explain(event, await readPlan(db, accountId, listId), facts)
}

function explain(event: Explained, plan: Awaited<ReturnType<typeof readPlan>>, facts: PlannerFacts): Why {
  const { window, limits } = facts
  const poll = plan?.due == null || plan.every === null ? null : { ...plan, due: plan.due, every: plan.every }
  const explained =
    poll === null ? null : explainPoll({ ...poll, eventId: event.listId, asked: false }, facts)
  const isPaused = window.pause !== null && window.pause.until > window.now
  return {
    nextPollAt: explained?.due ?? null,
    every: plan?.every ?? null,
    reason: explained?.reason ?? noPoll(event, plan),
    sweepDueAt: plan?.sweepDue ?? null,
    pause: isPaused ? window.pause : null,
    used: window.count,
    limit: effectiveLimit(limits, window.observedLimit),
    step: nextStep(facts),
  }
}

function noPoll(event: Pick<Explained, 'completeAt'>, plan: { sweepDue: number | null } | null): string {
  if (plan === null) return 'nobody receives it'
  if (event.completeAt === null && plan.sweepDue !== null)
    return 'its first sweep comes first, from spare calls'
  return 'it is over'
}
