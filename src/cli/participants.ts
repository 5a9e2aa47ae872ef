import { StartlistError } from '../domain/errors.ts'
import { listEvents } from '../store/overview/events.ts'
import { type ParticipantLine, streamParticipants } from '../store/overview/participants.ts'
import type { Command } from './cli.ts'
import { csvLines } from './csv.ts'
import { optionalId } from './options.ts'
import { withSession } from './session.ts'
import { type Cell, type Column, oneLine } from './table.ts'

export interface ParticipantsOptions {
  event: string
  partner?: string
  csv?: boolean
  removed?: boolean
}

/** Prints an event's registrations batch by batch, as a table, as CSV, or as JSON lines. */
export const participants: Command<ParticipantsOptions> = (cli, options) => {
  if (options.csv && cli.out.json) throw new StartlistError('USAGE', 'give --csv or --json, not both')
  const partnerId = optionalId(options.partner, '--partner')
  const only = { eventId: options.event, ...(partnerId === undefined ? {} : { partnerId }) }
  return withSession(cli, {}, async ({ db }) => {
    const events = await listEvents(db, only)
    if (events.length === 0) throw new StartlistError('NO_SUCH_EVENT', `there is no event ${options.event}`)
    const several = events.length > 1
    let count = 0
    let pending = 0
    if (options.csv) await cli.out.write(csvLines([CSV.map(([head]) => head)]))
    for await (const batch of streamParticipants(db, { ...only, removed: options.removed === true })) {
      cli.signal.throwIfAborted()
      if (cli.out.json) await cli.out.write(batch.map((line) => `${JSON.stringify(line)}\n`).join(''))
      else if (options.csv)
        await cli.out.write(csvLines(batch.map((line) => CSV.map(([, read]) => read(line)))))
      else
        cli.out.table(
          COLUMNS,
          batch.map((line) => rowOf(line, several)),
        )
      // At the reader's pace: a table's lines must not pile up in memory.
      await cli.out.write('')
      count += batch.length
      pending += batch.filter((line) => line.details === 'pending').length
    }
    cli.out.note(countText(count, pending))
    return 0
  })
}

function countText(count: number, pending: number): string {
  if (count === 0) return 'No registration is stored: run startlist sync.'
  const noun = count === 1 ? 'registration' : 'registrations'
  return `${count} ${noun}${pending === 0 ? '' : `; the details of ${pending} are pending: their bibs are not known yet`}`
}

const CSV: [head: string, read: (line: ParticipantLine) => unknown][] = [
  ['bib', (l) => l.bib],
  ['name', nameOf],
  ['first_name', (l) => l.firstName],
  ['last_name', (l) => l.lastName],
  ['gender', (l) => l.gender],
  ['age', (l) => l.age],
  ['date_of_birth', (l) => l.dateOfBirth],
  ['category', (l) => l.category],
  ['wave', (l) => l.wave],
  ['corral', (l) => l.corral],
  ['team', (l) => l.team],
  ['email', (l) => l.email],
  ['phone', (l) => l.phone],
  ['chip', (l) => l.chip],
  ['registration', (l) => l.registration],
  ['status', (l) => l.status],
  ['registered_at', (l) => l.registeredAt],
  ['details', (l) => l.details],
  ['partner_id', (l) => l.partnerId],
]

const COLUMNS: Column[] = [
  { head: 'Bib', align: 'right' },
  { head: 'Name', shrink: true, least: 12 },
  { head: 'Sex', shrink: true, least: 3 },
  { head: 'Age', align: 'right' },
  { head: 'Category', shrink: true },
  { head: 'Team', shrink: true, optional: true },
  { head: 'Registration', align: 'right' },
  { head: 'Status', optional: true },
  { head: 'Details', optional: true },
  { head: 'P', align: 'right', optional: true },
]

function rowOf(line: ParticipantLine, several: boolean): Cell[] {
  return [
    line.bib ?? '-',
    nameOf(line),
    line.gender ?? '',
    line.age === null ? '' : String(line.age),
    line.category ?? '',
    line.team ?? '',
    line.registration ?? '',
    line.status === 'active' ? '' : { text: line.status, style: 'red' },
    line.details === 'pending' ? { text: 'pending', style: 'yellow' } : '',
    several ? String(line.partnerId) : '',
  ]
}

function nameOf({ firstName, lastName }: ParticipantLine): string {
  return oneLine([firstName, lastName].filter((part) => part !== null).join(' '))
}
