import { createRoute, z } from '@hono/zod-openapi'
import { cadenceText } from '../../domain/cadence.ts'
import { type AccountForecast, type ForecastAccount, forecast as foresee } from '../../quota/forecast.ts'
import { type Advice, adviseOn } from '../../quota/forecast-advice.ts'
import { readForecastAccount } from '../../scheduler/forecast-account.ts'
import { forecastSentence } from '../../status/forecast-sentence.ts'
import { listEvents } from '../../store/overview/events.ts'
import { requireAccount } from './accounts.ts'
import { answers, Instant, iso, newArea, RowId } from './area.ts'

/** What the coming hours ask of an account. */
export const forecasts = newArea()

const Named = z.object({ listId: z.string(), name: z.string() })

const Forecast = z
  .object({
    accountId: z.int(),
    timezone: z.string().openapi({ description: 'Where its hours are read' }),
    limit: z.int(),
    capacity: z.int().openapi({ description: 'Calls of an hour that polls may count on' }),
    fits: z.boolean(),
    sentence: z.string().openapi({ description: 'What will not fit, or that all will' }),
    peak: z.object({ from: Instant, to: Instant, polls: z.number() }),
    hours: z.array(
      z.object({
        from: Instant,
        to: Instant,
        asked: z.number().openapi({ description: 'Calls that polls ask for' }),
        polls: z.number().openapi({ description: 'Calls that polls get' }),
        details: z.number(),
        upkeep: z.number(),
        sweeps: z.number(),
        rounds: z.number(),
        spare: z.number(),
        waiting: z.number(),
        fits: z.boolean(),
        stretch: z.number(),
      }),
    ),
    late: z.array(
      Named.extend({
        from: Instant,
        to: Instant,
        every: z.number().openapi({ description: 'ms that were asked for' }),
        polledEvery: z.number().openapi({ description: 'ms that come of it' }),
        meanMs: z.number(),
        maxMs: z.number(),
      }),
    ),
    unknown: z.array(Named).openapi({ description: 'Not read whole yet: nobody can count their calls' }),
    advice: z.array(
      z.object({
        kind: z.enum(['cadence', 'accounts']),
        accounts: z.int().nullable().openapi({ description: 'Client ids that would do' }),
        changes: z.array(Named.extend({ cadence: z.string().nullable() })),
      }),
    ),
  })
  .openapi('Forecast')

const MOST_HOURS = 8 * 7 * 24

const forecast = createRoute({
  method: 'get',
  path: '/accounts/{account}/forecast',
  tags: ['Quota'],
  summary: 'What the coming hours ask of an account, and what will not fit',
  request: {
    params: z.object({ account: RowId }),
    query: z.object({ hours: z.coerce.number().int().min(1).max(MOST_HOURS).default(48) }),
  },
  responses: answers(Forecast, 'Hour by hour'),
})

forecasts.openapi(forecast, async (c) => {
  const { call } = c.var
  const { account: accountId } = c.req.valid('param')
  const { hours } = c.req.valid('query')
  const { state, seen } = await call.read(async (trx) => ({
    state: await requireAccount(trx, accountId),
    seen: new Set(
      (await listEvents(trx, call.only)).flatMap((e) => (e.accountId === accountId ? [e.eventId] : [])),
    ),
  }))
  const { clock, config } = call.services
  const account = await readForecastAccount({ db: call.owner, config, clock }, state)
  const from = clock.now()
  const told = foresee(account, from, hours)
  // The polls of all who share it are its demand; whose events are not theirs are told to nobody by name.
  return c.json(viewOf(account, told, adviseOn(account, from, hours), { from, seen }), 200)
})

function viewOf(
  { accountId, timezone }: ForecastAccount,
  told: AccountForecast,
  advice: readonly Advice[],
  { from, seen }: { from: number; seen: ReadonlySet<string> },
): z.infer<typeof Forecast> {
  const isSeen = ({ eventId }: { eventId: string }) => seen.has(eventId)
  const { limit, capacity, fits, peak } = told
  return {
    ...{ accountId, timezone, limit, capacity, fits },
    sentence: forecastSentence(told, timezone, from),
    peak: { from: iso(peak.from), to: iso(peak.to), polls: round(peak.polls) },
    hours: told.hours.map(({ from: begin, to, fits, limit: _, ...calls }) => ({
      ...{ from: iso(begin), to: iso(to), fits },
      ...roundAll(calls),
    })),
    late: told.late
      .filter((late) => late.late && isSeen(late))
      .map((late) => {
        const { every, polledEvery, meanMs, maxMs } = late
        return { ...named(late), from: iso(late.from), to: iso(late.to), every, polledEvery, meanMs, maxMs }
      }),
    unknown: told.unknown.filter(isSeen).map(named),
    advice: advice.map((each) => ({
      kind: each.kind,
      accounts: each.kind === 'accounts' ? each.accounts : null,
      changes:
        each.kind === 'accounts'
          ? []
          : each.changes
              .filter(isSeen)
              .map((change) => ({ ...named(change), cadence: cadenceText(change.cadence) })),
    })),
  }
}

const named = ({ eventId, name }: { eventId: string; name: string }) => ({ listId: eventId, name })
const round = (value: number) => Math.round(value * 10) / 10
const roundAll = <T extends Record<string, number>>(values: T): T =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)])) as T
