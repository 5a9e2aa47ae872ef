import { StartlistError } from '../domain/errors.ts'
import { listEvents } from '../store/overview/events.ts'
import { recentRuns } from '../store/runs.ts'
import { type Undone, undoRuns } from '../sync/undo.ts'
import type { Cli, Command } from './cli.ts'
import { idOption } from './options.ts'
import { type Session, withSession } from './session.ts'
import type { Column } from './table.ts'
import { age } from './times.ts'

export interface UndoOptions {
  runs: string[]
  onlyUntouched?: boolean
  event?: string
}

/** Runs that are listed where none is named. */
const LISTED = 20

/** `undo`: takes back what runs did; without a run it lists the last ones that did something. */
export const undo: Command<UndoOptions> = (cli, options) => {
  const runIds = options.runs.map((text) => idOption(text, 'RUN'))
  if (runIds.length > 0 && options.event !== undefined)
    throw new StartlistError('USAGE', '--event lists runs, and goes without RUN')
  return withSession(cli, {}, async (session) => {
    if (runIds.length === 0) return listRuns(cli, session, options.event)
    const { db, clock } = session
    const request = { runIds, onlyUntouched: options.onlyUntouched === true }
    const undone = await undoRuns({ db, clock, signal: cli.signal }, request)
    for (const one of undone) {
      cli.out.record({ kind: 'undo', ...one, next: nextOf(one) })
      cli.out.line(`${told(one)} ${nextOf(one)}`)
    }
    return 0
  })
}

function told({ runId, partnerId, eventId, restored, removed, changed, skipped }: Undone): string {
  const parts = [
    [restored, 'back on the list'],
    [removed, 'removed'],
    [changed, 'as before'],
    [skipped, 'left as they are'],
  ] as const
  const done = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const what = done.length === 0 ? 'nothing was left to take back' : done.join(', ')
  return `Event ${eventId}, timing partner ${partnerId}: ${what} (run ${runId}).`
}

/** The provider keeps the last word: when it is asked next, and what that costs. */
function nextOf({ eventId, removed, restored, rereads, holdIds }: Undone): string {
  const parts: string[] = []
  if (rereads > 0)
    parts.push(
      `The next poll reads ${rereads} ${rereads === 1 ? 'registration' : 'registrations'} again, at most a call each; what the provider still says then wins: startlist sync --event ${eventId}.`,
    )
  else if (removed > 0) parts.push(`If the provider still lists them, the next poll brings them back.`)
  if (holdIds.length > 0)
    parts.push(
      `Hold ${holdIds.join(', ')} is open again: startlist holds discard ${holdIds[0]} if they stay.`,
    )
  else if (restored > 0) parts.push(`If they are still missing, the next sweep judges them anew.`)
  return parts.join(' ')
}

async function listRuns({ out, clock }: Cli, { db }: Session, eventId: string | undefined): Promise<0> {
  const runs = await recentRuns(db, { eventId, limit: LISTED })
  for (const { startedAt, ...run } of runs)
    out.record({ ...run, startedAt: startedAt === null ? null : new Date(startedAt).toISOString() })
  if (runs.length === 0) out.line('No run has changed anything.')
  else {
    const names = new Map((await listEvents(db)).map((event) => [event.eventId, event.name]))
    out.table(
      COLUMNS,
      runs.map((run) => [
        String(run.runId),
        names.get(run.eventId) ?? run.eventId,
        String(run.partnerId),
        run.kind,
        String(run.inserted),
        String(run.updated),
        String(run.removed),
        age(run.startedAt, clock.now()),
      ]),
    )
    out.line('startlist undo RUN takes one back, or several at once.')
  }
  return 0
}

const COLUMNS: Column[] = [
  { head: 'Run', align: 'right' },
  { head: 'Event', shrink: true, least: 12 },
  { head: 'Partner', align: 'right' },
  { head: 'Kind' },
  { head: 'New', align: 'right' },
  { head: 'Changed', align: 'right' },
  { head: 'Gone', align: 'right' },
  { head: 'Ago', align: 'right' },
]
