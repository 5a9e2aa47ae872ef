import type { AccountLine, Race, Status, Trouble } from '../../status/model.ts'
import { verdictOf } from '../../status/verdict.ts'
import type { Cli } from '../cli.ts'

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

/** The status for programs: a line for each problem, race and account, and the verdict last. */
export function recordStatus(
  { out, clock }: Cli,
  { standing, troubles, races, accounts, over }: Status,
): void {
  for (const trouble of troubles) out.record(troubleRecord(trouble))
  for (const race of races) out.record(raceRecord(race))
  for (const account of accounts) out.record(accountRecord(account))
  const { lastAt, nextAt, isKept, ...counted } = standing
  out.record({
    kind: 'summary',
    verdict: verdictOf(standing, clock.now()),
    ...counted,
    over,
    lastAt: iso(lastAt),
    nextAt: iso(nextAt),
    running: isKept,
  })
}

function troubleRecord({ problem, subject, message, hint, needsPerson, fields }: Trouble): object {
  return { kind: 'problem', problem, subject, message, hint, needsPerson, ...fields }
}

/** Lengths are in ms. */
function raceRecord({ event, partnerIds, counts, pace, areBibsLate, troubled }: Race): object {
  const { provider, eventId, name, startDay, timezone } = event
  return {
    ...{ kind: 'race', provider, partnerIds, eventId, name },
    ...{ startsAt: iso(event.startsAt), startDay, timezone },
    ...{ participants: counts.participants, active: counts.active, changedThisHour: counts.changed },
    ...{ polledAt: iso(event.polledAt), bibsAsOf: iso(counts.bibsAsOf), pendingDetails: counts.pending },
    ...{ completeAt: iso(event.completeAt), troubled },
    ...{ every: pace.every, stretchedEvery: pace.stretched, nextPollAt: iso(pace.nextAt), late: pace.isLate },
    ...{ bibLimit: pace.bibLimit, bibsLate: areBibsLate },
  }
}

function accountRecord({ label, pausedUntil, unorderedSince, ...account }: AccountLine): object {
  return {
    kind: 'account',
    ...account,
    organizations: label,
    pausedUntil: iso(pausedUntil),
    unorderedSince: iso(unorderedSince),
  }
}
