import { createHash } from 'node:crypto'
import packageJson from '../../../package.json' with { type: 'json' }
import type { ApiContext } from './context.ts'

/**
 * Names a state of an answer, and says whether whoever asks has it already.
 * @param version of what is answered from; the address with its query, and this release, go into the tag as well
 * @returns a 304 for who has it; null for who needs it
 */
export function notModified(c: ApiContext, version: string): Response | null {
  const state = [packageJson.version, c.req.url.slice(c.req.url.indexOf('/v1')), version].join('\n')
  const tag = `"${createHash('sha256').update(state).digest('base64url').slice(0, 27)}"`
  c.header('ETag', tag)
  // A browser keeps it, and asks each time.
  c.header('Cache-Control', 'private, no-cache')
  c.header('Vary', 'Authorization, Cookie')
  const known = (c.req.header('if-none-match') ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
  return known.includes(tag) ? c.body(null, 304) : null
}
