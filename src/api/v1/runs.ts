import { createRoute, z } from '@hono/zod-openapi'
import { ERROR_CODES, StartlistError } from '../../domain/errors.ts'
import { callsOfRun, listRuns, type RunLine } from '../../store/overview/runs.ts'
import { undoRuns } from '../../sync/undo.ts'
import { answers, Instant, iso, jsonBody, newArea, RowId } from './area.ts'
import { EventParam, requireEvent } from './event-key.ts'
import { PageQuery, pageFrom, pageOf, readCursor } from './pages.ts'

/** What startlist did, operation by operation. */
export const runs = newArea()

const Run = z
  .object({
    id: z.int(),
    provider: z.string(),
    partnerId: z.int(),
    partner: z.string(),
    listId: z.string().nullable().openapi({ description: 'The event or race; null for a discovery' }),
    name: z.string().nullable(),
    kind: z.string().openapi({ example: 'poll' }),
    status: z.string().nullable().openapi({ example: 'success' }),
    startedAt: Instant.nullable(),
    endedAt: Instant.nullable(),
    polls: z.int().openapi({ description: 'Quiet polls of an hour count in one run' }),
    calls: z.int(),
    seen: z.int(),
    inserted: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    removed: z.int(),
    rejected: z.int(),
    complete: z.boolean().nullable(),
    error: z.object({ code: z.string(), hint: z.string().nullable() }).nullable(),
    holdId: z.int().nullable(),
    note: z.string().nullable().openapi({ description: 'What a person did, and who' }),
    undoable: z.boolean(),
  })
  .openapi('Run')

const RunCall = z
  .object({
    at: Instant,
    purpose: z.string().openapi({ example: 'list' }),
    class: z.string(),
    status: z.int().nullable(),
    errorCode: z.string().nullable(),
    ms: z.int().nullable(),
  })
  .openapi('RunCall')

const list = createRoute({
  method: 'get',
  path: '/runs',
  tags: ['Runs'],
  summary: 'What startlist did, newest first',
  request: {
    query: PageQuery.extend({
      event: EventParam.optional(),
      changed: z
        .stringbool()
        .default(false)
        .openapi({ type: 'boolean', description: 'Only what changed something' }),
      failed: z
        .stringbool()
        .default(false)
        .openapi({ type: 'boolean', description: 'Only what did not end well' }),
    }),
  },
  responses: answers(pageOf(Run, 'RunPage'), 'A page of runs'),
})

runs.openapi(list, async (c) => {
  const { limit, cursor, event, changed, failed } = c.req.valid('query')
  const before = readCursor(cursor, z.int())
  const lines = await c.var.call.read(async (trx) => {
    const about = event === undefined ? null : await requireEvent(trx, event)
    return listRuns(trx, { list: about, changed, failed, before, limit: limit + 1 })
  })
  return c.json(
    pageFrom(lines, limit, runOf, (line) => line.runId),
    200,
  )
})

const params = z.object({ run: RowId })
const MOST_CALLS = 200

const one = createRoute({
  method: 'get',
  path: '/runs/{run}',
  tags: ['Runs'],
  summary: 'One run, with the calls that its event was asked for meanwhile',
  description: 'Calls are kept for a day.',
  request: { params },
  responses: answers(Run.extend({ messages: z.array(RunCall) }).openapi('RunDetail'), 'The run'),
})

runs.openapi(one, async (c) => {
  const { run: runId } = c.req.valid('param')
  const found = await c.var.call.read(async (trx) => {
    const [line] = await listRuns(trx, { runId, limit: 1 })
    return line && { line, calls: await callsOfRun(trx, runId, MOST_CALLS) }
  })
  if (found === undefined) throw new StartlistError('NO_SUCH_RUN', `there is no run ${runId}`)
  const messages = found.calls.map(({ at, ...call }) => ({ at: iso(at), ...call }))
  return c.json({ ...runOf(found.line), messages }, 200)
})

const undo = createRoute({
  method: 'post',
  path: '/runs/{run}/undo',
  tags: ['Runs'],
  summary: 'Take back all that a run did',
  description:
    'As new entries of the feed. 409 where a registration was changed again later, unless `onlyUntouched`. The provider is asked again, and keeps the last word.',
  request: {
    params,
    body: jsonBody(z.object({ onlyUntouched: z.boolean().default(false) }).openapi('UndoRequest')),
  },
  responses: answers(
    z
      .object({
        run: z.int().openapi({ description: 'The undoing itself: it can be undone as well' }),
        restored: z.int(),
        removed: z.int(),
        changed: z.int(),
        skipped: z.int(),
        rereads: z
          .int()
          .openapi({ description: 'Registrations that the next pass reads again, a call each at most' }),
        holds: z.array(z.int()).openapi({ description: 'That wait for a decision again' }),
      })
      .openapi('UndoneRun'),
    'Taken back',
  ),
})

runs.openapi(undo, async (c) => {
  const { call } = c.var
  const { run: runId } = c.req.valid('param')
  const [line] = await call.read((trx) => listRuns(trx, { runId, limit: 1 }))
  if (line === undefined) throw new StartlistError('NO_SUCH_RUN', `there is no run ${runId}`)
  const { onlyUntouched } = c.req.valid('json')
  const { clock } = call.services
  const [undone] = await undoRuns({ db: call.owner, clock }, { runIds: [runId], onlyUntouched })
  const { restored, removed, changed, skipped, rereads, holdIds } = undone!
  return c.json({ run: undone!.runId, restored, removed, changed, skipped, rereads, holds: holdIds }, 200)
})

function runOf(line: RunLine): z.infer<typeof Run> {
  const { runId, startedAt, endedAt, errorCode, ...facts } = line
  return {
    id: runId,
    ...facts,
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    error: errorCode === null ? null : { code: errorCode, hint: hintOf(errorCode) },
    undoable: line.listId !== null && line.inserted + line.updated + line.removed > 0,
  }
}

/** Null for a code of another release. */
function hintOf(code: string): string | null {
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES].hint : null
}
