import type { ProviderName } from '../../domain/account.ts'
import { hakuEvents } from './haku.ts'
import { runsignupEvents } from './runsignup.ts'
import type { EventTable } from './table.ts'

const TABLES: Readonly<Record<ProviderName, EventTable>> = { haku: hakuEvents, runsignup: runsignupEvents }

/** The table of a provider's events. */
export const eventTable = (provider: ProviderName): EventTable => TABLES[provider]
