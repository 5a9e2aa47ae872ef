/** The kinds of request; `other` is whatever no route matches. */
export type Endpoint = 'token' | 'events' | 'participants' | 'registrations' | 'detail' | 'other'

/** One HTTP request as it reached a provider: what all providers have in common. */
export interface BaseCall {
  /** 1 for the first ever */
  readonly n: number
  /** arrival, epoch ms of the simulator's clock */
  readonly at: number
  readonly endpoint: string
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** as asked: several, with commas between them, where a provider takes a list */
  readonly eventId: string | null
  /** as asked; null when the request did not say */
  readonly page: number | null
  readonly perPage: number | null
  /** whose call it is: the principal of the account */
  client: string | null
  /** null while unanswered, and for good when either side cut the connection before a status */
  status: number | null
  /** the kind of the fault that was played, if one was */
  fault: string | null
  /** rows in the answered list; null when no list was answered */
  rows: number | null
}

/** A request to Haku. `client` is the client id its token belongs to, expired or not, or for a token call the one presented. */
export interface Call extends BaseCall {
  readonly endpoint: Endpoint
  /** registration number of a single read */
  readonly number: string | null
  /** how the token was presented */
  authorization: 'bare' | 'bearer' | 'basic' | 'none'
}

/** Which calls are meant; every field given must agree. */
export type CallFilter<C extends BaseCall = Call> = Partial<
  Omit<C, 'n' | 'at' | 'query' | 'endpoint' | 'eventId'>
> & {
  endpoint?: C['endpoint'] | C['endpoint'][]
  /** calls about this event, alone or among others */
  eventId?: string
  /** only calls with a greater number */
  afterCall?: number
  /** only calls that arrived at or after this instant, epoch ms */
  since?: number
  /** only calls that arrived before this instant, epoch ms */
  until?: number
}

const HOUR = 3_600_000

/** Whether a call is one of those that are meant. */
export function fits<C extends BaseCall>(call: C, filter: CallFilter<C>): boolean {
  const { endpoint, eventId, afterCall, since, until, ...same } = filter as CallFilter<BaseCall>
  if (endpoint !== undefined && ![endpoint].flat().includes(call.endpoint)) return false
  if (eventId !== undefined && !call.eventId?.split(',').includes(eventId)) return false
  return (
    (afterCall === undefined || call.n > afterCall) &&
    (since === undefined || call.at >= since) &&
    (until === undefined || call.at < until) &&
    Object.entries(same).every(([name, wanted]) => wanted === undefined || call[name as keyof C] === wanted)
  )
}

/** Every request in order of arrival: the judge of quota, lateness and waste. */
export class CallLog<C extends BaseCall = Call> {
  readonly #calls: C[] = []

  /** Number of the latest call; pass it as `afterCall` later to look at what came since. */
  get last(): number {
    return this.#calls.length
  }

  add(call: Omit<C, 'n'>): C {
    const entry = { ...call, n: this.#calls.length + 1 } as C
    this.#calls.push(entry)
    return entry
  }

  list(filter: CallFilter<C> = {}): readonly Readonly<C>[] {
    return this.#calls.filter((call) => fits(call, filter))
  }

  count(filter: CallFilter<C> = {}): number {
    return this.#calls.reduce((n, call) => n + (fits(call, filter) ? 1 : 0), 0)
  }

  /**
   * The most calls that arrived within any rolling window (default 60 minutes, in ms). A call exactly one
   * window after another is outside its window. Token calls and refused calls count.
   */
  maxInWindow(filter: CallFilter<C> = {}, windowMs = HOUR): number {
    const times = this.list(filter)
      .map((call) => call.at)
      .sort((a, b) => a - b)
    let oldest = 0
    let most = 0
    for (const [i, at] of times.entries()) {
      while (at - (times[oldest] as number) >= windowMs) oldest++
      most = Math.max(most, i - oldest + 1)
    }
    return most
  }

  /** How many calls of a client arrived in the window that ends at `at` (inclusive). */
  recent(client: string, at: number, windowMs = HOUR): number {
    let count = 0
    for (let i = this.#calls.length - 1; i >= 0; i--) {
      const call = this.#calls[i] as C
      if (call.at <= at - windowMs) break
      if (call.client === client) count++
    }
    return count
  }
}
