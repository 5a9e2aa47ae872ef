import type { Db } from '../store/database.ts'
import { callsEnded } from '../store/overview/metrics.ts'

/** Calls that ended alike, as the ledger has them. */
export interface CallCount {
  class: string
  purpose: string
  count: number
}

/** Adds up the ledger while a scenario goes on: it forgets calls a day after they left the window. */
export class LedgerTally {
  readonly #db: Db
  readonly #counts = new Map<string, CallCount>()
  #readUntil: number

  /** @param from the database's instant from which on calls count */
  constructor(db: Db, from: number) {
    this.#db = db
    this.#readUntil = from
  }

  /** Takes in the calls that ended until now; `until` is the database's instant. Nothing after its clock was set back. */
  async read(until: number): Promise<void> {
    if (until <= this.#readUntil) return
    for (const { class: callClass, purpose, ms } of await callsEnded(this.#db, {
      after: this.#readUntil,
      until,
    })) {
      const key = `${callClass} ${purpose}`
      const known = this.#counts.get(key) ?? { class: callClass, purpose, count: 0 }
      this.#counts.set(key, { ...known, count: known.count + ms.length })
    }
    this.#readUntil = until
  }

  /** Most first. */
  counts(): CallCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count)
  }
}
