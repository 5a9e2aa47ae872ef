import { z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'

/** Lists come in pages: `{ items, next }`, where `next` is the cursor of the page behind it, or null. */

/** What every list takes in its query. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(2000).optional().openapi({ description: '`next` of the page before' }),
})

/** A page of something. @param name of the schema in the document */
export function pageOf<S extends z.ZodType>(item: S, name: string) {
  return z
    .object({
      items: z.array(item),
      next: z.string().nullable().openapi({ description: 'Cursor of the next page; null behind the last' }),
    })
    .openapi(name)
}

/** A place in a list as text that nobody needs to understand. */
function cursorOf(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** @throws StartlistError BAD_INPUT for what {@link cursorOf} has not made of such a place */
export function readCursor<T>(text: string | undefined, place: z.ZodType<T>): T | null {
  if (text === undefined) return null
  try {
    return place.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch (cause) {
    throw new StartlistError('BAD_INPUT', 'cursor: not one of this list', {
      cause,
      hint: 'Begin again without a cursor.',
    })
  }
}

/**
 * A page of lines, of which one more than `limit` was read.
 * @param place of a line, as {@link readCursor} gives it back
 */
export function pageFrom<Line, Item>(
  lines: readonly Line[],
  limit: number,
  itemOf: (line: Line) => Item,
  place: (line: Line) => unknown,
): { items: Item[]; next: string | null } {
  const shown = lines.slice(0, limit)
  const last = lines.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(itemOf), next: last === undefined ? null : cursorOf(place(last)) }
}
