import type { ProviderName } from '../domain/account.ts'
import type { AccountConnection, ConnectOptions } from './connect.ts'
import { connectHaku } from './haku/client.ts'
import { haku } from './haku/provider.ts'
import { hakuAnswers } from './haku/questions.ts'
import { hakuUses } from './haku/uses.ts'
import type { Provider } from './provider.ts'
import type { Answer, Contact } from './question.ts'
import { connectRunSignUpAccount } from './runsignup/connection.ts'
import { runsignup } from './runsignup/provider.ts'
import { runsignupAnswers } from './runsignup/questions.ts'
import { runsignupUses } from './runsignup/uses.ts'
import type { ApiUses } from './uses.ts'

/** A provider's side of startlist. */
export interface Adapter {
  provider: Provider
  connect: (options: ConnectOptions) => AccountConnection
  /** what of the provider's API it uses */
  uses: ApiUses
  /** what a contact with an account tells of the provider's open questions */
  answers: (contact: Contact) => Answer[]
}

/** The adapters that there are. A new provider is an entry here. */
const adapters: Readonly<Record<ProviderName, Adapter>> = {
  haku: {
    provider: haku,
    connect: (options) =>
      connectHaku({ ...options, clientId: options.principal, tokenUrl: options.tokenUrl ?? '' }),
    uses: hakuUses,
    answers: hakuAnswers,
  },
  runsignup: {
    provider: runsignup,
    connect: connectRunSignUpAccount,
    uses: runsignupUses,
    answers: runsignupAnswers,
  },
}

/** Every provider of this release. */
export const providers = (): Provider[] => Object.values(adapters).map(({ provider }) => provider)

/** Shortest interval, ms, that a cadence may ask for: it holds for the events of every provider. */
export const shortestIntervalMs = (): number =>
  Math.max(...providers().map(({ capabilities }) => capabilities.shortestIntervalMs))

/** The adapter of a provider; undefined for one that this release does not know, whatever the database says. */
export function adapterOf(name: ProviderName): Adapter | undefined {
  return adapters[name]
}
