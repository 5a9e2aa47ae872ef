import { ERROR_CODES, type ErrorClass } from '../domain/errors.ts'
import { type PauseReason, readAccount } from '../store/accounts.ts'
import { callsThisHour } from '../store/calls.ts'
import { openHolds } from '../store/holds.ts'
import { type CredentialOverview, credentialOverview } from '../store/overview/credentials.ts'
import { countEvents, type EventCounts, type EventOverview, listEvents } from '../store/overview/events.ts'
import { isOver } from '../sync/event-schedule.ts'
import { adviceFor, isUsable, labelOf } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { shortId } from './credentials.ts'
import { type Session, withSession } from './session.ts'
import { tellStatus } from './status-view.ts'
import { untilText } from './times.ts'

/** Something that a person should look at, and what to do about it. */
export interface Trouble {
  problem: 'hold' | 'credential' | 'pause' | 'failing' | 'behind' | 'missing'
  /** What it is about, for people. */
  subject: string
  message: string
  hint: string
  fields: Record<string, unknown>
}

/** One race, whoever receives it. Instants in ms since the epoch. */
export interface Race {
  event: EventOverview
  partnerIds: number[]
  /** Of the partner with the most, which is all of them unless one is behind. */
  counts: Omit<EventCounts, 'partnerId' | 'eventId'>
  troubled: boolean
}

/** What one account spent of its hour. */
export interface AccountLine {
  provider: string
  clientId: string
  label: string
  calls: number
  limit: number
  pausedUntil: number | null
  pauseReason: PauseReason | null
}

export interface Status {
  troubles: Trouble[]
  races: Race[]
  accounts: AccountLine[]
  /** Known events that are over, and so not shown. */
  over: number
}

/** `status`: a line a race, problems first, and what every account spent this hour. */
export const status: Command<{ partner?: string }> = (cli) =>
  withSession(cli, {}, async (session) => {
    await showStatus(cli, session)
    return 0
  })

/** The status itself, for `setup` as well. */
export async function showStatus(cli: Cli, session: Session): Promise<void> {
  tellStatus(cli, await readStatus(cli, session))
}

async function readStatus({ clock }: Cli, session: Session): Promise<Status> {
  const { db } = session
  const known = await listEvents(db)
  const open = known.filter((event) => !isOver(event, clock.now()))
  const counts = await countEvents(db, open)
  const credentials = await credentialOverview(db)
  const accounts = await readAccounts(session, credentials)
  const troubles = [
    ...(await holdTroubles(session, known)),
    ...credentialTroubles(credentials),
    ...pauseTroubles(accounts, clock.now()),
    ...[...Map.groupBy(open, raceKey).values()].flatMap(raceTroubles),
  ]
  const troubled = new Set(troubles.map((trouble) => trouble.fields.eventId))
  const races = racesOf(open, counts, troubled)
  return { troubles, races, accounts, over: new Set(known.map(raceKey)).size - races.length }
}

/** A shared account's event is one race, whoever else receives it. */
const raceKey = (event: EventOverview) => `${event.provider} ${event.accountId} ${event.eventId}`

function racesOf(
  events: readonly EventOverview[],
  counts: readonly EventCounts[],
  troubled: ReadonlySet<unknown>,
): Race[] {
  const paired = events.map((event, i) => ({ event, counts: counts[i]! }))
  const races = [...Map.groupBy(paired, ({ event }) => raceKey(event)).values()].map((members) => {
    const fullest = members.reduce((a, b) => (b.counts.participants > a.counts.participants ? b : a))
    return {
      event: fullest.event,
      partnerIds: members.map(({ event }) => event.partnerId),
      counts: fullest.counts,
      troubled: members.some(({ event }) => troubled.has(event.eventId)),
    }
  })
  // Sorting is stable: the soonest start stays first in both halves.
  return races.sort((a, b) => Number(b.troubled) - Number(a.troubled))
}

async function readAccounts(
  { db, config }: Session,
  credentials: readonly CredentialOverview[],
): Promise<AccountLine[]> {
  const groups = Map.groupBy(credentials, (credential) => credential.accountId)
  const lines: AccountLine[] = []
  for (const [accountId, members] of groups) {
    const state = accountId === null ? null : await readAccount(db, accountId)
    if (accountId === null || state === null) continue
    const { provider, principal, observedLimit, pause } = state
    const configured = config[provider].quotaPerHour
    lines.push({
      provider,
      clientId: shortId(principal),
      label: labelOf(members),
      calls: await callsThisHour(db, accountId),
      limit: observedLimit === null ? configured : Math.min(configured, observedLimit),
      pausedUntil: pause?.until ?? null,
      pauseReason: pause?.reason ?? null,
    })
  }
  return lines
}

async function holdTroubles({ db }: Session, known: readonly EventOverview[]): Promise<Trouble[]> {
  return (await openHolds(db)).map((hold) => ({
    problem: 'hold',
    subject: known.find((event) => event.eventId === hold.eventId)?.name ?? hold.eventId,
    message: `hold ${hold.holdId}: ${hold.reason} (${hold.absent} of ${hold.known})`,
    hint:
      hold.kind === 'removal'
        ? `Look at the provider: were they removed? startlist holds apply ${hold.holdId}, else holds discard ${hold.holdId}.`
        : `Nothing was stored. Ask the provider; if the list is right, startlist holds apply ${hold.holdId}, else holds discard ${hold.holdId}.`,
    fields: { holdId: hold.holdId, provider: hold.provider, eventId: hold.eventId, kind: hold.kind },
  }))
}

function credentialTroubles(credentials: readonly CredentialOverview[]): Trouble[] {
  return credentials
    .filter((credential) => !isUsable(credential) || credential.state === 'Untested')
    .map((credential) => ({
      problem: 'credential' as const,
      subject: `credential ${credential.credentialId} (${credential.partner}, ${credential.organization ?? '-'})`,
      ...adviceFor(credential),
      fields: {
        credentialId: credential.credentialId,
        partnerId: credential.partnerId,
        state: credential.state,
      },
    }))
}

function pauseTroubles(accounts: readonly AccountLine[], now: number): Trouble[] {
  return accounts.flatMap(({ provider, label, pausedUntil, pauseReason }) => {
    if (pausedUntil === null) return []
    const fields = { provider, pausedUntil: new Date(pausedUntil).toISOString(), reason: pauseReason }
    const message = `${PAUSES[pauseReason ?? 'throttle']}; no calls until ${untilText(pausedUntil, now)}`
    return [
      { problem: 'pause' as const, subject: label, message, hint: 'startlist goes on by itself.', fields },
    ]
  })
}

const PAUSES = {
  throttle: 'the provider asked for a pause',
  outage: 'the provider is down',
  restored: 'after a restore the hourly quota counts as spent',
} as const satisfies Record<PauseReason, string>

/** Who has to act on a stored code; null for none and for those of another release. */
const classOf = (code: string | null): ErrorClass | null =>
  (Object.entries(ERROR_CODES).find(([known]) => known === code)?.[1].class as ErrorClass | undefined) ?? null

/** What failed stands once for all who share the race; who is behind, once for each. */
function raceTroubles(members: readonly EventOverview[]): Trouble[] {
  const { provider, eventId, name, failures, lastError, missing, completeAt } = members[0]!
  const partnerIds = members.map((member) => member.partnerId)
  const base = { subject: name, fields: { provider, partnerIds, eventId } }
  const troubles: Trouble[] = []
  if (failures > 0) {
    const passes = failures === 1 ? 'the last pass' : `the last ${failures} passes`
    // Cut short by the quota, a pause or a signal: nothing is wrong with the race.
    const isCut = classOf(lastError) === 'rate_limited'
    const told = isCut ? 'the last pass ended early' : `${passes} failed`
    const message = `${told} (${lastError ?? 'unknown'})`
    troubles.push({
      ...base,
      problem: 'failing',
      message,
      hint: `startlist sync --event ${eventId} ${isCut ? 'goes on' : 'tries again'}.`,
    })
  }
  if (missing) {
    const hint = 'Its registrations are kept; discovery goes on looking for it.'
    troubles.push({ ...base, problem: 'missing', message: 'the provider does not list it any more', hint })
  }
  // Behind is how every event begins; it is news only after its account finished a sweep.
  for (const { partnerId, state, stateReason } of completeAt === null ? [] : members) {
    if (state !== 'behind') continue
    const message = `timing partner ${partnerId} is behind${stateReason === null ? '' : `: ${stateReason}`}`
    const fields = { provider, partnerIds: [partnerId], eventId }
    const hint = `startlist sync --event ${eventId} levels it.`
    troubles.push({ subject: name, problem: 'behind', message, hint, fields })
  }
  return troubles
}
