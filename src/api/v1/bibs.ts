import { createRoute, z } from '@hono/zod-openapi'
import { assignBibs, type BibResult } from '../../bibs/assign.ts'
import { changeBibAuthority } from '../../bibs/authority.ts'
import { readBibFile } from '../../bibs/file.ts'
import { nameOf, type PlannedBib } from '../../bibs/plan.ts'
import { readBib } from '../../domain/bib.ts'
import { StartlistError } from '../../domain/errors.ts'
import { bibConflicts, type ConflictPlace } from '../../store/bibs/conflicts.ts'
import { type BibList, bibListOf } from '../../store/bibs/lists.ts'
import { answers, jsonBody, newArea } from './area.ts'
import type { ApiContext } from './context.ts'
import { type EventKey, EventParams, eventKeyText } from './event-key.ts'
import { PageQuery, pageFrom, pageOf, readCursor } from './pages.ts'

/** Bibs that a timing partner gives, and those that are at odds. */
export const bibs = newArea()

/**
 * The event as whoever asks sees it. What is written afterwards is written as the owner, in this list alone.
 * @throws StartlistError NO_SUCH_EVENT for one that is not there, or another's
 */
export async function findBibList(c: ApiContext, key: EventKey): Promise<BibList> {
  const list = await c.var.call.read((trx) => bibListOf(trx, key))
  if (list !== null) return list
  throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventKeyText(key)}`, {
    hint: 'GET /v1/events shows the keys.',
  })
}

const Flag = z.stringbool().default(false)
const Duplicates = Flag.openapi({ type: 'boolean', description: 'Let several people have one bib' })
const Bib = z.string().nullable()

const PlannedBibSchema = z
  .object({
    line: z.int().openapi({ description: 'Of the file' }),
    asked: z.string().nullable().openapi({ description: 'Whom it names: a registration, or a name' }),
    outcome: z.enum(['give', 'take', 'same', 'gone', 'unknown', 'ambiguous', 'conflict']),
    registration: z.string().nullable(),
    name: z.string().nullable(),
    bib: Bib.openapi({ description: 'That was asked for' }),
    before: Bib.openapi({ description: 'The effective one before' }),
    after: Bib.openapi({ description: 'And after: the provider’s, where that counts' }),
    with: z
      .array(z.string())
      .openapi({ description: 'Registrations, or lines, that it is in conflict with' }),
  })
  .openapi('PlannedBib')

const plannedOf = ({ key, ...line }: PlannedBib): z.infer<typeof PlannedBibSchema> => ({
  ...line,
  registration: key,
})

const RunId = z.int().nullable().openapi({ description: 'To undo it; null: nothing was written' })

const one = createRoute({
  method: 'put',
  path: '/events/{event}/participants/{participantId}/bib',
  tags: ['Bibs'],
  summary: 'Give a registration a bib of the timing partner’s, or take it back',
  request: {
    params: EventParams.extend({ participantId: z.string().min(1).max(200) }),
    body: jsonBody(
      z.object({
        bib: z.string().max(100).nullable().openapi({ description: 'Null takes it back' }),
        allowDuplicates: z.boolean().default(false),
      }),
    ),
  },
  responses: answers(
    PlannedBibSchema.omit({ line: true, asked: true }).extend({ runId: RunId }).openapi('GivenBib'),
    'The bib',
  ),
})

bibs.openapi(one, async (c) => {
  const { event, participantId: registration } = c.req.valid('param')
  const body = c.req.valid('json')
  const bib = readBib(body.bib ?? '')
  if (bib === undefined) throw new StartlistError('BAD_INPUT', 'bib: at most 20 characters')
  const list = await findBibList(c, event)
  const result = await assignBibs(c.var.call.owner, list, {
    wanted: [{ line: 0, registration, person: null, bib }],
    ...{ takesBack: true, allowDuplicates: body.allowDuplicates, preview: false },
  })
  const { line: _line, asked: _asked, ...given } = plannedOf(onlyLine(result, registration))
  return c.json({ ...given, runId: result.runId }, 200)
})

function onlyLine({ lines }: BibResult, registration: string): PlannedBib {
  const [line] = lines
  if (line === undefined || line.outcome === 'unknown')
    throw new StartlistError('NO_SUCH_PARTICIPANT', `there is no registration ${registration}`)
  if (line.outcome === 'gone')
    throw new StartlistError('BIB_CONFLICT', 'the registration is cancelled or removed', {
      hint: 'No bib was changed.',
    })
  if (line.outcome === 'conflict')
    throw new StartlistError('BIB_CONFLICT', `the bib is taken by registration ${line.with.join(', ')}`, {
      hint: 'No bib was changed. Give another, or say allowDuplicates.',
    })
  return line
}

const Count = z.int()
const many = createRoute({
  method: 'post',
  path: '/events/{event}/bibs',
  tags: ['Bibs'],
  summary: 'Give the bibs of a CSV file, all or none',
  description:
    'Columns by their heads: `bib`, and `registration`, or `first name`, `last name` and `date of birth`. With ' +
    '`preview` nothing is written, and each line says what would become of it.',
  request: {
    params: EventParams,
    query: z.object({
      preview: Flag.openapi({ type: 'boolean' }),
      allowDuplicates: Duplicates,
    }),
    body: {
      required: true,
      content: { 'text/csv': { schema: z.string().openapi({ example: 'registration,bib\nR10482,0412\n' }) } },
    },
  },
  responses: answers(
    z
      .object({
        preview: z.boolean(),
        blocked: z.boolean().openapi({ description: 'Something stands in the way of all of it' }),
        changed: Count.openapi({ description: 'Bibs that were written' }),
        runId: RunId,
        counts: z.object({
          ...{ give: Count, same: Count, gone: Count, unknown: Count, ambiguous: Count, conflict: Count },
        }),
        lines: z.array(PlannedBibSchema).openapi({ description: 'All but those that stay the same' }),
      })
      .openapi('GivenBibs'),
    'What becomes of each line',
  ),
})

bibs.openapi(many, async (c) => {
  const { preview, allowDuplicates } = c.req.valid('query')
  const list = await findBibList(c, c.req.valid('param').event)
  const wanted = readBibFile(new Uint8Array(await c.req.arrayBuffer()))
  const request = { wanted, takesBack: false, allowDuplicates, preview }
  const result = await assignBibs(c.var.call.owner, list, request)
  const of = (outcome: PlannedBib['outcome']) =>
    result.lines.filter((line) => line.outcome === outcome).length
  if (result.blocked && !preview) {
    const why = [`${of('conflict')} in conflict`, `${of('unknown')} unknown`, `${of('ambiguous')} ambiguous`]
    throw new StartlistError('BIB_CONFLICT', `nothing was stored: ${why.join(', ')}`, {
      hint: 'With preview=true each line says why.',
    })
  }
  const { blocked, changed, runId } = result
  const counts = {
    ...{ give: of('give'), same: of('same'), gone: of('gone') },
    ...{ unknown: of('unknown'), ambiguous: of('ambiguous'), conflict: of('conflict') },
  }
  const lines = result.lines.filter(({ outcome }) => outcome !== 'same').map(plannedOf)
  return c.json({ preview, blocked, changed, runId, counts, lines }, 200)
})

const Authority = z.enum(['provider', 'local'])
const authority = createRoute({
  method: 'put',
  path: '/events/{event}/bib-authority',
  tags: ['Bibs'],
  summary: 'Say whose bib counts where the provider and the timing partner both gave one',
  description: 'At RunSignUp it holds for all events of the race.',
  request: { params: EventParams, body: jsonBody(z.object({ bibAuthority: Authority })) },
  responses: answers(
    z
      .object({
        bibAuthority: Authority,
        changed: Count.openapi({ description: 'People who have another bib now' }),
      })
      .openapi('BibAuthority'),
    'Whose counts now',
  ),
})

bibs.openapi(authority, async (c) => {
  const { bibAuthority } = c.req.valid('json')
  const list = await findBibList(c, c.req.valid('param').event)
  const changed = await changeBibAuthority(c.var.call.owner, list, bibAuthority)
  return c.json({ bibAuthority, changed }, 200)
})

const BibConflictSchema = z
  .object({
    kind: z.enum(['twice', 'differs']).openapi({
      description: 'Several people hold the bib; or the provider gave one, and the timing partner another',
    }),
    bib: z.string().openapi({ description: 'The effective one' }),
    registration: z.string(),
    name: z.string(),
    providerBib: Bib,
    localBib: Bib,
    status: z.string(),
    live: z
      .boolean()
      .openapi({ description: 'False: cancelled or removed, and still holds the bib of another' }),
  })
  .openapi('BibConflict')

const conflicts = createRoute({
  method: 'get',
  path: '/events/{event}/bib-conflicts',
  tags: ['Bibs'],
  summary: 'Bibs that several people hold, and people to whom two were given',
  request: { params: EventParams, query: PageQuery },
  responses: answers(pageOf(BibConflictSchema, 'BibConflictPage'), 'A page of conflicts, by bib'),
})

const Place: z.ZodType<ConflictPlace> = z.object({
  kind: z.enum(['twice', 'differs']),
  ...{ eventId: z.string(), bib: z.string(), live: z.boolean(), key: z.string() },
})

bibs.openapi(conflicts, async (c) => {
  const { limit, cursor } = c.req.valid('query')
  const after = readCursor(cursor, Place)
  const list = await findBibList(c, c.req.valid('param').event)
  const found = await c.var.call.read((trx) => bibConflicts(trx, list, { most: limit + 1, after }))
  const page = pageFrom(
    found,
    limit,
    ({ kind, bib, key, providerBib, localBib, status, live, ...person }) => ({
      ...{ kind, bib, registration: key, name: nameOf(person), providerBib, localBib, status, live },
    }),
    ({ kind, eventId, bib, live, key }): ConflictPlace => ({ kind, eventId, bib, live, key }),
  )
  return c.json(page, 200)
})
