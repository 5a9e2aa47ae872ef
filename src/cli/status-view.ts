import type { Cli } from './cli.ts'
import type { AccountLine, Race, Status, Trouble } from './status.ts'
import type { Cell, Column } from './table.ts'
import { age, countdown, startText, untilText } from './times.ts'

/** Writes the status: troubles, races, accounts. */
export function tellStatus(cli: Cli, status: Status): void {
  tellRecords(cli, status)
  const { out } = cli
  for (const { subject, message, hint } of status.troubles) {
    out.line(`${out.paint('red', '!')} ${subject}: ${message}.`)
    out.line(`  ${hint}`)
  }
  if (status.troubles.length > 0) out.line()
  tellRaces(cli, status)
  tellAccounts(cli, status.accounts)
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
}

const RACES: Column[] = [
  { head: 'Race', shrink: true, least: 10 },
  { head: 'P', align: 'right', optional: true },
  { head: 'Start' },
  { head: 'In', align: 'right' },
  { head: 'Runners', align: 'right' },
  { head: '+/h', align: 'right' },
  { head: 'List', align: 'right' },
  { head: 'Bibs', align: 'right' },
  { head: 'Whole', align: 'right' },
]

function raceRow({ event, partnerIds, counts, troubled }: Race, several: boolean, now: number): Cell[] {
  return [
    troubled ? { text: `! ${event.name}`, style: 'red' } : event.name,
    several ? partnerIds.join(',') : '',
    startText(event, now),
    countdown(event, now),
    String(counts.participants),
    String(counts.changed),
    fresh(event.polledAt, now),
    bibs(counts, now),
    fresh(event.completeAt, now),
  ]
}

const fresh = (at: number | null, now: number): Cell =>
  at === null ? { text: 'never', style: 'yellow' } : age(at, now)

/** Age of the oldest bib, or how many are still to be read (F3). */
function bibs({ participants, pending, bibsAsOf }: Race['counts'], now: number): Cell {
  if (pending > 0) return { text: `${pending} pend.`, style: 'yellow' }
  return participants === 0 || bibsAsOf === null ? '-' : age(bibsAsOf, now)
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
}

const ACCOUNTS: Column[] = [
  { head: 'Account', shrink: true },
  { head: 'Provider' },
  { head: 'Client id' },
  { head: 'Calls this hour', align: 'right' },
  { head: 'Paused until', optional: true },
]

function tellRecords({ out }: Cli, { troubles, races, accounts }: Status): void {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  for (const trouble of troubles) out.record(troubleRecord(trouble))
  for (const { event, partnerIds, counts, troubled } of races) {
    const { provider, eventId, name, startDay, timezone } = event
    out.record({
      ...{
        kind: 'race',
        provider,
        partnerIds,
        eventId,
        name,
        startsAt: iso(event.startsAt),
        startDay,
        timezone,
      },
      ...{ participants: counts.participants, active: counts.active, changedThisHour: counts.changed },
      ...{ polledAt: iso(event.polledAt), bibsAsOf: iso(counts.bibsAsOf), pendingDetails: counts.pending },
      ...{ completeAt: iso(event.completeAt), troubled },
    })
  }
  for (const { label, pausedUntil, ...account } of accounts)
    out.record({ kind: 'account', ...account, organizations: label, pausedUntil: iso(pausedUntil) })
}

function troubleRecord({ problem, subject, message, hint, fields }: Trouble): object {
  return { kind: 'problem', problem, subject, message, hint, ...fields }
}
