import { type BaseCall, type Call, type CallFilter, fits } from './call-log.ts'
import type { Defect } from './malformed.ts'
import type { Rng } from './random.ts'

/** What can go wrong with one call. */
export type Fault =
  /** a status without the answer; the body is JSON unless it says otherwise, with `code` where a provider has codes */
  | { kind: 'status'; status: number; body?: 'json' | 'html' | 'empty'; code?: number }
  /** throttled, as the provider says it (429); `retryAfter` in seconds, written as such or as an HTTP-date, or left out */
  | { kind: 'throttle'; retryAfter?: number; form?: 'seconds' | 'date' }
  /** the connection is cut before a byte, amid the headers, or amid the body */
  | { kind: 'reset'; when: 'at-once' | 'headers' | 'body' }
  /** the answer comes `ms` of the world's clock later; with the machine's own clock never more than 5 s later */
  | { kind: 'slow'; ms: number }
  /** no answer until the client gives up */
  | { kind: 'hang' }
  /** 200 with the first half of the JSON */
  | { kind: 'truncated' }
  /** 200 with a page of HTML */
  | { kind: 'html' }
  /** 200 with a list of nothing */
  | { kind: 'empty' }
  /** 200 with the list of another event (default: another one of the organization that has rows) */
  | { kind: 'foreign'; eventId?: string }
  /** records broken in the given ways in turn: the first `rows` (default one per defect), or those numbered */
  | { kind: 'malformed'; defects: readonly Defect[]; rows?: number; numbers?: readonly string[] }
  /** 200 with JSON that is neither the list nor the record */
  | { kind: 'wrong-type'; as: 'object' | 'string' | 'number' | 'null' }
  /** 302 to a path of the simulator that it counts and answers with 404, or elsewhere */
  | { kind: 'redirect'; location?: string }
  /** the first `rows` of the page come once more at its end */
  | { kind: 'duplicate'; rows: number }
  /** the client's tokens become worthless; the call is then answered 401 like any with a bad token */
  | { kind: 'revoke' }

export type FaultMatch<C extends BaseCall = Call> = Omit<CallFilter<C>, 'path'> & {
  /** part of the path, or a pattern for it */
  path?: string | RegExp
}

/** When a fault is played. Without a match it concerns every call. */
export interface FaultRule<C extends BaseCall = Call> {
  match?: FaultMatch<C>
  /** let this many matching calls pass first; default 0 */
  after?: number
  /** play it this often; default without end */
  times?: number
  /** play it on this share of matching calls only (0 to 1, seeded) */
  share?: number
  /** only for calls that arrive at or after this instant, epoch ms */
  from?: number
  /** only for calls that arrive before this instant, epoch ms */
  until?: number
  fault: Fault
}

/** A rule that was added. */
export interface ActiveRule {
  /** how often it was played */
  readonly played: number
  remove(): void
}

interface State<C extends BaseCall> {
  rule: FaultRule<C>
  seen: number
  played: number
}

/** A request that names no page asks for the first. */
function matches<C extends BaseCall>(call: C, match: FaultMatch<C> = {} as FaultMatch<C>): boolean {
  const { path, ...filter } = match
  if (typeof path === 'string' && !call.path.includes(path)) return false
  if (path instanceof RegExp && call.path.search(path) < 0) return false
  return fits({ ...call, page: call.page ?? 1 }, filter as CallFilter<C>)
}

/** The rules in the order they were added; at most one is played per call. */
export class Faults<C extends BaseCall = Call> {
  #states: State<C>[] = []
  readonly #rng: Rng

  constructor(rng: Rng, rules: readonly FaultRule<C>[] = []) {
    this.#rng = rng
    for (const rule of rules) this.add(rule)
  }

  add(rule: FaultRule<C>): ActiveRule {
    const state: State<C> = { rule, seen: 0, played: 0 }
    this.#states.push(state)
    return {
      get played() {
        return state.played
      },
      remove: () => {
        this.#states = this.#states.filter((other) => other !== state)
      },
    }
  }

  /** From now on nothing goes wrong. */
  clear(): void {
    this.#states = []
  }

  /**
   * The fault for a call, if any. `played` is to be called when it took effect: one that found nothing to spoil
   * (a refused call has no rows) is kept for the next call.
   */
  pick(call: C): { fault: Fault; played: () => void } | null {
    let picked: { fault: Fault; played: () => void } | null = null
    for (const state of this.#states) {
      const { rule } = state
      if (!matches(call, rule.match)) continue
      if (
        call.at < (rule.from ?? Number.NEGATIVE_INFINITY) ||
        call.at >= (rule.until ?? Number.POSITIVE_INFINITY)
      )
        continue
      state.seen++
      if (
        picked ||
        state.seen <= (rule.after ?? 0) ||
        state.played >= (rule.times ?? Number.POSITIVE_INFINITY)
      )
        continue
      if (rule.share !== undefined && !this.#rng.chance(rule.share)) continue
      picked = {
        fault: rule.fault,
        played: () => {
          state.played++
          call.fault = rule.fault.kind
        },
      }
    }
    return picked
  }
}
