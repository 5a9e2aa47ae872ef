import { createRoute, z } from '@hono/zod-openapi'
import { listEventLines } from '../../store/overview/event-lines.ts'
import { answers, newArea } from './area.ts'
import { EventDetail, readEventDetail } from './event-detail.ts'
import { EventParams } from './event-key.ts'
import { EventSchema, eventOf } from './event-view.ts'
import { PageQuery, pageFrom, pageOf, readCursor } from './pages.ts'

/** Events of whoever asks. */
export const events = newArea()

/** An event that began so long ago may still be going on where its end is unknown. */
const LONGEST_MS = 36 * 3_600_000

const Place = z.object({
  sortKey: z.string().max(40),
  provider: z.string(),
  partnerId: z.int(),
  eventId: z.string(),
})

const list = createRoute({
  method: 'get',
  path: '/events',
  tags: ['Events'],
  summary: 'Events, soonest first',
  description:
    'Without `past` those that are not over for longer than a day and a half, and those without a date.',
  request: {
    query: PageQuery.extend({
      past: z
        .stringbool()
        .default(false)
        .openapi({ type: 'boolean', description: 'Those that are over as well' }),
      partner: z.coerce.number().int().min(1).optional().openapi({ description: 'Of one timing partner' }),
    }),
  },
  responses: answers(pageOf(EventSchema, 'EventPage'), 'A page of events'),
})

events.openapi(list, async (c) => {
  const { call, services } = c.var
  const { limit, cursor, past, partner } = c.req.valid('query')
  const after = readCursor(cursor, Place)
  const lines = await call.read((trx) =>
    listEventLines(trx, {
      ...(partner === undefined ? {} : { partnerId: partner }),
      ...call.only,
      ...(past ? {} : { from: services.clock.now() - LONGEST_MS }),
      after,
      limit: limit + 1,
    }),
  )
  const page = pageFrom(lines, limit, eventOf, (line) => Place.parse(line))
  return c.json(page, 200)
})

const one = createRoute({
  method: 'get',
  path: '/events/{event}',
  tags: ['Events'],
  summary: 'One event: counts by category and wave, how fresh it is, when it is looked at next, and why then',
  request: { params: EventParams },
  responses: answers(EventDetail, 'The event'),
})

events.openapi(one, async (c) => c.json(await readEventDetail(c.var.call, c.req.valid('param').event), 200))
