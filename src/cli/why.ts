import { StartlistError } from '../domain/errors.ts'
import { readWhy, type Why } from '../status/why.ts'
import { type EventOverview, listEvents } from '../store/overview/events.ts'
import type { Cli, Command } from './cli.ts'
import { type Session, withSession } from './session.ts'
import { duration, untilText } from './times.ts'

/** `why`: when an event is asked for next, why then, and what stands in the way. */
export const why: Command<{ event: string }> = (cli, options) =>
  withSession(cli, {}, async (session) => {
    const event = await oneEvent(cli, session, options.event)
    if (event === null) return 2
    const { accountId } = event
    if (accountId === null) {
      cli.out.line(`${event.name}: no credential feeds this event any more.`)
      return 0
    }
    tell(cli, event, await readWhy(session, { ...event, accountId, listId: event.eventId }))
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

function tell({ out, clock }: Cli, event: EventOverview, why: Why): void {
  const now = clock.now()
  const { nextPollAt, every, reason, sweepDueAt, used, limit, step } = why
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const blocked = blockOf(event, why, now)
  out.record({
    ...{ provider: event.provider, eventId: event.eventId, nextPollAt: iso(nextPollAt), every },
    ...{ reason, sweepDueAt: iso(sweepDueAt), blocked },
    ...{ used, limit, accountNext: step.do, accountReason: step.reason },
  })
  out.line(event.name)
  if (nextPollAt === null) out.line(`  Next poll   none: ${reason}`)
  else {
    const at = nextPollAt <= now ? `due for ${duration(now - nextPollAt)}` : untilText(nextPollAt, now)
    out.line(`  Next poll   ${at}, ${reason}`)
  }
  if (sweepDueAt !== null)
    out.line(`  Next sweep  ${sweepDueAt <= now ? 'when calls are to spare' : untilText(sweepDueAt, now)}`)
  out.line(`  Quota       ${used} of ${limit} calls this hour`)
  out.line(`  Account     next: ${step.do}, ${step.reason}`)
  out.line(`  Blocked by  ${blocked ?? 'nothing'}`)
}

function blockOf(event: EventOverview, { pause }: Why, now: number): string | null {
  if (pause !== null) return `the account is paused (${pause.reason}) until ${untilText(pause.until, now)}`
  if (event.missing) return 'the provider does not list it any more'
  return event.failures > 0 ? `the last pass failed (${event.lastError ?? 'unknown'})` : null
}
