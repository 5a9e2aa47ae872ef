import { createRoute, z } from '@hono/zod-openapi'
import { checkList, FOUND_HEADS, foundCells, streamFinding } from '../../check/check-list.ts'
import { FINDING_CODES, type FindingCode, findingCode } from '../../check/codes.ts'
import type { BibList } from '../../store/bibs/lists.ts'
import type { Trx } from '../../store/database.ts'
import { answers, newArea, problems } from './area.ts'
import { findBibList } from './bibs.ts'
import { sendCsv } from './csv-file.ts'
import { EventParams } from './event-key.ts'

/** Is a start list right? */
export const checks = newArea()

const FoundPersonSchema = z
  .object({
    registration: z.string(),
    name: z.string(),
    bib: z.string().nullable(),
    eventId: z.string(),
    note: z.string().openapi({ description: 'What it is about in the words of the row', example: 'age 126' }),
    link: z.string().openapi({ description: 'Path of the row' }),
  })
  .openapi('FoundPerson')

const report = createRoute({
  method: 'get',
  path: '/events/{event}/checks',
  tags: ['Checks'],
  summary: 'Check the start list',
  description: 'Problems first. People who are cancelled or removed are left out. Costs no call.',
  request: {
    params: EventParams,
    query: z.object({
      people: z.coerce
        .number()
        .int()
        .min(0)
        .max(1000)
        .default(10)
        .openapi({ description: 'Named of each finding at most' }),
    }),
  },
  responses: answers(
    z
      .object({
        people: z.int().openapi({ description: 'Who race' }),
        problems: z.int().openapi({ description: 'Findings with which the race cannot be timed right' }),
        warnings: z.int(),
        findings: z.array(
          z
            .object({
              code: z.enum(FINDING_CODES),
              severity: z.enum(['problem', 'warning']),
              sentence: z.string(),
              count: z.int().openapi({ description: 'People' }),
              people: z.array(FoundPersonSchema),
            })
            .openapi('CheckFinding'),
        ),
      })
      .openapi('CheckReport'),
    'What was found',
  ),
})

checks.openapi(report, async (c) => {
  const most = c.req.valid('query').people
  const list = await findBibList(c, c.req.valid('param').event)
  const { people, findings } = await c.var.call.read((trx) => checkList(trx, list, most))
  const count = findings.filter(({ severity }) => severity === 'problem').length
  return c.json({ people, problems: count, warnings: findings.length - count, findings }, 200)
})

const FILE = /^(.+)\.csv$/
const csv = createRoute({
  method: 'get',
  path: '/events/{event}/checks/{file}',
  tags: ['Checks'],
  summary: 'Everybody of one finding, as CSV',
  request: {
    params: EventParams.extend({
      file: z
        .string()
        .transform((text) => findingCode(FILE.exec(text)?.[1] ?? ''))
        .pipe(z.enum(FINDING_CODES, 'is a finding, and .csv'))
        .openapi({ type: 'string', example: 'missing-sex.csv' }),
    }),
  },
  responses: {
    200: { description: 'A line a person', content: { 'text/csv': { schema: z.string() } } },
    ...problems,
  },
})

checks.openapi(csv, async (c) => {
  const { event, file: code } = c.req.valid('param')
  const list = await findBibList(c, event)
  const file = { name: `${code}.csv`, heads: FOUND_HEADS }
  return (await sendCsv(c, file, async (trx) => foundRows(trx, list, code))) as never
})

async function* foundRows(trx: Trx, list: BibList, code: FindingCode): AsyncGenerator<unknown[][]> {
  for await (const batch of streamFinding(trx, list, code))
    yield batch.map((person) => foundCells(list, person))
}
