import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import { adapterOf } from '../../providers/registry.ts'
import { decide, effectiveLimit } from '../../quota/window.ts'
import { syncCost } from '../../status/sync-cost.ts'
import { type AccountState, readAccount } from '../../store/accounts.ts'
import { readLeaves, readWindow } from '../../store/calls.ts'
import type { Trx } from '../../store/database.ts'
import { countEvents } from '../../store/overview/events.ts'
import { isKeptByRun } from '../../store/overview/passes.ts'
import { askFor, isAskedFor } from '../../store/plans/marks.ts'
import { limitsOf, readsDetails } from '../../sync/open-account.ts'
import { isBelieved } from '../../sync/pass.ts'
import { answers, Instant, iso, newArea } from './area.ts'
import type { Call } from './context.ts'
import { type EventKey, EventParams, eventKeyText, type FoundEvent, requireEventLine } from './event-key.ts'

/** "Sync now": what it costs, and asking for it. */
export const sync = newArea()

const Cost = z
  .object({
    kind: z.enum(['poll', 'sweep']),
    calls: z.int().openapi({ description: 'That it makes' }),
    isLeast: z.boolean().openapi({ description: 'Changes cost calls that nobody can count before' }),
    note: z.string(),
    used: z.int().openapi({ description: 'Calls of the account in the rolling hour' }),
    limit: z.int(),
    left: z.int().openapi({ description: 'Calls that a person may make now' }),
    notBefore: Instant.nullable().openapi({ description: 'The first of them may go then; null: at once' }),
    asked: z.boolean().openapi({ description: 'Somebody has asked for it already' }),
    polledAt: Instant.nullable(),
  })
  .openapi('SyncCost')

const cost = createRoute({
  method: 'get',
  path: '/events/{event}/sync',
  tags: ['Sync'],
  summary: 'What syncing now costs',
  request: { params: EventParams },
  responses: answers(Cost, 'Calls, and calls left'),
})

sync.openapi(cost, async (c) => {
  const { told } = await readCost(c.var.call, c.req.valid('param').event)
  return c.json(told, 200)
})

const Asked = z
  .object({
    event: z.string(),
    cost: Cost,
    running: z.boolean().openapi({ description: 'A `run` keeps the lists; without one nobody looks' }),
    see: z.string().openapi({ description: 'Where `polledAt` tells that it was done' }),
  })
  .openapi('AskedSync')

const ask = createRoute({
  method: 'post',
  path: '/events/{event}/sync',
  tags: ['Sync'],
  summary: 'Sync now',
  description:
    'The account’s next call is this list’s, spent from the calls that are kept for a person. Answered at once: `see` tells when it was done, and the stream of changes what came of it.',
  request: { params: EventParams },
  responses: answers(Asked, 'Asked for', 202),
})

sync.openapi(ask, async (c) => {
  const { call } = c.var
  const { event: key } = c.req.valid('param')
  const { accountId, listId, told } = await readCost(call, key)
  await askFor(call.owner, accountId, listId)
  const see = `/v1/events/${encodeURIComponent(eventKeyText(key))}`
  c.header('Location', see)
  return c.json({ event: eventKeyText(key), cost: told, running: await isKeptByRun(call.owner), see }, 202)
})

async function readCost(
  call: Call,
  key: EventKey,
): Promise<{ accountId: number; listId: string; told: z.infer<typeof Cost> }> {
  const { config, clock } = call.services
  return call.read(async (trx) => {
    const event = await requireEventLine(trx, key)
    const { accountId, listId, state } = await fedEvent(trx, event)
    const [counts] = await countEvents(trx, [{ ...event, eventId: listId }])
    const capabilities = adapterOf(state.provider)?.provider.capabilities
    const list = state.traits.list as { unorderedSince?: number | null } | undefined
    const cost = syncCost({
      completeAt: event.completeAt,
      unordered: isBelieved(list?.unorderedSince ?? null, { clock }),
      participants: counts?.participants ?? 0,
      pending: counts?.pending ?? 0,
      pageSize: capabilities?.smallerPageSizes.at(-1) ?? LEAST_PAGE,
      removedFeed: capabilities?.removedFeed ?? false,
      readsDetails: readsDetails(state),
    })
    const limits = limitsOf(config, state)
    const window = { ...(await readWindow(trx, accountId)), leaves: await readLeaves(trx, accountId) }
    const limit = effectiveLimit(limits, window.observedLimit)
    const decision = decide('person', limits, window)
    const told = {
      ...cost,
      ...{ used: window.count, limit, left: Math.max(0, limit - window.count) },
      notBefore: decision.go ? null : iso(decision.notBefore),
      asked: await isAskedFor(trx, accountId, listId),
      polledAt: iso(event.polledAt),
    }
    return { accountId, listId, told }
  })
}

/** The smallest page that anybody has seen of a provider that caps them. */
const LEAST_PAGE = 25

/**
 * The list of an event, and the account that may ask for it.
 * @throws StartlistError CREDENTIAL_REFUSED when none may
 */
async function fedEvent(
  trx: Trx,
  { accountId, listId }: FoundEvent,
): Promise<{ accountId: number; listId: string; state: AccountState }> {
  const state = accountId === null ? null : await readAccount(trx, accountId)
  if (accountId === null || state === null)
    throw new StartlistError('NO_SUCH_CREDENTIAL', 'no working credential feeds this event', {
      hint: 'GET /v1/credentials says what is wrong.',
    })
  return { accountId, listId, state }
}
