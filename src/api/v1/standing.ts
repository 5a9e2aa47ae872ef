import type { Race, Status } from '../../status/model.ts'
import { raceKey } from '../../status/races.ts'
import { readOwnerFacts, readStatus } from '../../status/read.ts'
import { type Slot, STRIP_LOOK_BACK_MS, stripOf } from '../../status/strip.ts'
import { type EventLine, listEventLines } from '../../store/overview/event-lines.ts'
import { listCallsSince } from '../../store/overview/spending.ts'
import type { Call } from './context.ts'
import { Shared } from './shared.ts'

/** How it stands with whatever the reader sees, as the board shows it. Maps are by raceKey. */
export interface Standing {
  /** as of when, ms since the epoch */
  at: number
  status: Status
  /** When each list was asked for in the last hours. */
  polls: ReadonlyMap<string, readonly number[]>
  /** The events of each race. */
  lines: ReadonlyMap<string, readonly EventLine[]>
}

/** Far more than anybody has ahead: a bound on memory, not a page. */
const MOST_EVENTS = 20_000

/** How it stands, not older than two seconds: see {@link Shared}. */
export function standingOf(call: Call): Promise<Standing> {
  return shared.get(call, 'standing', () => readStanding(call))
}

/** How a race that is seen was kept over the last six hours, slot by slot, oldest first. */
export function raceStrip({ event, schedule }: Race, { at, polls }: Standing): Slot[] {
  return stripOf(polls.get(raceKey(event)) ?? [], schedule, at)
}

async function readStanding(call: Call): Promise<Standing> {
  const at = call.services.clock.now()
  const facts = await readOwnerFacts(call.owner, at)
  return call.read(async (db) => {
    const status = await readStatus({ ...call.services, db }, facts)
    const fed = status.races.flatMap(({ event: { accountId, eventId } }) =>
      accountId === null ? [] : [{ accountId, listId: eventId }],
    )
    const calls = await listCallsSince(db, fed, at - STRIP_LOOK_BACK_MS)
    const lines = await listEventLines(db, { ...call.only, limit: MOST_EVENTS })
    const keyOf = ({ accountId, listId }: { accountId: number | null; listId: string }) =>
      raceKey({ accountId, eventId: listId })
    return {
      ...{ at, status },
      polls: new Map(calls.map((list) => [keyOf(list), list.at])),
      lines: Map.groupBy(lines, keyOf),
    }
  })
}

const shared = new Shared<Standing>()
