import { ledgerExcesses } from '../store/audit/headers.ts'
import { keptFindings } from '../store/audit/results.ts'
import { openHolds } from '../store/holds.ts'
import { credentialOverview } from '../store/overview/credentials.ts'
import { countEvents, type EventOverview, listEvents } from '../store/overview/events.ts'
import { type EventPasses, isKeptByRun, readPasses } from '../store/overview/passes.ts'
import { driftSince } from '../store/shapes.ts'
import { isOver } from '../sync/event-schedule.ts'
import type { Cli, Command } from './cli.ts'
import { type Session, withSession } from './session.ts'
import { lineOf, readMeans, stretchesOf } from './status/accounts.ts'
import { auditTroubles, ledgerTroubles } from './status/audit-troubles.ts'
import { driftTroubles, TOLD_FOR_MS } from './status/drift-troubles.ts'
import type { AccountLine, Race, Status, Trouble } from './status/model.ts'
import { raceKey, racesOf } from './status/races.ts'
import { recordStatus } from './status/records.ts'
import {
  accountTroubles,
  credentialTroubles,
  holdTroubles,
  lateTroubles,
  raceTroubles,
} from './status/troubles.ts'
import type { Standing } from './status/verdict.ts'
import { tellStatus } from './status/view.ts'

/** `status`: how it stands in one line, what needs a person, a line a race, and what every account spent this hour. */
export const status: Command<{ partner?: string }> = (cli) =>
  withSession(cli, {}, async (session) => {
    await showStatus(cli, session)
    return 0
  })

/** The status itself, for `setup` as well. */
export async function showStatus(cli: Cli, session: Session): Promise<void> {
  const found = await readStatus(cli, session)
  recordStatus(cli, found)
  tellStatus(cli, found)
}

/** Findings of audits that a status looks at. */
const MOST_FINDINGS = 1_000
const MOST_DRIFTS = 200

async function readStatus({ clock }: Cli, session: Session): Promise<Status> {
  const { db } = session
  const known = await listEvents(db)
  const open = known.filter((event) => !isOver(event, clock.now()))
  const counts = await countEvents(db, open)
  const passes = await passesOf(session, open)
  const credentials = await credentialOverview(db)
  const means = await readMeans(session, credentials)
  const now = clock.now()
  const races = racesOf(
    open.map((event, i) => ({ event, counts: counts[i]! })),
    { passes, stretches: stretchesOf(means), now },
  )
  const accounts = means.map((account) => lineOf(account, races, passes))
  const isKept = await isKeptByRun(db)
  const troubles = [
    ...holdTroubles(await openHolds(db), known),
    ...credentialTroubles(credentials),
    ...accounts.flatMap((account) => accountTroubles(account, racesOfAccount(races, account), now)),
    ...lateTroubles(races, { accounts, isKept, now }),
    ...raceTroubles(open),
    ...auditTroubles(await keptFindings(db, MOST_FINDINGS), known),
    ...driftTroubles(await driftSince(db, now - TOLD_FOR_MS, MOST_DRIFTS), accounts, now),
    ...ledgerTroubles(await ledgerExcesses(db), accounts),
  ]
  return {
    standing: standingOf(races, { accounts: accounts.length, troubles, isKept }),
    troubles,
    races: troubledFirst(races, troubles),
    accounts,
    over: new Set(known.map(raceKey)).size - races.length,
  }
}

async function passesOf(
  { db }: Session,
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
