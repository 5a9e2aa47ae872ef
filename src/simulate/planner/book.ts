import type { Clock } from '../../domain/clock.ts'
import type { CallBook, LedgerCall } from '../../quota/ledger.ts'
import { WINDOW_MS, type WindowFacts } from '../../quota/window.ts'
import type { CallCount } from '../ledger-tally.ts'

interface Entry {
  isUpkeep: boolean
  /** when it leaves the window (L2), ms since the epoch */
  leavesAt: number
}

/** The book of one account's calls in memory, for simulations of many accounts. */
export class MemoryBook implements CallBook {
  readonly #clock: Clock
  readonly #counts: Map<string, CallCount>
  #window: Entry[] = []
  #lastAcquired: number | null = null

  /** @param counts adds up the calls of all books, by class and purpose */
  constructor(clock: Clock, counts: Map<string, CallCount>) {
    this.#clock = clock
    this.#counts = counts
  }

  /** The account's window now. */
  facts(): WindowFacts {
    const now = this.#clock.now()
    // One call at a time: they leave in the order in which they came.
    const first = this.#window.findIndex(({ leavesAt }) => leavesAt >= now)
    this.#window = first < 0 ? [] : first === 0 ? this.#window : this.#window.slice(first)
    return {
      ...{
        now,
        count: this.#window.length,
        lastAcquired: this.#lastAcquired,
        pause: null,
        observedLimit: null,
      },
      upkeep: this.#window.reduce((sum, { isUpkeep }) => sum + (isUpkeep ? 1 : 0), 0),
      leaves: this.#window.map(({ leavesAt }) => leavesAt),
    }
  }

  async acquire<D extends { go: boolean }>(call: LedgerCall, decide: (facts: WindowFacts) => D) {
    const now = this.#clock.now()
    const decision = decide(this.facts())
    if (!decision.go) return { decision, callId: null, now }
    this.#window.push({ isUpkeep: call.class === 'upkeep', leavesAt: now + call.timeoutMs + WINDOW_MS })
    this.#lastAcquired = now
    this.#count(call)
    return { decision, callId: String(now), now }
  }

  async end(): Promise<void> {
    const last = this.#window.at(-1)
    if (last) last.leavesAt = this.#clock.now() + WINDOW_MS
  }

  #count({ class: callClass, purpose }: LedgerCall): void {
    const key = `${callClass} ${purpose}`
    const count = (this.#counts.get(key)?.count ?? 0) + 1
    this.#counts.set(key, { class: callClass, purpose, count })
  }
}
