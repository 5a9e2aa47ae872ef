import { ledgerExcesses } from '../store/audit/headers.ts'
import { type KeptFinding, keptFindings } from '../store/audit/results.ts'
import type { Db } from '../store/database.ts'
import { openHolds } from '../store/holds.ts'
import { credentialOverview } from '../store/overview/credentials.ts'
import { countEvents, type EventOverview, listEvents } from '../store/overview/events.ts'
import { type EventPasses, isKeptByRun, readPasses } from '../store/overview/passes.ts'
import { driftSince, type KeptDrift } from '../store/shapes.ts'
import { isOver } from '../sync/event-schedule.ts'
import { lineOf, readMeans, stretchesOf } from './accounts.ts'
import { auditTroubles, ledgerTroubles } from './audit-troubles.ts'
import { driftTroubles, TOLD_FOR_MS } from './drift-troubles.ts'
import type { AccountLine, Race, Reading, Status, Trouble } from './model.ts'
import { raceKey, racesOf } from './races.ts'
import { accountTroubles, credentialTroubles, holdTroubles, lateTroubles, raceTroubles } from './troubles.ts'
import type { Standing } from './verdict.ts'

/** Findings of audits that a status looks at. */
const MOST_FINDINGS = 1_000
const MOST_DRIFTS = 200

/** What the owner alone can read: audits, shapes of answers, and who works on the database. */
export interface OwnerFacts {
  findings: readonly KeptFinding[]
  drifts: readonly KeptDrift[]
  excesses: readonly { accountId: number; excess: number }[]
  isKept: boolean
}

/** @param owner the owner's database */
export async function readOwnerFacts(owner: Db, now: number): Promise<OwnerFacts> {
  return {
    findings: await keptFindings(owner, MOST_FINDINGS),
    drifts: await driftSince(owner, now - TOLD_FOR_MS, MOST_DRIFTS),
    excesses: await ledgerExcesses(owner),
    isKept: await isKeptByRun(owner),
  }
}

/**
 * How it stands, for whoever reads: with a tenant's transaction it is about that timing partner alone.
 * @param facts told of what belongs to the events and accounts that the reader sees
 */
export async function readStatus(reading: Reading, facts: OwnerFacts): Promise<Status> {
  const { db, clock } = reading
  const known = await listEvents(db)
  const open = known.filter((event) => !isOver(event, clock.now()))
  const counts = await countEvents(db, open)
  const passes = await passesOf(reading, open)
  const credentials = await credentialOverview(db)
  const means = await readMeans(reading, credentials)
  const now = clock.now()
  const races = racesOf(
    open.map((event, i) => ({ event, counts: counts[i]! })),
    { passes, stretches: stretchesOf(means), now },
  )
  const accounts = means.map((account) => lineOf(account, races, passes))
  const { isKept } = facts
  const troubles = [
    ...holdTroubles(await openHolds(db), known),
    ...credentialTroubles(credentials),
    ...accounts.flatMap((account) => accountTroubles(account, racesOfAccount(races, account), now)),
    ...lateTroubles(races, { accounts, isKept, now }),
    ...raceTroubles(open),
    ...auditTroubles(facts.findings.filter(isOf(known)), known),
    ...driftTroubles(facts.drifts, accounts, now),
    ...ledgerTroubles(facts.excesses, accounts),
  ]
  return {
    standing: standingOf(races, { accounts: accounts.length, troubles, isKept }),
    troubles,
    races: troubledFirst(races, troubles),
    accounts,
    passes,
    over: new Set(known.map(raceKey)).size - races.length,
  }
}

const isOf = (known: readonly EventOverview[]) => {
  const keys = new Set(known.map(({ provider, partnerId, eventId }) => `${provider} ${partnerId} ${eventId}`))
  return ({ provider, partnerId, eventId }: KeptFinding) => keys.has(`${provider} ${partnerId} ${eventId}`)
}

async function passesOf(
  { db }: Pick<Reading, 'db'>,
  events: readonly EventOverview[],
): Promise<Map<string, EventPasses>> {
  const fed = events.flatMap(({ accountId, eventId }) => (accountId === null ? [] : [{ accountId, eventId }]))
  return new Map((await readPasses(db, fed)).map((passes) => [raceKey(passes), passes]))
}

const racesOfAccount = (races: readonly Race[], { accountId }: AccountLine) =>
  races.filter(({ event }) => event.accountId === accountId)

/** Sorting is stable: the soonest start stays first in both halves. */
function troubledFirst(races: readonly Race[], troubles: readonly Trouble[]): Race[] {
  const ids = new Set(troubles.map(({ fields }) => fields.eventId))
  return races
    .map((race) => ({ ...race, troubled: race.troubled || ids.has(race.event.eventId) }))
    .sort((a, b) => Number(b.troubled) - Number(a.troubled))
}

function standingOf(
  races: readonly Race[],
  { accounts, troubles, isKept }: { accounts: number; troubles: readonly Trouble[]; isKept: boolean },
): Standing {
  const ahead = races.filter(({ event }) => !event.missing)
  const instants = (of: (race: Race) => number | null) => ahead.map(of).filter((at) => at !== null)
  const polled = instants(({ event }) => event.polledAt)
  const coming = instants(({ pace }) => pace.nextAt)
  return {
    races: ahead.length,
    accounts,
    late: ahead.filter(({ pace }) => pace.isLate).length,
    unread: ahead.filter(({ event }) => event.completeAt === null).length,
    needs: troubles.filter(({ needsPerson }) => needsPerson).length,
    lastAt: polled.length === 0 ? null : Math.max(...polled),
    nextAt: coming.length === 0 ? null : Math.min(...coming),
    isKept,
  }
}
