import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import { effectiveLimit, keptFor } from '../../quota/window.ts'
import { blindnessSentence } from '../../status/blindness-sentence.ts'
import { raceKey } from '../../status/races.ts'
import { type AccountState, readAccount } from '../../store/accounts.ts'
import { readBlindness } from '../../store/blindness.ts'
import { readWindow } from '../../store/calls.ts'
import { spentCalls } from '../../store/overview/quota.ts'
import { spentByHour } from '../../store/overview/spending.ts'
import { limitsOf } from '../../sync/open-account.ts'
import { answers, Instant, iso, newArea, RowId } from './area.ts'
import { AccountLineSchema, accountLineOf } from './board.ts'
import { pageOf } from './pages.ts'
import { standingOf } from './standing.ts'

/** Accounts: what they may spend, what they spent, what is foreseen, and what is still to be read for the first time. */
export const accounts = newArea()

const list = createRoute({
  method: 'get',
  path: '/accounts',
  tags: ['Quota'],
  summary: 'Accounts: a client id at a provider, whoever shares it',
  responses: answers(pageOf(AccountLineSchema, 'AccountPage'), 'Accounts'),
})

accounts.openapi(list, async (c) => {
  const { accounts: lines } = (await standingOf(c.var.call)).status
  return c.json({ items: lines.map(accountLineOf), next: null }, 200)
})

const params = z.object({ account: RowId })

const Quota = z
  .object({
    accountId: z.int(),
    provider: z.string(),
    used: z.int().openapi({ description: 'Calls of the rolling hour' }),
    limit: z.int(),
    reserved: z.int().openapi({ description: 'Kept for a person, and for upkeep' }),
    spare: z.int(),
    externalUse: z.number().openapi({ description: 'Share of the limit that is left to other programs' }),
    blindness: z.object({ read: z.number(), blind: z.number(), sentence: z.string().nullable() }).openapi({
      description: 'Details read again behind unchanged list rows, and how many of them had changed',
    }),
    spent: z.array(z.object({ class: z.string(), listId: z.string().nullable(), calls: z.int() })),
    hours: z
      .array(z.object({ from: Instant, person: z.int(), poll: z.int(), upkeep: z.int(), backfill: z.int() }))
      .openapi({ description: 'Of the last day, those without a call left out' }),
  })
  .openapi('Quota')

const quota = createRoute({
  method: 'get',
  path: '/accounts/{account}/quota',
  tags: ['Quota'],
  summary: 'What an account has spent',
  request: { params },
  responses: answers(Quota, 'The rolling hour, and the last day by the hour'),
})

accounts.openapi(quota, async (c) => {
  const { call } = c.var
  const { account: accountId } = c.req.valid('param')
  const told = await call.read(async (trx) => {
    const state = await requireAccount(trx, accountId)
    const limits = limitsOf(call.services.config, state)
    const window = await readWindow(trx, accountId)
    const limit = effectiveLimit(limits, window.observedLimit)
    const reserved = keptFor('backfill', limits, limit, window.upkeep)
    const spent = await spentCalls(trx, accountId)
    const blindness = await readBlindness(trx, accountId)
    return {
      ...{ accountId, provider: state.provider, used: window.count, limit, reserved },
      spare: Math.max(0, limit - window.count - reserved),
      externalUse: state.externalUse,
      blindness: { ...blindness, sentence: blindnessSentence(blindness) },
      spent: spent.map(({ eventId, ...row }) => ({ ...row, listId: eventId })),
      hours: (await spentByHour(trx, accountId)).map(({ from, ...hour }) => ({ from: iso(from), ...hour })),
    }
  })
  return c.json(told, 200)
})

/** @throws StartlistError NO_SUCH_ACCOUNT where whoever reads sees none */
export async function requireAccount(
  db: Parameters<typeof readAccount>[0],
  accountId: number,
): Promise<AccountState> {
  const state = await readAccount(db, accountId)
  if (state === null) throw new StartlistError('NO_SUCH_ACCOUNT', `there is no account ${accountId}`)
  return state
}

const BackfillRace = z
  .object({
    accountId: z.int().nullable(),
    listId: z.string(),
    name: z.string(),
    participants: z.int().openapi({ description: 'Stored so far' }),
    pages: z.int().openapi({ description: 'Of the reading under way' }),
    seen: z.int(),
    total: z.int().nullable().openapi({ description: 'Null where the provider does not say' }),
    pending: z.int(),
    complete: z.boolean(),
  })
  .openapi('BackfillRace')

const backfill = createRoute({
  method: 'get',
  path: '/backfill',
  tags: ['Quota'],
  summary: 'How far the first reading has come',
  responses: answers(
    z
      .object({ accounts: z.array(AccountLineSchema), races: z.array(BackfillRace) })
      .openapi('BackfillProgress'),
    'Accounts that still read, and the races that they do not have whole',
  ),
})

accounts.openapi(backfill, async (c) => {
  const { status } = await standingOf(c.var.call)
  const reading = status.accounts.filter((account) => account.backfill !== null)
  const races = status.races.filter(({ event, counts }) => event.completeAt === null || counts.pending > 0)
  return c.json(
    {
      accounts: reading.map(accountLineOf),
      races: races.map(({ event, counts }) => {
        const sweep = status.passes.get(raceKey(event))?.sweep ?? null
        return {
          ...{ accountId: event.accountId, listId: event.eventId, name: event.name },
          ...{ participants: counts.participants, pending: counts.pending },
          ...{ pages: sweep?.pages ?? 0, seen: sweep?.rows ?? 0, total: sweep?.total ?? null },
          complete: event.completeAt !== null,
        }
      }),
    },
    200,
  )
})
