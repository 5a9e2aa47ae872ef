/** The kinds of request; `other` is whatever no route matches. */
export type Endpoint = 'token' | 'events' | 'participants' | 'registrations' | 'detail' | 'other'

/** One HTTP request as it reached the provider. */
export interface Call {
  /** 1 for the first ever */
  readonly n: number
  /** arrival, epoch ms of the simulator's clock */
  readonly at: number
  readonly endpoint: Endpoint
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly eventId: string | null
  /** registration number of a single read */
  readonly number: string | null
  /** as asked; null when the request did not say */
  readonly page: number | null
  readonly perPage: number | null
  /** the client id the token belongs to, expired or not; for a token call the one presented */
  client: string | null
  /** how the token was presented */
  authorization: 'bare' | 'bearer' | 'basic' | 'none'
  /** null while unanswered, and for good when either side cut the connection before a status */
  status: number | null
  /** the kind of the fault that was played, if one was */
  fault: string | null
  /** rows in the answered list; null when no list was answered */
  rows: number | null
}

/** Which calls are meant; every field given must agree. */
export interface CallFilter {
  endpoint?: Endpoint | Endpoint[]
  client?: string
  eventId?: string
  number?: string
  status?: number
  page?: number
  fault?: string
  /** only calls with a greater number */
  afterCall?: number
  /** only calls that arrived at or after this instant, epoch ms */
  since?: number
  /** only calls that arrived before this instant, epoch ms */
  until?: number
}

const HOUR = 3_600_000

function fits(call: Call, filter: CallFilter): boolean {
  const { endpoint, client, eventId, number, status, page, fault, afterCall, since, until } = filter
  if (endpoint !== undefined && !(Array.isArray(endpoint) ? endpoint : [endpoint]).includes(call.endpoint))
    return false
  return (
    (client === undefined || call.client === client) &&
    (eventId === undefined || call.eventId === eventId) &&
    (number === undefined || call.number === number) &&
    (status === undefined || call.status === status) &&
    (page === undefined || call.page === page) &&
    (fault === undefined || call.fault === fault) &&
    (afterCall === undefined || call.n > afterCall) &&
    (since === undefined || call.at >= since) &&
    (until === undefined || call.at < until)
  )
}

/** Every request in order of arrival: the judge of quota, lateness and waste. */
export class CallLog {
  readonly #calls: Call[] = []

  /** Number of the latest call; pass it as `afterCall` later to look at what came since. */
  get last(): number {
    return this.#calls.length
  }

  add(call: Omit<Call, 'n'>): Call {
    const entry = { ...call, n: this.#calls.length + 1 }
    this.#calls.push(entry)
    return entry
  }

  list(filter: CallFilter = {}): readonly Readonly<Call>[] {
    return this.#calls.filter((call) => fits(call, filter))
  }

  count(filter: CallFilter = {}): number {
    return this.#calls.reduce((n, call) => n + (fits(call, filter) ? 1 : 0), 0)
  }

  /**
   * The most calls that arrived within any rolling window (default 60 minutes, in ms). A call exactly one
   * window after another is outside its window. Token calls and refused calls count.
   */
  maxInWindow(filter: CallFilter = {}, windowMs = HOUR): number {
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
      const call = this.#calls[i] as Call
      if (call.at <= at - windowMs) break
      if (call.client === client) count++
    }
    return count
  }
}
