import { createRoute, z } from '@hono/zod-openapi'
import { markName } from '../../cli/options.ts'
import { StartlistError } from '../../domain/errors.ts'
import { addMark, LONGEST_MARK, listMarks, type Mark, removeMark } from '../../store/feed/marks.ts'
import { answers, Instant, iso, jsonBody, newArea, problems, RowId } from './area.ts'
import { feedOf } from './changes.ts'
import { EventParams } from './event-key.ts'

/** Named moments of an event's change feed. */
export const marks = newArea()

const MarkSchema = z
  .object({
    id: z.int(),
    name: z.string().openapi({ example: 'bibs printed' }),
    position: z.int().openapi({ description: 'The last change before it' }),
    madeAt: Instant,
    since: z.int().openapi({ description: 'How many changes came since' }),
    kept: z.boolean().openapi({ description: 'False: some of those were purged, and are told to nobody' }),
  })
  .openapi('Mark')

const markOf = ({ markId: id, madeAt, ...mark }: Mark): z.infer<typeof MarkSchema> => ({
  id,
  ...mark,
  madeAt: iso(madeAt),
})

const list = createRoute({
  method: 'get',
  path: '/events/{event}/marks',
  tags: ['Changes'],
  summary: 'Marks, oldest first',
  request: { params: EventParams },
  responses: answers(
    z.object({ items: z.array(MarkSchema), next: z.null() }).openapi('MarkPage'),
    'All marks of the event',
  ),
})

marks.openapi(list, async (c) => {
  const at = feedOf(await c.var.call.findEvent(c.req.valid('param').event))
  const all = await c.var.call.read((trx) => listMarks(trx, at))
  return c.json({ items: all.map(markOf), next: null }, 200)
})

const add = createRoute({
  method: 'post',
  path: '/events/{event}/marks',
  tags: ['Changes'],
  summary: 'Set a mark behind the newest change',
  request: {
    params: EventParams,
    body: jsonBody(
      z
        .object({
          name: z.string().min(1).max(LONGEST_MARK),
          move: z
            .boolean()
            .default(false)
            .openapi({ description: 'Set a mark of this name anew, instead of 409' }),
          position: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().openapi({
            description: 'Behind this change instead, such as the last one that is in an export',
          }),
        })
        .openapi('NewMark'),
    ),
  },
  responses: answers(MarkSchema, 'It is set', 201),
})

marks.openapi(add, async (c) => {
  const { name, ...where } = c.req.valid('json')
  const at = feedOf(await c.var.call.findEvent(c.req.valid('param').event))
  const mark = await addMark(c.var.call.owner, at, markName(name, 'name'), where)
  return c.json(markOf(mark), 201)
})

const remove = createRoute({
  method: 'delete',
  path: '/events/{event}/marks/{mark}',
  tags: ['Changes'],
  summary: 'Remove a mark',
  request: { params: EventParams.extend({ mark: RowId }) },
  responses: { 204: { description: 'It is gone' }, ...problems },
})

marks.openapi(remove, async (c) => {
  const { event, mark } = c.req.valid('param')
  const at = feedOf(await c.var.call.findEvent(event))
  if (!(await removeMark(c.var.call.owner, at, { markId: mark })))
    throw new StartlistError('NO_SUCH_MARK', `this event has no mark ${mark}`)
  return c.body(null, 204)
})
