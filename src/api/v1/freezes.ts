import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import { freezeStartList } from '../../store/freezes/create.ts'
import { frozenDocument } from '../../store/freezes/document.ts'
import { type OpenFreeze, openFreeze } from '../../store/freezes/open.ts'
import { type DamagedFreeze, type Freeze, findFreeze, listFreezes } from '../../store/freezes/read.ts'
import { removeFreeze } from '../../store/freezes/remove.ts'
import { verifyFreeze } from '../../store/freezes/verify.ts'
import { answers, Instant, iso, newArea, problems, RowId } from './area.ts'
import type { ApiContext } from './context.ts'
import { type EventKey, EventParams } from './event-key.ts'
import { FileQuery, FormatParam, fileAnswers, inPlace, PATIENCE_MS, sendFile, sendList } from './files.ts'
import { PageQuery, pageFrom, pageOf, readCursor } from './pages.ts'

/** Start lists that were kept as they stood, signed. */
export const freezes = newArea()

const Row = z.object({
  freezeId: z.int(),
  frozenBy: z.string(),
  bibsAsOf: Instant.nullable(),
  rows: z.int(),
  erased: z.int().openapi({ description: 'Rows that privacy took something out of since' }),
  sha256: z.string().openapi({ description: 'Of the document, in hex' }),
  signature: z.string().openapi({ description: 'A compact JWS (Ed25519) with the public key in its head' }),
})
const EventName = z.string().openapi({ description: 'Its name then' })
const Position = z.int().openapi({ description: 'Of the change feed' })
const Pending = z.int().openapi({ description: 'Rows whose details were not read yet' })

const FreezeSchema = Row.extend({
  frozenAt: Instant,
  event: EventName,
  position: Position,
  pending: Pending,
}).openapi('Freeze')

const VerdictSchema = FreezeSchema.extend({
  genuine: z.boolean().openapi({ description: 'All that is there is as it was signed' }),
  faults: z.array(z.string()),
  intact: z.int().openapi({ description: 'Rows as they were signed' }),
  erasedBy: z.object({ forget: z.int(), retention: z.int(), kept: z.int() }),
}).openapi('FreezeVerdict')

const ListedSchema = Row.extend({
  damaged: z.boolean().openapi({
    description: 'Somebody changed it in the database: what is null cannot be told, and no file be had',
  }),
  frozenAt: Instant.nullable(),
  event: EventName.nullable(),
  position: Position.nullable(),
  pending: Pending.nullable(),
}).openapi('ListedFreeze')

function freezeOf(freeze: Freeze): z.infer<typeof FreezeSchema> {
  const { position, pending, bibsAsOf, event } = freeze.state
  return { ...rowOf(freeze), frozenAt: iso(freeze.frozenAt), event: event.name, position, pending, bibsAsOf }
}

function listedOf(freeze: Freeze | DamagedFreeze): z.infer<typeof ListedSchema> {
  if (freeze.state !== null) return { ...freezeOf(freeze), damaged: false }
  const nothing = { event: null, position: null, pending: null, bibsAsOf: null }
  return { ...rowOf(freeze), frozenAt: iso(freeze.frozenAt), ...nothing, damaged: true }
}

function rowOf({ freezeId, frozenBy, rows, erased, sha256, signature }: Freeze | DamagedFreeze) {
  return { freezeId, frozenBy, rows, erased, sha256: sha256.toString('hex'), signature }
}

const OneParams = EventParams.extend({ id: RowId })
const Place = z.object({ freezeId: z.int() })

const list = createRoute({
  method: 'get',
  path: '/events/{event}/freezes',
  tags: ['Freezes'],
  summary: 'Freezes of an event, newest first',
  request: { params: EventParams, query: PageQuery },
  responses: answers(pageOf(ListedSchema, 'FreezePage'), 'A page of freezes'),
})

freezes.openapi(list, async (c) => {
  const { call } = c.var
  const { event: key } = c.req.valid('param')
  const { limit, cursor } = c.req.valid('query')
  await call.findEvent(key)
  const before = readCursor(cursor, Place)?.freezeId
  const lines = await call.read((trx) => listFreezes(trx, { ...key, before, limit: limit + 1 }))
  return c.json(
    pageFrom(lines, limit, listedOf, ({ freezeId }) => ({ freezeId })),
    200,
  )
})

const make = createRoute({
  method: 'post',
  path: '/events/{event}/freezes',
  tags: ['Freezes'],
  summary: 'Freeze the start list as it stands now',
  request: { params: EventParams },
  responses: answers(FreezeSchema, 'The freeze', 201),
})

freezes.openapi(make, async (c) => {
  const { call, services } = c.var
  const { event: key } = c.req.valid('param')
  const { listId } = await call.findEvent(key)
  const by = { by: call.caller.name, key: services.key }
  const id = await freezeStartList(call.owner, { ...key, listId }, by)
  return c.json(freezeOf(await findFreeze(call.owner, id)), 201)
})

const one = createRoute({
  method: 'get',
  path: '/events/{event}/freezes/{id}',
  tags: ['Freezes'],
  summary: 'A freeze, checked against its signature',
  request: { params: OneParams },
  responses: answers(VerdictSchema, 'The freeze, and what is still proven of it'),
})

freezes.openapi(one, async (c) => {
  const { event: key, id } = c.req.valid('param')
  const opened = await open(c, key, id)
  try {
    const { erased: erasedBy, ...verdict } = await verifyFreeze(opened.trx, opened.freeze, c.var.call.owner)
    return c.json({ ...freezeOf(opened.freeze), ...verdict, erasedBy }, 200)
  } finally {
    await opened.close()
  }
})

const remove = createRoute({
  method: 'delete',
  path: '/events/{event}/freezes/{id}',
  tags: ['Freezes'],
  summary: 'Remove a freeze, for good',
  description:
    'Also one that is damaged. A run says who did it. What was exported of it stays with whoever has it.',
  request: { params: OneParams },
  responses: { 204: { description: 'It is gone' }, ...problems },
})

freezes.openapi(remove, async (c) => {
  const { event: key, id } = c.req.valid('param')
  const { call } = c.var
  await call.findEvent(key)
  await removeFreeze(call.owner, id, call.caller.name, key)
  return c.body(null, 204)
})

const document = createRoute({
  method: 'get',
  path: '/events/{event}/freezes/{id}/document',
  tags: ['Freezes'],
  summary: 'The document that was signed',
  description: 'Its SHA-256 is the one that was signed, unless privacy took something out of it since.',
  request: { params: OneParams },
  responses: fileAnswers,
})

freezes.openapi(document, async (c) => {
  const { event: key, id } = c.req.valid('param')
  const opened = await openGenuine(c, key, id)
  const pieces = encoded(frozenDocument(opened.trx, opened.freeze))
  return (await sendFile(c, pieces, opened, {
    mediaType: 'application/json',
    name: `freeze-${id}.json`,
  })) as never
})

const file = createRoute({
  method: 'get',
  path: '/events/{event}/freezes/{id}/exports/{format}',
  tags: ['Freezes'],
  summary: 'A frozen list as a file',
  description: 'The same bytes, whenever it is asked for, unless privacy took something out of it since.',
  request: { params: OneParams.extend({ format: FormatParam }), query: FileQuery },
  responses: fileAnswers,
})

freezes.openapi(file, async (c) => {
  const { event: key, id, format } = c.req.valid('param')
  const opened = await openGenuine(c, key, id)
  const contents = { state: opened.freeze.state, which: 'listed', after: null } as const
  return (await sendList(c, opened, { format, given: c.req.valid('query'), contents })) as never
})

/** A freeze of the event, in one of the places for files. */
async function open(c: ApiContext, key: EventKey, id: number): Promise<OpenFreeze> {
  const { call, services } = c.var
  await call.findEvent(key)
  const reading = { tenant: call.caller.partnerId ?? undefined, patienceMs: PATIENCE_MS }
  return inPlace(services, () => openFreeze(services.db, id, key, reading))
}

async function openGenuine(c: ApiContext, key: EventKey, id: number): Promise<OpenFreeze> {
  const opened = await open(c, key, id)
  try {
    const { genuine } = await verifyFreeze(opened.trx, opened.freeze, c.var.call.owner)
    if (!genuine) throw new StartlistError('FREEZE_BROKEN', `freeze ${id} was changed`)
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text)
}
