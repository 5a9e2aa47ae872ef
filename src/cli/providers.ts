import type { Config } from '../config.ts'
import type { Provider } from '../providers/provider.ts'
import { providers } from '../providers/registry.ts'
import { type ProviderCounts, providerCounts } from '../store/overview/providers.ts'
import type { Command } from './cli.ts'
import { withSession } from './session.ts'
import type { Column } from './table.ts'

/** `providers`: the adapters side by side, by their own word, and what the database has of each. */
export const showProviders: Command<object> = (cli) =>
  withSession(cli, {}, async ({ db, config }) => {
    const counts = new Map((await providerCounts(db)).map((count) => [count.provider, count]))
    const all = providers()
    for (const provider of all)
      cli.out.record({ ...factsOf(provider, config), ...(counts.get(provider.name) ?? NOTHING) })
    const columns: Column[] = [{ head: '' }, ...all.map(({ name }) => ({ head: name, shrink: true }))]
    const rows = all.map((provider) => cellsOf(provider, config, counts.get(provider.name) ?? NOTHING))
    cli.out.table(
      columns,
      (rows[0] ?? []).map(([head], i) => [head, ...rows.map((row) => row[i]?.[1] ?? '')]),
    )
    return 0
  })

const NOTHING: Omit<ProviderCounts, 'provider'> = {
  credentials: 0,
  partners: 0,
  accounts: 0,
  events: 0,
  lists: 0,
}

function factsOf({ name, capabilities }: Provider, config: Config): object {
  const { authentication, askPageSize, askEventsPageSize, endpoints, listOf, details } = capabilities
  const { modifiedSince, removedFeed, totals, singleRead, zoneKnown } = capabilities
  return {
    ...{
      provider: name,
      authentication,
      pageSize: askPageSize,
      eventsPageSize: askEventsPageSize,
      endpoints,
      listOf,
    },
    ...{ details, modifiedSince, removedFeed, totals, singleRead, zoneKnown },
    ...{ callsPerHour: config[name].quotaPerHour, minSpacingMs: config[name].minSpacingMs },
  }
}

function cellsOf(
  { name, capabilities }: Provider,
  config: Config,
  counts: Omit<ProviderCounts, 'provider'>,
): [head: string, cell: string][] {
  const { endpoints, details } = capabilities
  return [
    ['Authentication', capabilities.authentication],
    [
      'Page size',
      `${capabilities.askPageSize} registrations, ${capabilities.askEventsPageSize} ${capabilities.listOf}s`,
    ],
    ['Events', endpoints.events],
    ['Participants', endpoints.participants],
    ['Removed', endpoints.removed ?? 'by comparison of whole lists'],
    ['One registration', endpoints.registration],
    ['A list is of', capabilities.listOf === 'event' ? 'one event' : 'all events of a race'],
    ['News', capabilities.modifiedSince ? 'changed since an instant' : 'newest first, down to what is known'],
    ['Bibs', details === 'never' ? 'in the list' : 'in the list, or a call each: learnt'],
    ['Zone', capabilities.zoneKnown ? "the race's" : "the organization's or the partner's"],
    ['Calls an hour', String(config[name].quotaPerHour)],
    ['Pause between calls', `${config[name].minSpacingMs} ms`],
    ['Calls at once', String(config[name].concurrency)],
    [
      'Credentials',
      `${counts.credentials} of ${counts.partners} timing partners, ${counts.accounts} accounts`,
    ],
    [
      'Known events',
      counts.lists === counts.events ? String(counts.events) : `${counts.events} in ${counts.lists} races`,
    ],
  ]
}
