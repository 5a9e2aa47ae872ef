import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import { type KeptReject, listRejects, type RejectLine, readReject } from '../../store/overview/rejects.ts'
import { retryRejects } from '../../sync/rejects.ts'
import { answers, Instant, iso, newArea, RowId } from './area.ts'
import type { Call } from './context.ts'
import { EventParam, requireEvent } from './event-key.ts'
import { PageQuery, pageFrom, pageOf, readCursor } from './pages.ts'

/** What could not be stored as it came. */
export const rejects = newArea()

const Reject = z
  .object({
    id: z.int(),
    provider: z.string(),
    partnerId: z.int(),
    listId: z.string(),
    kind: z.enum(['record', 'field']),
    participantId: z.string().nullable().openapi({ description: 'Null for a record without a number' }),
    field: z.string().nullable(),
    reason: z.string(),
    firstSeen: Instant,
    lastSeen: Instant,
  })
  .openapi('Reject')

const RejectDetail = Reject.extend({
  raw: z.string().openapi({ description: 'What the provider sent: it may be personal' }),
}).openapi('RejectDetail')

const list = createRoute({
  method: 'get',
  path: '/rejects',
  tags: ['Rejects'],
  summary: 'Records and fields that could not be stored as they came',
  request: { query: PageQuery.extend({ event: EventParam.optional() }) },
  responses: answers(pageOf(Reject, 'RejectPage'), 'A page of rejects, without what was sent'),
})

rejects.openapi(list, async (c) => {
  const { limit, cursor, event } = c.req.valid('query')
  const after = readCursor(cursor, z.int()) ?? 0
  const lines = await c.var.call.read(async (trx) => {
    const about = event === undefined ? null : await requireEvent(trx, event)
    const of = about && { eventId: about.listId, partnerId: about.partnerId, provider: about.provider }
    return listRejects(trx, { ...of, after, limit: limit + 1 })
  })
  return c.json(
    pageFrom(lines, limit, rejectOf, (line) => line.rejectId),
    200,
  )
})

const params = z.object({ reject: RowId })

const one = createRoute({
  method: 'get',
  path: '/rejects/{reject}',
  tags: ['Rejects'],
  summary: 'One of them, with what the provider sent',
  request: { params },
  responses: answers(RejectDetail, 'The reject'),
})

rejects.openapi(one, async (c) => {
  const found = await ownReject(c.var.call, c.req.valid('param').reject)
  return c.json({ ...rejectOf(found), raw: found.raw }, 200)
})

const retry = createRoute({
  method: 'post',
  path: '/rejects/{reject}/retry',
  tags: ['Rejects'],
  summary: 'Read it again by the rules of this release, without a call',
  request: { params },
  responses: answers(
    z.object({ stored: z.boolean() }).openapi('RetriedReject'),
    'Whether it is readable now',
  ),
})

rejects.openapi(retry, async (c) => {
  const { call } = c.var
  const { rejectId } = await ownReject(call, c.req.valid('param').reject)
  const { clock } = call.services
  const retried = await retryRejects({ db: call.owner, clock }, rejectId)
  return c.json({ stored: retried.every(({ left }) => left === 0) }, 200)
})

/** @throws StartlistError NO_SUCH_REJECT where whoever asks sees none */
async function ownReject(call: Call, rejectId: number): Promise<KeptReject> {
  const found = await call.read((trx) => readReject(trx, rejectId))
  if (found === null) throw new StartlistError('NO_SUCH_REJECT', `there is no reject ${rejectId}`)
  return found
}

function rejectOf(line: RejectLine): z.infer<typeof Reject> {
  const { provider, partnerId, kind, reason } = line
  return {
    id: line.rejectId,
    ...{ provider: provider, partnerId, listId: line.eventId, kind, reason },
    participantId: kind === 'field' ? line.recordKey : null,
    field: kind === 'field' ? line.field : null,
    firstSeen: iso(line.firstSeen),
    lastSeen: iso(line.lastSeen),
  }
}
