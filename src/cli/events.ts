import { cadenceText, storedCadence } from '../domain/cadence.ts'
import type { Db } from '../store/database.ts'
import { countEvents, type EventOverview, listEvents } from '../store/overview/events.ts'
import { isOver } from '../sync/event-schedule.ts'
import { requirePartner } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { optionalId } from './options.ts'
import { withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age, countdown, startText } from './times.ts'

export interface ListEventsOptions {
  partner?: string
  all?: boolean
}

/** `events list`: by default those that are not over. */
export const showEvents: Command<ListEventsOptions> = (cli, options) => {
  const partnerId = optionalId(options.partner, '--partner')
  return withSession(cli, {}, async ({ db }) => {
    if (partnerId !== undefined) await requirePartner(db, partnerId)
    const known = await listEvents(db, partnerId === undefined ? {} : { partnerId })
    const events = known.filter((event) => options.all || !isOver(event, cli.clock.now()))
    tellEvents(cli, await withCounts(db, events))
    if (events.length === 0) cli.out.line(emptyText(known.length))
    return 0
  })
}

const emptyText = (known: number) =>
  known === 0
    ? 'No event is known yet: run startlist discover.'
    : 'Every known event is over; --all shows those.'

/** Events with the number of their registrations. */
export async function withCounts(
  db: Db,
  events: readonly EventOverview[],
): Promise<{ event: EventOverview; participants: number }[]> {
  const counts = await countEvents(db, events)
  return events.map((event, i) => ({ event, participants: counts[i]?.participants ?? 0 }))
}

/** Events as a table, or as JSON lines, for `setup` as well. */
export function tellEvents(
  { out, clock }: Cli,
  shown: readonly { event: EventOverview; participants: number }[],
): void {
  const now = clock.now()
  for (const { event, participants } of shown) out.record(recordOf(event, participants))
  if (shown.length === 0) return
  const several = new Set(shown.map(({ event }) => event.partnerId)).size > 1
  out.table(
    COLUMNS,
    shown.map(({ event, participants }) => rowOf(event, participants, several, now)),
  )
  const assumed = shown.find(({ event }) => event.timezone === null && event.startsAt !== null)
  if (assumed !== undefined) {
    out.line()
    out.line('? The zone is unknown and New York is assumed. Say which:')
    out.line(`  startlist events set --event ${assumed.event.eventId} --timezone America/Chicago`)
  }
}

function recordOf(event: EventOverview, participants: number): object {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const {
    provider,
    partnerId,
    eventId,
    name,
    timezone,
    timezoneSource,
    bibAuthority,
    cadenceSource,
    status,
    missing,
    state,
  } = event
  return {
    ...{ provider, partnerId, eventId, name, startsAt: iso(event.startsAt), startDay: event.startDay },
    ...{ timezone, timezoneSource, zoneAssumed: timezone === null, overrideStart: event.overrideStart },
    ...{ cadence: cadenceText(storedCadence(event.cadence)), cadenceSource },
    ...{ overrideTimezone: event.overrideTimezone, bibAuthority, status, missing, participants, state },
    ...{ polledAt: iso(event.polledAt), completeAt: iso(event.completeAt) },
  }
}

const COLUMNS: Column[] = [
  { head: 'Event' },
  { head: 'Name', shrink: true, least: 6 },
  { head: 'P', align: 'right', optional: true },
  { head: 'Start' },
  { head: 'In', align: 'right' },
  { head: 'Runners', align: 'right' },
  { head: 'Read', align: 'right' },
  { head: 'Note', optional: true },
]

function rowOf(event: EventOverview, participants: number, several: boolean, now: number): Cell[] {
  return [
    event.eventId,
    event.name,
    several ? String(event.partnerId) : '',
    startText(event, now),
    countdown(event, now),
    String(participants),
    age(event.polledAt, now),
    notes(event),
  ]
}

function notes(event: EventOverview): string {
  const all = [
    event.missing ? 'missing' : '',
    event.overrideStart === null ? '' : 'start set',
    event.overrideTimezone === null ? '' : 'zone set',
    event.cadenceSource === 'event' ? 'cadence set' : '',
    event.bibAuthority === 'local' ? 'local bibs' : '',
  ]
  return all.filter((note) => note !== '').join(', ')
}
