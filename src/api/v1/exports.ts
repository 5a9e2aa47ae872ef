import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import { FORMAT_NAMES, FORMATS } from '../../export/formats.ts'
import { choicesOf } from '../../export/options.ts'
import { LONGEST_MARK } from '../../store/feed/marks.ts'
import { openStartList } from '../../store/start-list/snapshot.ts'
import { answers, newArea } from './area.ts'
import { EventParams } from './event-key.ts'
import { FileQuery, FormatParam, fileAnswers, inPlace, PATIENCE_MS, sendList } from './files.ts'

/** Start lists as timing programs read them. */
export const exports = newArea()

const FormatSchema = z
  .object({
    format: FormatParam,
    title: z.string().openapi({ description: 'Who reads it', example: 'RACE RESULT 12 and 14' }),
    extension: z.string(),
    options: z.array(
      z
        .object({
          name: z.string().openapi({ description: 'Of the parameter', example: 'delimiter' }),
          values: z.array(z.string()).nullable().openapi({ description: 'Null: any short text' }),
          preset: z.string().openapi({ description: 'What the importer wants', example: 'comma' }),
        })
        .openapi('ExportOption'),
    ),
  })
  .openapi('ExportFormat')

const formats = createRoute({
  method: 'get',
  path: '/export-formats',
  tags: ['Exports'],
  summary: 'The formats of files, with what can be chosen for each and what it does by default',
  responses: answers(
    z.object({ items: z.array(FormatSchema), next: z.null() }).openapi('ExportFormatPage'),
    'All formats',
  ),
})

exports.openapi(formats, (c) => {
  const items = FORMAT_NAMES.map((format) => {
    const { title, extension } = FORMATS[format]
    const options = choicesOf(format).map(({ values, ...option }) => ({
      ...option,
      values: values && [...values],
    }))
    return { format, title, extension, options }
  })
  return c.json({ items, next: null }, 200)
})

const one = createRoute({
  method: 'get',
  path: '/events/{event}/exports/{format}',
  tags: ['Exports'],
  summary: 'A start list as a file',
  description:
    'From one snapshot, streamed. What a person should know of it stands in headers, never in the file. Give the position as `after` the next time for what changed since, and ask with `withdrawn` for who is gone.',
  request: {
    params: EventParams.extend({ format: FormatParam }),
    query: FileQuery.extend({
      after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().openapi({
        description: 'Only who changed after this position of the event’s feed',
      }),
      since: z
        .string()
        .min(1)
        .max(LONGEST_MARK)
        .optional()
        .openapi({ description: 'Only who changed since this mark' }),
      withdrawn: z.stringbool().default(false).openapi({
        type: 'boolean',
        description: 'Instead of the list: who is cancelled, removed, transferred, deferred or moved',
      }),
    }),
  },
  responses: fileAnswers,
})

exports.openapi(one, async (c) => {
  const { event: key, format } = c.req.valid('param')
  const { after, since, withdrawn, ...given } = c.req.valid('query')
  if (after !== undefined && since !== undefined)
    throw new StartlistError('BAD_INPUT', 'give after or since, not both')
  const { call, services } = c.var
  const { listId } = await call.findEvent(key)
  const reading = { tenant: call.caller.partnerId ?? undefined, patienceMs: PATIENCE_MS, after, since }
  const list = await inPlace(services, () => openStartList(services.db, { ...key, listId }, reading))
  const contents = {
    state: list.state,
    which: withdrawn ? ('withdrawn' as const) : ('listed' as const),
    after: list.after,
  }
  return (await sendList(c, list, { format, given, contents })) as never
})
