import { z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import type { AskedLine } from '../../domain/start-list.ts'
import { fileNameOf } from '../../export/file-name.ts'
import { FORMAT_NAMES, type FormatName } from '../../export/formats.ts'
import { EXPORT_OPTIONS, exportOptions, type GivenOptions } from '../../export/options.ts'
import { type Contents, startListWriter } from '../../export/writer.ts'
import type { LineQuery } from '../../store/start-list/lines.ts'
import { problems } from './area.ts'
import type { ApiContext, ApiServices } from './context.ts'

/** Start lists as files: streamed, so that an answer takes a connection for as long as its reader takes. */

/** A reader who pauses for so long loses the file. */
export const PATIENCE_MS = 60_000
/** Files under way at once: other requests want connections too. */
const MOST_FILES = 3
const AGAIN_MS = 5_000

export const FormatParam = z.enum(FORMAT_NAMES as [FormatName, ...FormatName[]])

/** What may be said of a file's writing; each format's own default otherwise. */
export const FileQuery = z.object({
  delimiter: EXPORT_OPTIONS.delimiter.optional(),
  encoding: EXPORT_OPTIONS.encoding.optional(),
  bom: EXPORT_OPTIONS.bom.optional(),
  dateOrder: EXPORT_OPTIONS.dateOrder.optional(),
  sex: EXPORT_OPTIONS.sex.optional(),
  rows: EXPORT_OPTIONS.rows.optional(),
  formulas: EXPORT_OPTIONS.formulas.optional(),
  blankBib: EXPORT_OPTIONS.blankBib.optional(),
  ids: EXPORT_OPTIONS.ids.optional(),
})

const header = (description: string) => ({ description, schema: { type: 'string' as const } })
const binary = z.string().openapi({ format: 'binary' })

/** The answers of a route that sends a file. */
export const fileAnswers = {
  200: {
    description: 'The file',
    headers: {
      'Startlist-Position': header('Up to which position of the change feed it goes'),
      'Startlist-Registrations': header('How many are on the start list'),
      'Startlist-Pending': header('Of how many of them the details, and so the bibs, are not read yet'),
      'Startlist-Bibs-As-Of': header('When the oldest detail was read'),
      'Startlist-At': header('The instant of the snapshot'),
    },
    content: Object.fromEntries(
      ['text/csv', 'text/plain', 'application/json', 'application/octet-stream'].map((type) => [
        type,
        { schema: binary },
      ]),
    ),
  },
  ...problems,
}

/** Where the lines of a file come from, and what gives that back. */
export interface FileSource {
  lines(query: LineQuery): AsyncIterable<readonly AskedLine[]>
  close(): Promise<void>
}

/** Streams a list as a file. Closes its source, however the answer ends. */
export async function sendList(
  c: ApiContext,
  source: FileSource,
  { format, given, contents }: { format: FormatName; given: GivenOptions; contents: Contents },
): Promise<Response> {
  try {
    const writer = startListWriter(format, exportOptions(format, given, String), contents)
    const { fields, leavers, mediaType } = writer
    const pieces = writer.write(source.lines({ fields, leavers, which: contents.which }))
    const { position, registrations, pending, bibsAsOf, at } = contents.state
    c.header('Startlist-Position', String(position))
    c.header('Startlist-Registrations', String(registrations))
    c.header('Startlist-Pending', String(pending))
    if (bibsAsOf !== null) c.header('Startlist-Bibs-As-Of', bibsAsOf)
    c.header('Startlist-At', at)
    return await sendFile(c, pieces, source, { mediaType, name: fileNameOf(format, contents) })
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Streams bytes as a file to be saved. */
export async function sendFile(
  c: ApiContext,
  pieces: AsyncGenerator<Uint8Array>,
  { close }: Pick<FileSource, 'close'>,
  { mediaType, name }: { mediaType: string; name: string },
): Promise<Response> {
  c.header('Content-Type', mediaType)
  c.header('Content-Disposition', `attachment; filename="${name}"`)
  if (c.req.method !== 'HEAD') return c.body(streamOf(pieces, close))
  // Nobody reads on, so nobody would close it.
  await close()
  return c.body(null)
}

/** One piece ahead of the reader, and no more. */
function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
  close: () => Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await pieces.next()
          if (!done) return controller.enqueue(value)
          await close()
          controller.close()
        } catch (error) {
          await close()
          controller.error(error)
        }
      },
      async cancel() {
        await pieces.return(undefined).catch(() => {})
        await close()
      },
    },
    { highWaterMark: 1 },
  )
}

const underWay = new WeakMap<ApiServices, number>()

/**
 * Takes one of the few places for files, until it is given back.
 * @throws StartlistError EXPORTS_BUSY when all are taken
 */
function takePlace(services: ApiServices): () => void {
  const taken = underWay.get(services) ?? 0
  if (taken >= MOST_FILES) {
    throw new StartlistError('EXPORTS_BUSY', `${MOST_FILES} files are being sent at this moment`, {
      retryAt: services.clock.now() + AGAIN_MS,
    })
  }
  underWay.set(services, taken + 1)
  let isTaken = true
  return () => {
    if (isTaken) underWay.set(services, (underWay.get(services) ?? 1) - 1)
    isTaken = false
  }
}

/** An opened source in its place: closing it gives both back. */
export async function inPlace<S extends Pick<FileSource, 'close'>>(
  services: ApiServices,
  open: () => Promise<S>,
): Promise<S> {
  const leave = takePlace(services)
  try {
    const source = await open()
    return {
      ...source,
      async close() {
        leave()
        await source.close()
      },
    }
  } catch (error) {
    leave()
    throw error
  }
}
