import { decidedHolds, type Hold, openHolds } from '../store/holds.ts'
import { listEvents } from '../store/overview/events.ts'
import { applyHold, discardHold } from '../sync/holds.ts'
import type { Cli, Command } from './cli.ts'
import { decider } from './decider.ts'
import { idOption } from './options.ts'
import { type Session, withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age } from './times.ts'

/** `holds`: what waits for a decision, or with `--all` what was decided as well. */
export const listHolds: Command<{ all?: boolean }> = (cli, { all }) =>
  withSession(cli, {}, async (session) => {
    const open = await openHolds(session.db)
    const decided = all ? await decidedHolds(session.db) : []
    const names = await eventNames(session)
    for (const hold of [...open, ...decided]) cli.out.record(recordOf(hold, names))
    if (open.length + decided.length > 0) {
      const now = cli.clock.now()
      cli.out.table(
        COLUMNS,
        [...open, ...decided].map((hold) => rowOf(hold, names, now)),
      )
    }
    for (const hold of open) cli.out.line(adviceOn(hold))
    if (open.length === 0) cli.out.line('Nothing is held.')
    return 0
  })

export interface DecideOptions {
  id: string
  by?: string
}

/** `holds apply`: the provider is right. */
export const apply: Command<DecideOptions> = (cli, options) => {
  const holdId = idOption(options.id, 'ID')
  const by = decider(options.by)
  return withSession(cli, {}, async ({ db, clock }) => {
    const { hold, removed, runIds } = await applyHold({ db, clock, signal: cli.signal }, holdId, by)
    const next =
      hold.kind === 'removal'
        ? `${removed} of ${hold.absent} registrations are removed; startlist undo ${runIds.join(' ')} takes it back.`
        : `The next pass stores this list: startlist sync --event ${hold.eventId}.`
    tell(cli, hold, { decision: 'applied', by, removed, runIds, next })
    return 0
  })
}

/** `holds discard`: the provider is wrong. */
export const discard: Command<DecideOptions> = (cli, options) => {
  const holdId = idOption(options.id, 'ID')
  const by = decider(options.by)
  return withSession(cli, {}, async ({ db }) => {
    const hold = await discardHold({ db }, holdId, by)
    const next =
      hold.kind === 'removal'
        ? `${hold.absent} registrations stay. Their absence opens no hold again, unless many more go missing; startlist holds apply ${holdId} removes them after all.`
        : `The stored registrations stay. The event is not up to date until the provider lists its own again.`
    tell(cli, hold, { decision: 'discarded', by, removed: 0, runIds: [], next })
    return 0
  })
}

function tell(
  { out }: Cli,
  { holdId, provider, eventId, kind }: Hold,
  decided: { decision: string; by: string; removed: number; runIds: number[]; next: string },
): void {
  out.record({ holdId, provider, eventId, kind, ...decided })
  out.line(`Hold ${holdId} is ${decided.decision}. ${decided.next}`)
}

async function eventNames({ db }: Session): Promise<ReadonlyMap<string, string>> {
  return new Map((await listEvents(db)).map((event) => [event.eventId, event.name]))
}

function recordOf(hold: Hold, names: ReadonlyMap<string, string>): object {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const { holdId, provider, eventId, kind, state, reason, absent, known, samples, decidedBy } = hold
  return {
    ...{
      holdId,
      provider,
      eventId,
      event: names.get(eventId) ?? eventId,
      kind,
      state,
      reason,
      absent,
      known,
    },
    ...{ samples, openedAt: iso(hold.openedAt), decidedAt: iso(hold.decidedAt), decidedBy },
  }
}

const COLUMNS: Column[] = [
  { head: 'Hold', align: 'right' },
  { head: 'Event', shrink: true, least: 12 },
  { head: 'Kind' },
  { head: 'Absent', align: 'right' },
  { head: 'Known', align: 'right' },
  { head: 'Asked for' },
  { head: 'Why', shrink: true, least: 20, most: 80 },
  { head: 'Since', align: 'right' },
  { head: 'Decision', optional: true },
]

function rowOf(hold: Hold, names: ReadonlyMap<string, string>, now: number): Cell[] {
  const decision = hold.decidedBy === null ? hold.state : `${hold.state} by ${hold.decidedBy}`
  return [
    String(hold.holdId),
    names.get(hold.eventId) ?? hold.eventId,
    hold.kind === 'removal' ? 'removal' : 'foreign list',
    hold.kind === 'removal' ? String(hold.absent) : '',
    String(hold.known),
    samplesText(hold),
    hold.reason,
    age(hold.openedAt, now),
    hold.state === 'open' ? '' : decision,
  ]
}

function samplesText({ samples }: Hold): string {
  const found = samples.filter((sample) => sample.found).length
  return samples.length === 0 ? 'nobody' : `${samples.length}, ${found} found`
}

function adviceOn({ holdId, kind }: Hold): string {
  return kind === 'removal'
    ? `${holdId}: were they removed at the provider? startlist holds apply ${holdId}, else startlist holds discard ${holdId}.`
    : `${holdId}: is this the event's own list? startlist holds apply ${holdId} stores it, startlist holds discard ${holdId} keeps what is stored.`
}
