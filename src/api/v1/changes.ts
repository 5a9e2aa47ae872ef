import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { CHANGE_KINDS } from '../../domain/row.ts'
import { askedChanges } from '../../feed/asked.ts'
import { feedJson } from '../../feed/entry-json.ts'
import { readNetPage } from '../../feed/net-page.ts'
import { CHANGE_COLUMNS, changeRows } from '../../feed/rows.ts'
import { isWanted } from '../../feed/wanted.ts'
import type { PartnerEvent } from '../../store/changes.ts'
import type { Trx } from '../../store/database.ts'
import { findMark } from '../../store/feed/marks.ts'
import { assertKept, type FeedEntry, type FeedFilter, feedSpan, readFeed } from '../../store/overview/feed.ts'
import { eventStream, eventText } from '../event-stream.ts'
import { answers, Instant, newArea, problems } from './area.ts'
import type { ApiContext } from './context.ts'
import { sendCsv } from './csv-file.ts'
import { EventParams, type FoundEvent } from './event-key.ts'
import { PageQuery, pageFrom, readCursor } from './pages.ts'

/** What changed for an event. */
export const changes = newArea()

// Not z.custom: nothing describes it, and the whole document would fail.
const Value: z.ZodType<Json> = z.any().openapi({ description: 'As JSON' })

const ChangeSchema = z
  .object({
    position: z.int().openapi({ description: 'Without a gap, in the list that the event is read in' }),
    participantId: z.string(),
    change: z.enum(CHANGE_KINDS),
    fields: z
      .record(z.string(), z.tuple([Value, Value]))
      .openapi({ description: 'Column -> [old, new]', example: { bib_number: ['101', '102'] } }),
    eventId: z.string().nullable(),
    firstName: z.string().nullable().openapi({ description: 'As it is now, like bib and event' }),
    lastName: z.string().nullable(),
    bib: z.string().nullable(),
    sourceUpdatedAt: Instant.nullable().openapi({ description: 'The provider’s time; null: it says none' }),
    seenAt: Instant,
    runId: z.int().nullable().openapi({ description: 'What `startlist undo` takes' }),
  })
  .openapi('Change')

const ChangePage = z
  .object({
    items: z.array(ChangeSchema),
    next: z.string().nullable(),
    position: z.int().openapi({ description: 'What was read up to, when the pages are: the next `after`' }),
  })
  .openapi('ChangePage')

const Since = {
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().openapi({
    description: 'Changes after this position; 410 when they were purged',
  }),
  since: z.string().max(100).optional().openapi({ description: 'Changes since the mark of this name' }),
}
const Kinds = z
  .string()
  .max(200)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(CHANGE_KINDS)))
  .optional()
  .openapi({ type: 'string', description: 'Only these, with commas between them', example: 'added,removed' })
const Filter = {
  kind: Kinds,
  field: z.string().max(100).optional().openapi({ description: 'Only changes of this column' }),
}
const Net = z.stringbool().default(false).openapi({
  type: 'boolean',
  description:
    'An entry a registration: what came of all its changes. Kind and column are then those of the sum.',
})
const Q = z.string().min(1).max(200).optional().openapi({ description: 'Part of a name, a bib or a number' })

const Order = z.enum(['oldest', 'newest']).default('oldest').openapi({
  description: '`newest`: newest first',
})

const list = createRoute({
  method: 'get',
  path: '/events/{event}/changes',
  tags: ['Changes'],
  summary: 'What changed, oldest first',
  description:
    'Without `after` or `since` from the first change that is kept. With `net` or the newest first, the pages are of what had changed when the first of them was asked for.',
  request: {
    params: EventParams,
    query: PageQuery.extend({ ...Since, ...Filter, net: Net, q: Q, order: Order }),
  },
  responses: answers(ChangePage, 'A page of changes'),
})

const Place = z.strictObject({ after: z.int() })
/** All pages are of the same part of the feed, whatever comes meanwhile. */
const PlaceInSpan = z.strictObject({ after: z.int(), until: z.int(), past: z.int() })

changes.openapi(list, async (c) => {
  const { limit, cursor, net, q, kind, field, order, ...since } = c.req.valid('query')
  const newestFirst = order === 'newest'
  return c.var.call.readEvent(c.req.valid('param').event, async (trx, found) => {
    const at = feedOf(found)
    const only: FeedFilter = { ...memberOf(found), kinds: kind, field, q }
    if (net || newestFirst) {
      const place = readCursor(cursor, PlaceInSpan)
      const feed = await feedSpan(trx, at)
      const after = place?.after ?? (await placeOf(trx, at, since))
      const until = place?.until ?? feed.last
      assertKept(feed, until)
      const past = place?.past
      const entries = net
        ? await readNetPage(trx, at, { after, until }, only, { past, newestFirst, most: limit + 1 })
        : await readFeed(trx, at, after, limit + 1, { ...only, newest: true, until: (past ?? until + 1) - 1 })
      const page = pageFrom(entries, limit, feedJson, ({ position }) => ({ after, until, past: position }))
      return c.json({ ...page, position: until }, 200)
    }
    const after = readCursor(cursor, Place)?.after ?? (await placeOf(trx, at, since))
    const { last } = await feedSpan(trx, at)
    const entries = await readFeed(trx, at, after, limit + 1, only)
    const page = pageFrom(entries, limit, feedJson, ({ position }) => ({ after: position }))
    const shown = page.items.at(-1)?.position ?? 0
    return c.json({ ...page, position: page.next === null ? Math.max(last, shown) : shown }, 200)
  })
})

const csv = createRoute({
  method: 'get',
  path: '/events/{event}/changes.csv',
  tags: ['Changes'],
  summary: 'What changed, as CSV',
  description:
    'A row for each column that changed, of as many changes as there are; safe to open in a spreadsheet.',
  request: { params: EventParams, query: z.object({ ...Since, ...Filter, net: Net, q: Q }) },
  responses: {
    200: { description: 'CSV', content: { 'text/csv': { schema: z.string() } } },
    ...problems,
  },
})

changes.openapi(csv, async (c) => {
  const { net, q, kind, field, ...since } = c.req.valid('query')
  const found = await c.var.call.findEvent(c.req.valid('param').event)
  const at = feedOf(found)
  const file = { name: 'changes.csv', heads: CHANGE_COLUMNS }
  return (await sendCsv(c, file, async (trx) => {
    const after = await placeOf(trx, at, since)
    // While it can still be told as a problem.
    assertKept(await feedSpan(trx, at), after)
    return csvRows(askedChanges(trx, at, after, { ...memberOf(found), net, kinds: kind, field, q }))
  })) as never
})

async function* csvRows(batches: AsyncIterable<readonly FeedEntry[]>): AsyncGenerator<unknown[][]> {
  for await (const batch of batches) yield batch.flatMap(changeRows)
}

const stream = createRoute({
  method: 'get',
  path: '/events/{event}/changes/stream',
  tags: ['Changes'],
  summary: 'What changes, as it comes',
  description:
    'Server-sent events: `change`, with the position as id. `Last-Event-ID`, `after` or `since` resume; without them it begins now. `end` says why it ends.',
  request: { params: EventParams, query: z.object({ ...Since, ...Filter }) },
  responses: {
    200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems,
  },
})

changes.openapi(stream, async (c) => {
  const { kind, field, ...since } = c.req.valid('query')
  const { call, services } = c.var
  const found = await call.findEvent(c.req.valid('param').event)
  const at = feedOf(found)
  const only = { ...memberOf(found), kinds: kind, field }
  const last = lastEventId(c)
  const after = await call.read(async (trx) => {
    const span = await feedSpan(trx, at)
    const isNow = last === undefined && since.after === undefined && since.since === undefined
    const from = last ?? (isNow ? span.last : await placeOf(trx, at, since))
    assertKept(span, from)
    return from
  })
  return eventStream(services.clock, async function* (signal) {
    for await (const entries of services.hub.follow(at, after, { signal, endSlow: true })) {
      const wanted = entries.filter((entry) => isWanted(entry, only))
      if (wanted.length > 0) yield wanted.map(textOf).join('')
    }
  })
})

/** Every listener is sent the same text: made once for each entry. */
const texts = new WeakMap<FeedEntry, string>()

function textOf(entry: FeedEntry): string {
  const known = texts.get(entry)
  if (known !== undefined) return known
  const data = JSON.stringify(feedJson(entry))
  const text = eventText({ event: 'change', id: String(entry.position), data })
  texts.set(entry, text)
  return text
}

/** What a listener that comes back has seen. */
function lastEventId(c: ApiContext): number | undefined {
  const text = c.req.header('last-event-id')
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw new StartlistError('BAD_INPUT', 'Last-Event-ID: not one of this stream')
  return Number(text)
}

/** The feed of the list that an event is read in. */
export const feedOf = ({ provider, partnerId, listId }: FoundEvent): PartnerEvent => ({
  provider,
  partnerId,
  eventId: listId,
})

/** Of a list of several events, those entries that are about this one. */
const memberOf = ({ eventId, listId }: FoundEvent): FeedFilter => (eventId === listId ? {} : { eventId })

/** @throws StartlistError NO_SUCH_MARK */
async function placeOf(
  trx: Trx,
  at: PartnerEvent,
  { after, since }: { after?: number | undefined; since?: string | undefined },
): Promise<number> {
  if (since !== undefined) return (await findMark(trx, at, since)).position
  return after ?? (await feedSpan(trx, at)).purged
}
