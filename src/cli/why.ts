import { StartlistError } from '../domain/errors.ts'
import { explainPoll, nextStep, type PlannerFacts } from '../quota/planner.ts'
import { effectiveLimit } from '../quota/window.ts'
import { readFacts, replan } from '../scheduler/planning.ts'
import { readAccount } from '../store/accounts.ts'
import { type EventOverview, listEvents } from '../store/overview/events.ts'
import { participantTable } from '../store/participants/table.ts'
import { readDiscoveryMarks } from '../store/plans/account-plan.ts'
import { readPlan } from '../store/plans/read.ts'
import { limitsOf, readsDetails } from '../sync/open-account.ts'
import type { Cli, Command } from './cli.ts'
import { type Session, withSession } from './session.ts'
import { duration, untilText } from './times.ts'

/** `why`: when an event is asked for next, why then, and what stands in the way. */
export const why: Command<{ event: string }> = (cli, options) =>
  withSession(cli, {}, async (session) => {
    const event = await oneEvent(cli, session, options.event)
    if (event === null) return 2
    const { db } = session
    if (event.accountId === null) {
      cli.out.line(`${event.name}: no credential feeds this event any more.`)
      return 0
    }
    const state = await readAccount(db, event.accountId)
    if (state === null) throw new StartlistError('INTERNAL', `there is no account ${event.accountId}`)
    const account = {
      accountId: event.accountId,
      shape: participantTable(event.provider),
      limits: limitsOf(session.config, state),
      needsDetail: readsDetails(state),
      sweeps: session.config.sweeps,
    }
    await replan(db, account)
    const marks = await readDiscoveryMarks(db, account.accountId)
    const facts = await readFacts(db, account, marks)
    await tell(cli, session, event, account.accountId, facts)
    return 0
  })

/** The event with this id; where several accounts have it, they are listed and null is returned. */
async function oneEvent({ out }: Cli, { db }: Session, eventId: string): Promise<EventOverview | null> {
  const found = await listEvents(db, { eventId })
  const [first] = found
  if (first === undefined) throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventId}`)
  const accounts = new Set(found.map((event) => `${event.provider} ${event.accountId}`))
  if (accounts.size === 1) return first
  const message = `${accounts.size} accounts have an event ${eventId}: ${[...accounts].join(', ')}`
  out.problem(new StartlistError('USAGE', message))
  return null
}

async function tell(
  { out, clock }: Cli,
  { db }: Session,
  event: EventOverview,
  accountId: number,
  facts: PlannerFacts,
): Promise<void> {
  const now = clock.now()
  const plan = await readPlan(db, accountId, event.eventId)
  const { window, limits } = facts
  const limit = effectiveLimit(limits, window.observedLimit)
  const poll = plan?.due == null || plan.every === null ? null : { ...plan, due: plan.due, every: plan.every }
  const explained =
    poll === null ? null : explainPoll({ ...poll, eventId: event.eventId, asked: false }, facts)
  const step = nextStep(facts)
  const iso = (at: number | null | undefined) => (at == null ? null : new Date(at).toISOString())
  const blocked = blockOf(event, facts, now)
  out.record({
    ...{
      provider: event.provider,
      eventId: event.eventId,
      nextPollAt: iso(explained?.due),
      every: plan?.every ?? null,
    },
    ...{ reason: explained?.reason ?? noPoll(event, plan), sweepDueAt: iso(plan?.sweepDue), blocked },
    ...{ used: window.count, limit, accountNext: step.do, accountReason: step.reason },
  })
  out.line(event.name)
  if (explained === null) out.line(`  Next poll   none: ${noPoll(event, plan)}`)
  else {
    const at =
      explained.due <= now ? `due for ${duration(now - explained.due)}` : untilText(explained.due, now)
    out.line(`  Next poll   ${at}, ${explained.reason}`)
  }
  if (plan?.sweepDue != null)
    out.line(
      `  Next sweep  ${plan.sweepDue <= now ? 'when calls are to spare' : untilText(plan.sweepDue, now)}`,
    )
  out.line(`  Quota       ${window.count} of ${limit} calls this hour`)
  out.line(`  Account     next: ${step.do}, ${step.reason}`)
  out.line(`  Blocked by  ${blocked ?? 'nothing'}`)
}

function noPoll(event: EventOverview, plan: { sweepDue: number | null } | null): string {
  if (plan === null) return 'nobody receives it'
  if (event.completeAt === null && plan.sweepDue !== null)
    return 'its first sweep comes first, from spare calls'
  return 'it is over'
}

function blockOf(event: EventOverview, { window }: PlannerFacts, now: number): string | null {
  if (window.pause !== null && window.pause.until > window.now)
    return `the account is paused (${window.pause.reason}) until ${untilText(window.pause.until, now)}`
  if (event.missing) return 'the provider does not list it any more'
  return event.failures > 0 ? `the last pass failed (${event.lastError ?? 'unknown'})` : null
}
