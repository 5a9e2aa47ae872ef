import type { Db } from '../../store/database.ts'
import { type AccountEvent, eventsOfAccount } from '../../store/events.ts'
import { readPasses } from '../../store/overview/passes.ts'
import type { ParticipantTable } from '../../store/participants/table.ts'
import { owedByEvent } from '../../store/plans/owed-by-event.ts'
import { eventSchedule, hasEnded } from '../../sync/event-schedule.ts'
import type { BacklogList } from './order.ts'

/** A list of an account as it is stored, and how far it has been read. */
export interface KnownList extends BacklogList {
  event: AccountEvent
}

/** What an account has and has not read, from the database alone: what another process did meanwhile counts. */
export async function readBacklog(
  db: Db,
  account: { accountId: number; shape: ParticipantTable; readsDetails: boolean },
  now: number,
  only: { partnerId?: number | undefined },
): Promise<KnownList[]> {
  const { accountId, shape, readsDetails } = account
  const all = await eventsOfAccount(db, accountId)
  const events = all.filter(
    ({ holders }) => only.partnerId === undefined || holders.some((h) => h.partnerId === only.partnerId),
  )
  const lists = events.map(({ eventId }) => ({ accountId, eventId }))
  const passes = new Map((await readPasses(db, lists)).map((pass) => [pass.eventId, pass]))
  const owed = readsDetails ? await owedByEvent(db, shape, accountId) : []
  const owedOf = new Map(owed.map((row) => [row.eventId, row]))
  return events.map((event) => {
    const schedule = eventSchedule(event)
    const pass = passes.get(event.eventId)
    const current = event.holders.filter(({ state }) => state === 'current').length
    return {
      event,
      eventId: event.eventId,
      start: schedule.start,
      over: hasEnded(schedule, now),
      missing: event.missing,
      done: pass?.completeAt != null && !pass.headOwed && current > 0,
      headOwed: pass?.completeAt != null && pass.headOwed && current > 0,
      behind: current > 0 && current < event.holders.length,
      pages: pass?.sweep?.pages ?? 0,
      rows: pass?.sweep?.rows ?? 0,
      total: pass?.sweep?.total ?? null,
      pageSize: pass?.sweep?.pageSize ?? null,
      listed: pass?.listed ?? null,
      ready: owedOf.get(event.eventId)?.ready ?? 0,
      owed: owedOf.get(event.eventId)?.owed ?? 0,
    }
  })
}
