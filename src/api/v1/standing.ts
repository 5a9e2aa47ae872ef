import type { Status } from '../../status/model.ts'
import { raceKey } from '../../status/races.ts'
import { readOwnerFacts, readStatus } from '../../status/read.ts'
import { STRIP_LOOK_BACK_MS } from '../../status/strip.ts'
import type { Db } from '../../store/database.ts'
import { type EventLine, listEventLines } from '../../store/overview/event-lines.ts'
import { listCallsSince } from '../../store/overview/spending.ts'
import type { Call } from './context.ts'

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

/** Counting every registration for each of many lookers would be the same counting again. */
const SHARED_MS = 2_000
/** Far more than anybody has ahead: a bound on memory, not a page. */
const MOST_EVENTS = 20_000

/** How it stands, not older than two seconds. */
export function standingOf(call: Call): Promise<Standing> {
  return shared.get(call, () => readStanding(call))
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

/** An answer that is dear to make, shared by all who may see the same and ask within a moment. */
class Shared<T> {
  readonly #keptMs: number
  /** By database: another one, in another test, is another world. */
  readonly #answers = new WeakMap<Db, Map<number | null, { at: number; answer: Promise<T> }>>()

  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  /** The answer for who asks: one that is under way, or not older than it may be, else a new one. */
  get({ caller, services }: Call, make: () => Promise<T>): Promise<T> {
    const { db, clock } = services
    const answers = this.#answers.get(db) ?? new Map()
    this.#answers.set(db, answers)
    const now = clock.now()
    const known = answers.get(caller.partnerId)
    if (known !== undefined && now - known.at < this.#keptMs && now >= known.at) return known.answer
    const answer = make()
    answers.set(caller.partnerId, { at: now, answer })
    // A failure is nobody else's.
    answer.catch(() => {
      if (answers.get(caller.partnerId)?.answer === answer) answers.delete(caller.partnerId)
    })
    return answer
  }
}

const shared = new Shared<Standing>(SHARED_MS)
