import { inventSecret } from './names.ts'
import type { Rng } from './random.ts'

interface Token {
  clientId: string
  /** epoch ms */
  expiresAt: number
  revoked: boolean
}

/** The access tokens that were handed out. */
export class Tokens {
  readonly #tokens = new Map<string, Token>()
  readonly #rng: Rng

  constructor(rng: Rng) {
    this.#rng = rng
  }

  /** Hands out a token that is good until `expiresAt` (epoch ms). */
  issue(clientId: string, expiresAt: number): string {
    const text = inventSecret(this.#rng)
    this.#tokens.set(text, { clientId, expiresAt, revoked: false })
    return text
  }

  /** Whose token it is, though it may have expired; null for one that was never handed out. */
  owner(text: string): string | null {
    return this.#tokens.get(text)?.clientId ?? null
  }

  /** Why the token is refused at `now` (epoch ms), in the gateway's words; null when it is good. */
  refusal(text: string, now: number): string | null {
    const token = this.#tokens.get(text)
    if (!token || token.revoked) return 'Unauthorized'
    return now >= token.expiresAt ? 'The incoming token has expired' : null
  }

  /** Makes every token worthless, or those of one client id. */
  revoke(clientId?: string): void {
    for (const token of this.#tokens.values())
      if (!clientId || token.clientId === clientId) token.revoked = true
  }
}
