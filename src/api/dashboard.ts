import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Context, Hono } from 'hono'

/** Where a build puts the dashboard; a release brings it along. */
export const DASHBOARD = fileURLToPath(new URL('../../web/dist', import.meta.url))

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** What a browser may ask for instead of the plain bytes, best first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
/** Names below assets/ carry a hash of the content: another content has another name. */
const FOREVER = 'public, max-age=31536000, immutable'
const ASK_AGAIN = 'no-cache'
const NOT_BUILT = 'The dashboard is not built. Run npm run build beside bin/, and restart startlist run.\n'

/** One way in which a file can be sent. */
interface Form {
  encoding: string | null
  bytes: Uint8Array<ArrayBuffer>
  etag: string
}

/**
 * The pages for a browser: a handful of files, held in memory, compressed when they were built. Nothing in them is
 * anybody's: the data comes from /v1, with a token.
 * @param directory what `npm run build` has written; when it is missing, `/` says so
 */
export function dashboard(directory: string): Hono {
  const app = new Hono()
  const files = filesOf(directory)
  if (!files.has('/index.html')) {
    app.get('/', (c) => c.text(NOT_BUILT, 503, { 'Cache-Control': 'no-store' }))
    return app
  }
  for (const [path, forms] of files) {
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    const caching = path.startsWith('/assets/') ? FOREVER : ASK_AGAIN
    app.get(path === '/index.html' ? '/' : path, (c) => send(c, forms, type, caching))
  }
  return app
}

/** Every file by its path from the root, plain form last. */
function filesOf(directory: string): Map<string, Form[]> {
  if (!existsSync(directory)) return new Map()
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(names.map((file) => [pathOf(directory, file), formsOf(file)]))
}

const pathOf = (directory: string, file: string): string =>
  file.slice(directory.length).replaceAll('\\', '/').replace(/^\/*/, '/')

function formsOf(file: string): Form[] {
  const compressed = ENCODINGS.filter(([, suffix]) => existsSync(file + suffix)).map(([encoding, suffix]) =>
    formOf(file + suffix, encoding),
  )
  return [...compressed, formOf(file, null)]
}

function formOf(file: string, encoding: string | null): Form {
  const bytes = new Uint8Array(readFileSync(file))
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  return { encoding, bytes, etag: `"${hash}"` }
}

function send(c: Context, forms: readonly Form[], type: string, caching: string): Response {
  const accepted = acceptedEncodings(c.req.header('accept-encoding'))
  const form = forms.find(({ encoding }) => encoding === null || accepted.has(encoding))
  if (form === undefined) throw new Error('a file has no plain form')
  c.header('ETag', form.etag)
  c.header('Cache-Control', caching)
  c.header('Vary', 'Accept-Encoding')
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(form.etag)) return c.body(null, 304)
  if (form.encoding !== null) c.header('Content-Encoding', form.encoding)
  c.header('Content-Type', type)
  return c.body(form.bytes)
}

/** Names that a request accepts; `br;q=0` is a refusal. */
function acceptedEncodings(header = ''): ReadonlySet<string> {
  const offers = header.split(',').map((offer) =>
    offer
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  )
  return new Set(offers.filter(([, q]) => q === undefined || !/^q=0(\.0*)?$/.test(q)).map(([name]) => name!))
}
