import type { ProviderName } from '../domain/account.ts'
import { type ConnectHakuOptions, connectHaku } from './haku/client.ts'
import { haku } from './haku/provider.ts'
import type { Connection, Provider } from './provider.ts'

/** A connection that can also prove one timing partner's own secret (S1). */
export interface AccountConnection extends Connection {
  /** Obtains a token with this very secret. @throws StartlistError `CREDENTIAL_REFUSED` */
  prove(secret: { credentialId: number; secret: string }): Promise<unknown>
}

/** What a provider's adapter needs to speak for one account, and where it is found. */
export type ConnectOptions = ConnectHakuOptions

/** The adapters that there are. A new provider is an entry here. */
const adapters: Partial<
  Record<ProviderName, { provider: Provider; connect: (options: ConnectOptions) => AccountConnection }>
> = {
  haku: { provider: haku, connect: connectHaku },
}

/** Shortest interval, ms, that a cadence may ask for: it holds for the events of every provider. */
export const shortestIntervalMs = (): number =>
  Math.max(...Object.values(adapters).map(({ provider }) => provider.capabilities.shortestIntervalMs))

/** The adapter of a provider; undefined for one that this release does not know. */
export function adapterOf(name: ProviderName) {
  return adapters[name]
}
