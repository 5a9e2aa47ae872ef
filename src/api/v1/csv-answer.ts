import { csvLines } from '../../cli/csv.ts'
import type { ApiContext } from './context.ts'

/**
 * Answers with a CSV file, at the reader's pace. When something fails half-way the connection is cut, so that no part is
 * taken for the whole.
 * @param write tells the rows, its own head first
 */
export function csvAnswer(
  c: ApiContext,
  name: string,
  write: (tell: (rows: readonly (readonly unknown[])[]) => Promise<void>) => Promise<void>,
): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  write((rows) => writer.write(encoder.encode(csvLines(rows)))).then(
    () => writer.close(),
    (error: unknown) => writer.abort(error).catch(() => {}),
  )
  return c.body(readable, 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  })
}
