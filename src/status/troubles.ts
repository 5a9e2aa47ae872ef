import { ERROR_CODES, type ErrorClass } from '../domain/errors.ts'
import { duration, interval, untilText } from '../domain/time-texts.ts'
import type { PauseReason } from '../store/accounts.ts'
import type { Hold } from '../store/holds.ts'
import type { CredentialOverview } from '../store/overview/credentials.ts'
import type { EventOverview } from '../store/overview/events.ts'
import { adviceFor, isUsable } from './credentials.ts'
import type { AccountLine, Race, Trouble } from './model.ts'
import { raceKey } from './races.ts'

/** What a status has to tell of, from what is stored. Pure. */

export function holdTroubles(holds: readonly Hold[], known: readonly EventOverview[]): Trouble[] {
  return holds.map((hold) => ({
    problem: 'hold',
    subject: known.find((event) => event.eventId === hold.eventId)?.name ?? hold.eventId,
    message: `hold ${hold.holdId}: ${hold.reason} (${hold.absent} of ${hold.known})`,
    hint:
      hold.kind === 'removal'
        ? `Look at the provider: were they removed? startlist holds apply ${hold.holdId}, else holds discard ${hold.holdId}.`
        : `Nothing was stored. Ask the provider; if the list is right, startlist holds apply ${hold.holdId}, else holds discard ${hold.holdId}.`,
    needsPerson: true,
    fields: { holdId: hold.holdId, provider: hold.provider, eventId: hold.eventId, kind: hold.kind },
  }))
}

export function credentialTroubles(credentials: readonly CredentialOverview[]): Trouble[] {
  return credentials
    .filter((credential) => !isUsable(credential) || credential.state === 'Untested')
    .map((credential) => ({
      problem: 'credential',
      subject: `credential ${credential.credentialId} (${credential.partner}, ${credential.organization ?? '-'})`,
      ...adviceFor(credential),
      needsPerson: true,
      fields: {
        credentialId: credential.credentialId,
        partnerId: credential.partnerId,
        state: credential.state,
      },
    }))
}

/** Breakers, too much demand, and lists that cost more than they should. */
export function accountTroubles(account: AccountLine, races: readonly Race[], now: number): Trouble[] {
  return [pauseTrouble(account, now), overloadTrouble(account, races), unorderedTrouble(account)].filter(
    (trouble) => trouble !== null,
  )
}

function pauseTrouble(
  { provider, label, pausedUntil, pauseReason }: AccountLine,
  now: number,
): Trouble | null {
  if (pausedUntil === null) return null
  const [what, hint] = PAUSES[pauseReason ?? 'throttle']
  return {
    problem: 'pause',
    subject: label,
    message: `${what}; no calls until ${untilText(pausedUntil, now)}`,
    hint,
    needsPerson: false,
    fields: { provider, pausedUntil: new Date(pausedUntil).toISOString(), reason: pauseReason },
  }
}

const PAUSES = {
  throttle: ['the provider asked for a pause', 'startlist goes on by itself.'],
  outage: [
    'the provider is down',
    'startlist looks again by itself; startlist sync --event ID asks at once.',
  ],
  restored: ['after a restore the hourly quota counts as spent', 'startlist goes on by itself.'],
} as const satisfies Record<PauseReason, readonly [string, string]>

/** Intervals that are stretched because the polls do not fit the quota (P3). */
function overloadTrouble(
  { provider, label, limit, stretch }: AccountLine,
  races: readonly Race[],
): Trouble | null {
  const slowed = races
    .filter(({ pace }) => pace.stretched !== null)
    .sort((a, b) => (a.pace.every ?? 0) - (b.pace.every ?? 0))
  const [densest] = slowed
  if (densest === undefined) return null
  const { every, stretched } = densest.pace
  const some = slowed.length === 1 ? densest.event.name : `${slowed.length} races`
  return {
    problem: 'overload',
    subject: label,
    message: `${some} polled every ${interval(stretched ?? 0)} instead of ${interval(every ?? 0)}: quota of ${limit} calls an hour`,
    hint: 'A longer interval for some (startlist events set --event ID --cadence C) or a second client id gives the others theirs.',
    needsPerson: false,
    fields: { provider, ...stretch, eventIds: slowed.map(({ event }) => event.eventId) },
  }
}

function unorderedTrouble({ provider, label, unorderedSince }: AccountLine): Trouble | null {
  if (unorderedSince === null) return null
  return {
    problem: 'unordered',
    subject: label,
    message: 'its lists are not sorted by their last change, so each poll reads a whole list',
    hint: 'Ask the provider to sort by updated_at; startlist tries the short way again after a week.',
    needsPerson: false,
    fields: { provider, since: new Date(unorderedSince).toISOString() },
  }
}

/** Races whose list is older than it may be, told once for each account. */
export function lateTroubles(
  races: readonly Race[],
  { accounts, isKept, now }: { accounts: readonly AccountLine[]; isKept: boolean; now: number },
): Trouble[] {
  const late = races.filter(({ pace }) => pace.isLate)
  return [...Map.groupBy(late, ({ event }) => event.accountId)].map(([accountId, members]) => {
    const account = accounts.find((line) => line.accountId === accountId)
    const { provider } = members[0]!.event
    const names = members.slice(0, MOST_NAMES).map((race) => `${race.event.name} ${lateness(race, now)}`)
    const more = members.length - names.length
    return {
      problem: 'late',
      subject: account?.label ?? provider,
      message: `late: ${names.join('; ')}${more > 0 ? ` and ${more} more` : ''}`,
      hint: lateHint(members[0]!, account, isKept),
      needsPerson: !isKept,
      fields: { provider, eventIds: members.map(({ event }) => event.eventId) },
    }
  })
}

const MOST_NAMES = 3

function lateness({ event, pace }: Race, now: number): string {
  const age = event.polledAt === null ? 'never' : `${duration(now - event.polledAt)} ago`
  return `(read ${age}, every ${interval(pace.stretched ?? pace.every ?? 0)})`
}

function lateHint({ event }: Race, account: AccountLine | undefined, isKept: boolean): string {
  if (account === undefined) return 'No credential feeds it: startlist credentials list.'
  if (!isKept) return 'startlist run keeps lists current; startlist sync reads them now.'
  if (account.pausedUntil !== null) return 'Its account is paused, see above.'
  return `startlist why --event ${event.eventId} says what stands in the way.`
}

/** What is wrong with single races: told once for all who share one, or once for each who is behind. */
export function raceTroubles(events: readonly EventOverview[]): Trouble[] {
  return [...Map.groupBy(events, raceKey).values()].flatMap((members) => [
    ...failing(members),
    ...missing(members),
    ...behind(members),
  ])
}

const baseOf = (members: readonly EventOverview[]) => {
  const { provider, eventId, name } = members[0]!
  return {
    subject: name,
    needsPerson: false,
    fields: { provider, partnerIds: members.map((member) => member.partnerId), eventId },
  }
}

/** Who has to act on a stored code; null for none and for those of another release. */
const classOf = (code: string | null): ErrorClass | null =>
  (Object.entries(ERROR_CODES).find(([known]) => known === code)?.[1].class as ErrorClass | undefined) ?? null

function failing(members: readonly EventOverview[]): Trouble[] {
  const { failures, lastError, eventId } = members[0]!
  if (failures === 0) return []
  const passes = failures === 1 ? 'the last pass' : `the last ${failures} passes`
  // Cut short by the quota, a pause or a signal: nothing is wrong with the race.
  const isCut = classOf(lastError) === 'rate_limited'
  const told = isCut ? 'the last pass ended early' : `${passes} failed`
  const message = `${told} (${lastError ?? 'unknown'})`
  const hint = `startlist sync --event ${eventId} ${isCut ? 'goes on' : 'tries again'}.`
  return [{ ...baseOf(members), problem: 'failing', message, hint }]
}

function missing(members: readonly EventOverview[]): Trouble[] {
  if (!members[0]!.missing) return []
  const message = 'the provider does not list it any more'
  const hint = 'Its registrations are kept; discovery goes on looking for it.'
  return [{ ...baseOf(members), problem: 'missing', message, hint }]
}

/** Behind is how every event begins; it is news only after its account finished a sweep. */
function behind(members: readonly EventOverview[]): Trouble[] {
  if (members[0]!.completeAt === null) return []
  return members
    .filter(({ state }) => state === 'behind')
    .map(({ provider, eventId, name, partnerId, stateReason }) => ({
      problem: 'behind',
      subject: name,
      message: `timing partner ${partnerId} is behind${stateReason === null ? '' : `: ${stateReason}`}`,
      hint: `startlist sync --event ${eventId} levels it.`,
      needsPerson: false,
      fields: { provider, partnerIds: [partnerId], eventId },
    }))
}
