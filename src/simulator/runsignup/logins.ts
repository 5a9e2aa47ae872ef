import { inventSecret } from '../names.ts'
import type { Rng } from '../random.ts'

interface Pair {
  accountId: string
  secret: string
  /** epoch ms */
  expiresAt: number
  ended: boolean
}

/** The pairs of `tmp_key` and `tmp_secret` that were handed out (RunSignUp API notes 2.1, 2.9). */
export class Logins {
  readonly #pairs = new Map<string, Pair>()
  readonly #rng: Rng

  constructor(rng: Rng) {
    this.#rng = rng
  }

  /** Hands out a pair that is good until `expiresAt` (epoch ms), and ends the account's earlier ones. */
  issue(accountId: string, expiresAt: number): { key: string; secret: string } {
    this.end(accountId)
    const pair = { key: inventSecret(this.#rng), secret: inventSecret(this.#rng) }
    this.#pairs.set(pair.key, { accountId, secret: pair.secret, expiresAt, ended: false })
    return pair
  }

  /** Whose pair it is, though it may have ended; null for one that was never handed out. */
  owner(key: string, secret: string | null): string | null {
    const pair = this.#pairs.get(key)
    return pair && pair.secret === secret ? pair.accountId : null
  }

  /** Uses a pair at `now` (epoch ms): false when it has ended; else it is good for `lifetime` seconds more. */
  use(key: string, now: number, lifetime: number): boolean {
    const pair = this.#pairs.get(key)
    if (!pair || pair.ended || now >= pair.expiresAt) return false
    pair.expiresAt = now + lifetime * 1000
    return true
  }

  /** Makes every pair worthless, or those of one account. */
  end(accountId?: string): void {
    for (const pair of this.#pairs.values())
      if (accountId === undefined || pair.accountId === accountId) pair.ended = true
  }
}
