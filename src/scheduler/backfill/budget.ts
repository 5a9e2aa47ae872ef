/** Calls that one backfill may make in all, over its accounts (`--limit`). */
export class CallBudget {
  readonly #limit: number
  readonly #claims = new Set<number>()
  #spent = 0

  /** @param limit calls; Infinity for none */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit
  }

  /** Reserves an account's next call, so that accounts side by side do not pass the limit together. */
  claim(accountId: number): boolean {
    if (this.#claims.has(accountId)) return true
    if (this.#spent + this.#claims.size >= this.#limit) return false
    this.#claims.add(accountId)
    return true
  }

  /** A call begins. */
  spend(accountId: number): void {
    this.#claims.delete(accountId)
    this.#spent++
  }

  /** The account makes no call for now. */
  release(accountId: number): void {
    this.#claims.delete(accountId)
  }
}
