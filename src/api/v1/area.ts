import { OpenAPIHono, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import type { ApiEnv } from './context.ts'

/** What routes are built from: an area is a file of routes, mounted in index.ts. */

/** A new area. What does not pass a route's schemas is BAD_INPUT, told by place and rule, never by value. */
export function newArea(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const wrong = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
      throw new StartlistError('BAD_INPUT', wrong.join('; '), {
        hint: '/v1/docs shows what this address takes.',
      })
    },
  })
}

const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string().openapi({ description: 'For a person' }),
    status: z.int(),
    code: z.string().openapi({ description: 'For a program: codes are added, never renamed' }),
    hint: z.string().optional().openapi({ description: 'What to do' }),
  })
  .openapi('Problem')

/** Every answer that is none. */
export const problems = {
  default: {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
}

/** The answers of a route: JSON of a schema, or a problem. */
export function answers<S extends z.ZodType, Code extends 200 | 201 | 202 = 200>(
  schema: S,
  description: string,
  status: Code = 200 as Code,
) {
  const good = { description, content: { 'application/json': { schema } } }
  return { [status]: good, ...problems } as { [K in Code]: typeof good } & typeof problems
}

/** A body of JSON that has to be there. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

/** An id of a row, in a path. */
export const RowId = z.coerce.number().int().min(1).max(2_147_483_647)

/** An instant as text: ISO 8601, UTC. */
export const Instant = z.string().openapi({ format: 'date-time', example: '2026-05-02T11:00:00.000Z' })

/** @param at ms since the epoch */
export function iso(at: number): string
export function iso(at: number | null): string | null
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
