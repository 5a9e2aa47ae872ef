import type { Clock } from '../domain/clock.ts'
import type { JsonObject } from '../domain/json.ts'
import type { TokenStore } from './haku/token.ts'
import type { Meter } from './http.ts'
import type { Connection } from './provider.ts'

/** One timing partner's secret of an account. */
export interface Secret {
  credentialId: number
  secret: string
}

/** A connection that can also prove one timing partner's own secret (S1). */
export interface AccountConnection extends Connection {
  /** Shows that this very secret opens the account. @throws StartlistError `CREDENTIAL_REFUSED` */
  prove(secret: Secret): Promise<unknown>
}

/** What a provider's adapter needs to speak for one account, and where it is found. */
export interface ConnectOptions {
  /** without a slash at its end */
  apiUrl: string
  /** where tokens are obtained; null where secrets go with every call */
  tokenUrl: string | null
  /** parts of a registration to ask for, by the provider's names; the adapter's own choice when left out */
  include?: readonly string[]
  /** client id or API key */
  principal: string
  /** secrets of the timing partners that share this principal, tried in this order */
  secrets: readonly Secret[]
  clock: Clock
  /** asked before every attempt, token calls included */
  meter: Meter
  tokens: TokenStore
  /** what `onTraits` last gave; null or {} at first */
  traits?: JsonObject | null
  /** keeps what was learnt of the account */
  onTraits?: (traits: JsonObject) => Promise<void> | void
  /** the provider refused this credential's secret: pause it (S1) */
  onRefused?: (credentialId: number) => Promise<void> | void
  /** this credential's own secret opens the account (S1) */
  onProven?: (credentialId: number) => Promise<void> | void
  fetch?: typeof fetch
  /** longest an attempt may take, ms */
  timeoutMs?: number
  signal?: AbortSignal
}
