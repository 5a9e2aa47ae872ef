import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import { decidedHolds, type Hold, openHolds, readHold } from '../../store/holds.ts'
import { readRuns } from '../../store/runs.ts'
import { applyHold, discardHold } from '../../sync/holds.ts'
import { answers, Instant, iso, newArea, RowId } from './area.ts'
import type { Call } from './context.ts'
import { EventParam, requireEvent } from './event-key.ts'
import { pageOf } from './pages.ts'

/** Removals and foreign lists that wait for a person. */
export const holds = newArea()

const HoldSchema = z
  .object({
    id: z.int(),
    provider: z.string(),
    accountId: z.int(),
    listId: z.string().openapi({ description: 'The event, or at RunSignUp the race, that is held' }),
    kind: z.enum(['removal', 'foreign_list']),
    state: z.enum(['open', 'applied', 'discarded', 'superseded']),
    reason: z.string(),
    absent: z.int().openapi({ description: 'Registrations that it is about' }),
    known: z.int(),
    asked: z.int().openapi({ description: 'Of these asked for one by one' }),
    found: z.int().openapi({ description: 'Of these still there' }),
    openedAt: Instant,
    decidedAt: Instant.nullable(),
    decidedBy: z.string().nullable(),
  })
  .openapi('Hold')

const list = createRoute({
  method: 'get',
  path: '/holds',
  tags: ['Decisions'],
  summary: 'What waits for a decision, oldest first',
  request: {
    query: z.object({
      event: EventParam.optional(),
      decided: z
        .stringbool()
        .default(false)
        .openapi({ type: 'boolean', description: 'The last hundred decided as well' }),
    }),
  },
  responses: answers(pageOf(HoldSchema, 'HoldPage'), 'Holds'),
})

holds.openapi(list, async (c) => {
  const { decided, event } = c.req.valid('query')
  const found = await c.var.call.read(async (trx) => {
    const about = event === undefined ? null : await requireEvent(trx, event)
    const all = [...(await openHolds(trx)), ...(decided ? await decidedHolds(trx) : [])]
    return all.filter(
      (hold) => about === null || (hold.accountId === about.accountId && hold.eventId === about.listId),
    )
  })
  return c.json({ items: found.map(holdOf), next: null }, 200)
})

const params = z.object({ hold: RowId })

const apply = createRoute({
  method: 'post',
  path: '/holds/{hold}/apply',
  tags: ['Decisions'],
  summary: 'The provider is right',
  description:
    'Removals are carried out, for everybody who shares the account; `POST /runs/{run}/undo` takes one back.',
  request: { params },
  responses: answers(
    z
      .object({
        hold: HoldSchema,
        removed: z.int(),
        runs: z.array(z.int()).openapi({ description: 'To undo it by' }),
      })
      .openapi('AppliedHold'),
    'Applied',
  ),
})

holds.openapi(apply, async (c) => {
  const { call } = c.var
  const holdId = await ownHold(call, c.req.valid('param').hold)
  const { clock } = call.services
  const { removed, runIds } = await applyHold({ db: call.owner, clock }, holdId, call.caller.name)
  // Of a shared account each timing partner undoes its own.
  const runs = await call.read((trx) => readRuns(trx, runIds))
  return c.json({ hold: await reread(call, holdId), removed, runs: runs.map(({ runId }) => runId) }, 200)
})

const discard = createRoute({
  method: 'post',
  path: '/holds/{hold}/discard',
  tags: ['Decisions'],
  summary: 'The provider is wrong: what is stored stays',
  request: { params },
  responses: answers(HoldSchema, 'Discarded'),
})

holds.openapi(discard, async (c) => {
  const { call } = c.var
  const holdId = await ownHold(call, c.req.valid('param').hold)
  await discardHold({ db: call.owner }, holdId, call.caller.name)
  return c.json(await reread(call, holdId), 200)
})

/** @throws StartlistError NO_SUCH_HOLD where whoever asks sees none */
async function ownHold(call: Call, holdId: number): Promise<number> {
  if ((await call.read((trx) => readHold(trx, holdId))) === null)
    throw new StartlistError('NO_SUCH_HOLD', `there is no hold ${holdId}`)
  return holdId
}

async function reread(call: Call, holdId: number) {
  return holdOf((await call.read((trx) => readHold(trx, holdId)))!)
}

function holdOf(hold: Hold): z.infer<typeof HoldSchema> {
  const { provider, accountId, kind, state, reason, absent, known, samples, decidedBy } = hold
  return {
    id: hold.holdId,
    ...{ provider, accountId, listId: hold.eventId, kind, state, reason, absent, known },
    asked: samples.length,
    found: samples.filter((sample) => sample.found).length,
    openedAt: iso(hold.openedAt),
    decidedAt: iso(hold.decidedAt),
    decidedBy,
  }
}
