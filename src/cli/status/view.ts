import type { Backfill } from '../../status/backfill.ts'
import type { AccountLine, Race, Status, Trouble } from '../../status/model.ts'
import { verdictOf } from '../../status/verdict.ts'
import type { Cli } from '../cli.ts'
import type { Cell, Column } from '../table.ts'
import { age, countdown, duration, interval, startText, untilText } from '../times.ts'

/** A flood of one kind is told by its first; the table below marks every race. */
const MOST_OF_A_KIND = 5

/** Writes the status for a person: verdict, troubles, races, accounts. */
export function tellStatus(cli: Cli, status: Status): void {
  const { out, clock } = cli
  const { standing, troubles } = status
  const isWell = standing.late === 0 && standing.needs === 0
  out.line(out.paint(isWell ? 'bold' : ['bold', 'red'], verdictOf(standing, clock.now())))
  for (const kind of Map.groupBy(troubles, ({ problem }) => problem).values()) tellTroubles(cli, kind)
  out.line()
  tellRaces(cli, status)
  tellAccounts(cli, status.accounts)
}

function tellTroubles({ out }: Cli, troubles: readonly Trouble[]): void {
  for (const { subject, message, hint, needsPerson } of troubles.slice(0, MOST_OF_A_KIND)) {
    out.line(`${out.paint(needsPerson ? 'red' : 'yellow', '!')} ${subject}: ${message}.`)
    out.line(`  ${hint}`)
  }
  const more = troubles.length - MOST_OF_A_KIND
  if (more > 0) out.line(`  and ${more} more like this, marked ! below.`)
}

function tellRaces({ out, clock }: Cli, { races, over }: Status): void {
  const now = clock.now()
  const several = new Set(races.flatMap((race) => race.partnerIds)).size > 1
  if (races.length === 0) {
    out.line(
      over === 0 ? 'No event is known yet: run startlist discover.' : `No race ahead; ${over} are over.`,
    )
    return
  }
  out.table(
    RACES,
    races.map((race) => raceRow(race, several, now)),
  )
  if (races.some(({ event }) => event.timezone === null && event.startsAt !== null))
    out.line('? zone unknown, New York assumed: startlist events set --event ID --timezone ZONE')
  if (races.some(({ event }) => event.startsAt === null && event.startDay === null))
    out.line('no date: startlist events set --event ID --start TIME brings it its cadence')
}

/** What is given up first on a narrow terminal stands last in importance, not in place. */
const RACES: Column[] = [
  { head: 'Race', shrink: true, least: 12 },
  { head: 'P', align: 'right', optional: true, drop: 3 },
  { head: 'Start', drop: 5 },
  { head: 'In', align: 'right' },
  { head: 'Runners', align: 'right', drop: 6 },
  { head: '+/h', align: 'right', drop: 4 },
  { head: 'List/every', align: 'right' },
  { head: 'Bibs/limit', align: 'right', drop: 7 },
  { head: 'Whole', align: 'right', drop: 2 },
  { head: 'Next', align: 'right', drop: 1 },
]

function raceRow(race: Race, several: boolean, now: number): Cell[] {
  const { event, partnerIds, counts, pace, troubled } = race
  return [
    troubled ? { text: `! ${event.name}`, style: 'red' } : event.name,
    several ? partnerIds.join(',') : '',
    startText(event, now),
    countdown(event, now),
    String(counts.participants),
    String(counts.changed),
    listCell(race, now),
    bibsCell(race, now),
    fresh(event.completeAt, now),
    pace.nextAt === null ? '-' : pace.nextAt <= now ? 'now' : interval(pace.nextAt - now),
  ]
}

const fresh = (at: number | null, now: number): Cell =>
  at === null ? { text: 'never', style: 'yellow' } : age(at, now)

/** Age of the list against its interval; `~` where that is stretched for lack of quota. */
function listCell({ event, pace }: Race, now: number): Cell {
  const { every, stretched } = pace
  if (every === null) return fresh(event.polledAt, now)
  const target = stretched === null ? interval(every) : `~${interval(stretched)}`
  const text = `${age(event.polledAt, now)}/${target}`
  if (pace.isLate) return { text: `LATE ${text}`, style: 'red' }
  return event.polledAt === null || stretched !== null ? { text, style: 'yellow' } : text
}

/** Age of the oldest bib against its limit, or how many are still to be read (F3). */
function bibsCell({ counts, pace, areBibsLate }: Race, now: number): Cell {
  const { participants, pending, bibsAsOf } = counts
  if (pending > 0) return { text: `${pending} pend.`, style: 'yellow' }
  if (participants === 0 || bibsAsOf === null) return '-'
  const text = `${age(bibsAsOf, now)}/${interval(pace.bibLimit)}`
  return areBibsLate ? { text: `LATE ${text}`, style: 'yellow' } : text
}

function tellAccounts({ out, clock }: Cli, accounts: readonly AccountLine[]): void {
  if (accounts.length === 0) return
  out.line()
  const rows = accounts.map((account): Cell[] => [
    account.label,
    account.provider,
    account.clientId,
    { text: `${account.calls} of ${account.limit}`, style: account.calls >= account.limit ? 'red' : 'reset' },
    account.pausedUntil === null ? '' : { text: untilText(account.pausedUntil, clock.now()), style: 'red' },
  ])
  out.table(ACCOUNTS, rows)
  for (const { label, backfill } of accounts)
    if (backfill !== null) out.line(`${label}: ${backfillText(backfill)}`)
}

const ACCOUNTS: Column[] = [
  { head: 'Account', shrink: true },
  { head: 'Provider', drop: 2 },
  { head: 'Client id', drop: 1 },
  { head: 'Calls this hour', align: 'right' },
  { head: 'Paused until', optional: true },
]

/** How far the first reading has come, and how long it still takes. */
function backfillText({ events, unknown, pages, rows, details, calls, callsLeft, takes }: Backfill): string {
  const lists =
    events === 0
      ? ''
      : `${events} ${events === 1 ? 'race' : 'races'} still to be read whole (${rows} registrations in ${pages} pages so far)`
  const owed = details === 0 ? '' : `${details} details to read`
  const least = unknown === 0 ? '' : 'at least '
  const size = unknown === 0 ? '' : `, size of ${unknown} unknown`
  const left = callsLeft === 0 && unknown > 0 ? '' : `; ${least}${callsLeft} calls left`
  const when =
    takes === null ? ', none to spare at present' : callsLeft === 0 ? '' : `, ${least}${duration(takes)}`
  return `${[lists, owed].filter((part) => part !== '').join(', ')}${size}; ${calls} calls this hour${left}${when}`
}
