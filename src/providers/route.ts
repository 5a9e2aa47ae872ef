import type { Exchange } from './exchange.ts'
import type { ApiUses } from './uses.ts'

/** Which call of an adapter a request was, `GET /events/{}/participants`; null for one that is none, such as a token's. */
export function routeOf(
  { calls }: ApiUses,
  { method, path }: Pick<Exchange, 'method' | 'path'>,
): string | null {
  const fits = calls.filter((call) => call.method === method && patternOf(call.path).test(path))
  // `/events/{}/registrations/{}` before `/events`: the longest that fits the end of the path.
  const best = fits.sort((a, b) => b.path.length - a.path.length)[0]
  return best === undefined ? null : `${best.method} ${best.path}`
}

const patternOf = (path: string): RegExp => new RegExp(`${path.replaceAll('{}', '[^/]+')}$`)
