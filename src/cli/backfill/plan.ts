import { adapterOf } from '../../providers/registry.ts'
import { readBacklog } from '../../scheduler/backfill/backlog.ts'
import { callsOf, finishAt, remainderOf } from '../../scheduler/backfill/estimate.ts'
import { isDeferred, nextTask } from '../../scheduler/backfill/order.ts'
import { readAccount } from '../../store/accounts.ts'
import { readLeaves, readWindow } from '../../store/calls.ts'
import { participantTable } from '../../store/participants/table.ts'
import { readDiscoveryMarks } from '../../store/plans/account-plan.ts'
import { limitsOf, readsDetails } from '../../sync/open-account.ts'
import type { ChosenAccount } from '../accounts.ts'
import type { Cli } from '../cli.ts'
import type { Session } from '../session.ts'
import type { Cell, Column } from '../table.ts'
import { duration, startText } from '../times.ts'

/** `--dry-run`: what a backfill would fetch, in its order, by what is known. Makes no call. */

const HOUR = 3_600_000

const COLUMNS: Column[] = [
  { head: 'Event', shrink: true, least: 16 },
  { head: 'Start' },
  { head: 'Pages', align: 'right' },
  { head: 'Details', align: 'right' },
  { head: 'Calls', align: 'right' },
  { head: 'Note', optional: true },
]

interface PlanOptions {
  partnerId: number | undefined
  processLarge: boolean
}

/** Says what would be fetched, account by account, and what it takes. */
export async function tellPlan(
  cli: Cli,
  session: Session,
  accounts: readonly ChosenAccount[],
  options: PlanOptions,
): Promise<void> {
  const sum = { calls: 0, left: 0, unknown: 0, hours: 0 }
  for (const account of accounts) {
    const { calls, lists, unknown, hours } = await tellAccount(cli, session, account, options)
    sum.calls += calls
    sum.left += lists
    sum.unknown += unknown
    // Accounts have quotas of their own, and are read side by side.
    sum.hours = Math.max(sum.hours, hours ?? Number.POSITIVE_INFINITY)
  }
  const { calls, left, unknown } = sum
  const hours = Number.isFinite(sum.hours) ? Math.round(sum.hours * 100) / 100 : null
  cli.out.record({
    ...{ kind: 'summary', dryRun: true, calls, callsLowerBound: calls, events: left, participants: null },
    ...{ left, unknown, hours, resumeAt: null },
  })
}

async function tellAccount(
  { out, clock }: Cli,
  { db, config }: Session,
  { accountId, provider, label }: ChosenAccount,
  { partnerId, processLarge }: PlanOptions,
): Promise<{ calls: number; lists: number; unknown: number; hours: number | null }> {
  const state = await readAccount(db, accountId)
  if (state === null) return { calls: 0, lists: 0, unknown: 0, hours: 0 }
  const now = clock.now()
  const thin = readsDetails(state)
  const account = { accountId, shape: participantTable(provider), readsDetails: thin }
  const lists = await readBacklog(db, account, now, { partnerId })
  const asked = adapterOf(provider)?.provider.capabilities.askPageSize ?? 100
  const pageSize = Math.max(...lists.map((list) => list.pageSize ?? 0)) || asked
  const choice = { now, largeEvent: config.backfill.largeEvent, processLarge }
  const rows: Cell[][] = []
  const taken = []
  const done = new Set<string>()
  for (;;) {
    const task = nextTask(lists, { ...choice, except: done })
    if (task === null) break
    done.add(task.list.eventId)
    if (task.do === 'level') continue
    const list = lists.find(({ eventId }) => eventId === task.list.eventId)!
    taken.push(list)
    const { pages, details } = callsOf(list, { readsDetails: thin, pageSize })
    const calls = pages === null ? null : pages + (details ?? 0)
    out.record({
      ...{ kind: 'plan', provider, accountId, eventId: list.eventId, name: list.event.name },
      ...{
        partnerIds: list.event.holders.map((holder) => holder.partnerId),
        do: task.do,
        pages,
        details,
        calls,
      },
    })
    rows.push([...rowOf(list, now), text(pages), text(details), text(calls), list.pages > 0 ? 'goes on' : ''])
  }
  const deferred = lists.filter((list) => !list.missing && isDeferred(list, { ...choice, except: done }))
  for (const list of deferred) {
    const { pages, details } = callsOf(list, { readsDetails: thin, pageSize })
    const { eventId, event } = list
    const partnerIds = event.holders.map((holder) => holder.partnerId)
    out.record({
      ...{ kind: 'plan', provider, accountId, eventId, name: event.name, partnerIds, do: 'deferred' },
      ...{ pages, details, calls: pages === null ? null : pages + (details ?? 0) },
    })
    rows.push([...rowOf(list, now), text(pages), text(details), '', 'large: --process-large'])
  }
  const rest = remainderOf(taken, { readsDetails: thin, pageSize })
  const { at } = await readDiscoveryMarks(db, accountId)
  const discovers = at === null || now - at >= HOUR
  const window = { ...(await readWindow(db, accountId)), leaves: await readLeaves(db, accountId) }
  const finish = finishAt(rest.calls, window, limitsOf(config, state))
  const hours = finish === null ? null : (finish - window.now) / HOUR
  out.line(`${label} (${provider}, account ${accountId}):`)
  if (discovers) out.line('  looks for events first: a call a page of events, how many is unknown')
  if (rows.length > 0) out.table(COLUMNS, rows)
  const least = rest.unknown > 0 ? ' at least' : ''
  const takes =
    hours === null ? 'the quota leaves no call for it' : `${duration(hours * HOUR)}${least} at the quota`
  const unknown = rest.unknown === 0 ? '' : `, ${rest.unknown} of unknown size counted as one call each`
  out.line(
    rest.lists === 0
      ? `  ${lists.length === 0 ? 'no event is known yet' : 'nothing to read'}`
      : `  ${rest.lists} ${rest.lists === 1 ? 'event' : 'events'}, ${rest.calls} calls${least}${unknown}: ${takes}`,
  )
  out.line()
  return { ...rest, hours }
}

const text = (known: number | null): string => (known === null ? 'unknown' : String(known))

function rowOf(
  {
    event,
    start,
  }: {
    event: { name: string | null; eventId: string; timezone: string | null; startDay: string | null }
    start: number | null
  },
  now: number,
): Cell[] {
  const { name, eventId, timezone, startDay } = event
  return [name ?? eventId, startText({ startsAt: start, startDay, timezone }, now)]
}
