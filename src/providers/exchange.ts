import type { Json } from '../domain/json.ts'
import { parseJson, readBody } from './body.ts'

/** How a request said who asks. */
export type Authorization = 'bare' | 'bearer' | 'basic' | 'key-header' | 'key-query' | 'none'

/**
 * One request and its answer as they went over the line, without any secret: what `verify` looks at. The body of an
 * answer holds personal data, so an exchange stays in memory, and ends with the command.
 */
export interface Exchange {
  method: string
  /** the whole path, ids included */
  path: string
  /** without keys and secrets */
  query: Readonly<Record<string, string>>
  authorization: Authorization
  status: number
  /** of the answer; of cookies the name alone */
  headers: Readonly<Record<string, string>>
  bytes: number
  /** until the body was read */
  ms: number
  /** null where it is no JSON */
  json: Json
}

/** In a query these say who asks. */
const SECRET_PARAMETERS = new Set([
  'api_key',
  'api_secret',
  'rsu_api_key',
  'sp_api_key',
  'tmp_key',
  'tmp_secret',
])
/** No answer of an API is longer that is worth a look; the adapter reads what it reads all the same. */
const MOST_BYTES = 64 * 1024 * 1024

/** A `fetch` that notes every answered request. What was not answered leaves no exchange. */
export function notingExchanges(
  exchanges: Exchange[],
  clock: { now(): number },
  inner: typeof fetch = fetch,
): typeof fetch {
  return async (input, init) => {
    const began = clock.now()
    const response = await inner(input, init)
    const url = new URL(input instanceof Request ? input.url : String(input))
    const text = await readBody(response.clone(), MOST_BYTES)
    const query = [...url.searchParams].filter(([name]) => !SECRET_PARAMETERS.has(name))
    exchanges.push({
      method: init?.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(query),
      authorization: authorizationOf(new Headers(init?.headers), url.searchParams),
      status: response.status,
      headers: Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie')),
      bytes: text === null ? MOST_BYTES : Buffer.byteLength(text),
      ms: clock.now() - began,
      json: (text === null ? undefined : parseJson(text)) ?? null,
    })
    return response
  }
}

function authorizationOf(headers: Headers, query: URLSearchParams): Authorization {
  const value = headers.get('authorization') ?? ''
  if (/^Basic\s/i.test(value)) return 'basic'
  if (/^Bearer\s/i.test(value)) return 'bearer'
  if (value !== '') return 'bare'
  if (headers.has('x-rsu-api-secret')) return 'key-header'
  return query.has('api_secret') || query.has('tmp_secret') ? 'key-query' : 'none'
}
