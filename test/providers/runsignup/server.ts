import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json, JsonObject } from '../../../src/domain/json.ts'

/** A call as it arrived. */
export interface Arrived {
  path: string
  query: Record<string, string>
  secretHeader: string | undefined
}

/** What a test may decide of a RunSignUp; the rest is as the API notes say. */
export interface FakeTraits {
  /** The kind of the account's key: which of the two places it works in. */
  version: 1 | 2
  /** What `/races` gives to a key that is not recognised. */
  unrecognised: 'refused' | 'everything' | 'nothing'
  /** What `/races` gives without a key. */
  keyless: 'everything' | 'refused'
  races: JsonObject[]
  /** All public races, in the order in which anybody sees them. */
  nation: JsonObject[]
  /** By event id; an event of these is known. */
  participants: Record<string, Json[]>
  removed: Record<string, Json[]>
  /** How an event without anybody is told. */
  empty: 'list' | 'null' | 'absent'
  /** Larger pages are refused with error 3. */
  largestPage: number
}

export const KEY = 'key-7f3a9c'
export const SECRET = 'Zq8-s3cret'
const DATE = 'Sat, 02 May 2026 11:00:07 GMT'

/** An error as RunSignUp tells it. */
export const apiError = (code: Json, message = 'refused') => ({
  error: { error_code: code, error_msg: message },
})

/** A small RunSignUp on loopback, and the calls that reached it. */
export async function startFake(part: Partial<FakeTraits> = {}) {
  const traits: FakeTraits = {
    version: 2,
    unrecognised: 'refused',
    keyless: 'everything',
    races: [race(1, [10, 11]), race(2, [20])],
    nation: Array.from({ length: 50 }, (_, i) => race(900 + i, [9000 + i])),
    participants: { 10: [], 11: [], 20: [] },
    removed: {},
    empty: 'list',
    largestPage: Number.POSITIVE_INFINITY,
    ...part,
  }
  const calls: Arrived[] = []
  const scripted: ((response: ServerResponse) => void)[] = []
  const server = createServer((request, response) => {
    const call = arrived(request)
    calls.push(call)
    const script = scripted.shift()
    if (script) return script(response)
    if (call.query.format !== 'json') return send(response, '<?xml version="1.0"?><races/>')
    send(response, JSON.stringify(answer(traits, call)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/Rest`,
    traits,
    calls,
    paths: () => calls.map((call) => call.path),
    /** The next call gets this body instead. */
    next(body: Json | string, status = 200, headers: Record<string, string> = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      scripted.push((response) => send(response, text, status, headers))
    },
    /** The next call's line is cut in the middle of its answer. */
    nextBreaks() {
      scripted.push((response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('[{"ev', () => response.socket?.destroy())
      })
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

export type Fake = Awaited<ReturnType<typeof startFake>>

/** A race of these events. */
export function race(id: number, eventIds: number[]): JsonObject {
  return {
    race_id: id,
    name: `Springhaven Run ${id}`,
    timezone: 'America/Chicago',
    events: eventIds.map((event_id) => ({ event_id, name: '5K', start_time: '3/20/2027 09:00' })),
  }
}

function send(response: ServerResponse, text: string, status = 200, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', date: DATE, ...headers })
  response.end(text)
}

function arrived({ url = '', headers }: IncomingMessage): Arrived {
  const { pathname, searchParams } = new URL(url, 'http://fake')
  const secret = headers['x-rsu-api-secret']
  return {
    path: pathname.replace('/Rest', ''),
    query: Object.fromEntries(searchParams),
    secretHeader: typeof secret === 'string' ? secret : undefined,
  }
}

function answer(traits: FakeTraits, call: Arrived): Json {
  const { query, path } = call
  const key = keyOf(traits, call)
  if (Number(query.results_per_page) > traits.largestPage) return apiError(3)
  if (path === '/races') {
    const listed = key === 'good' ? 'own' : key === 'none' ? traits.keyless : traits.unrecognised
    if (listed === 'refused') return apiError(6)
    const races = listed === 'own' ? traits.races : listed === 'everything' ? traits.nation : []
    return { races: paged(races, query).map((record) => ({ race: record })) }
  }
  if (key !== 'good') return apiError(key === 'none' ? 13 : 6)
  const [, raceId, list] = /^\/race\/(\d+)\/([a-z-]+)$/.exec(path) ?? []
  const known = traits.races.find((record) => String(record.race_id) === raceId)
  if (known === undefined) {
    return apiError(traits.nation.some((record) => String(record.race_id) === raceId) ? 7 : 201)
  }
  const ids = (query.event_id ?? '').split(',')
  if (ids.some((id) => !Object.hasOwn(traits.participants, id))) return apiError(301)
  return ids.map((id) => element(traits, id, list === 'participants' ? 'outer' : 'inner', query))
}

function element(
  traits: FakeTraits,
  id: string,
  place: 'outer' | 'inner',
  query: Record<string, string>,
): Json {
  const all = (place === 'outer' ? traits.participants[id] : traits.removed[id]) ?? []
  const rows = paged(
    all.filter((row) => isNews(row, query)),
    query,
  )
  const told: { participants?: Json } =
    rows.length > 0 || traits.empty === 'list'
      ? { participants: rows }
      : traits.empty === 'null'
        ? { participants: null }
        : {}
  const event = { event_id: Number(id) }
  return place === 'outer'
    ? { event: { ...event, participants: [] }, ...told }
    : { event: { ...event, ...told } }
}

function isNews(row: Json, { modified_after_timestamp: after }: Record<string, string>): boolean {
  const { last_modified, last_modified_ts } = row as JsonObject
  return after === undefined || Number(last_modified_ts ?? last_modified) >= Number(after)
}

/** A page, 50 at a time unless told otherwise. */
function paged<T>(rows: T[], { page = '1', results_per_page = '50' }: Record<string, string>): T[] {
  const size = Number(results_per_page)
  return rows.slice((Number(page) - 1) * size, Number(page) * size)
}

/** A key in the other place is as good as an unknown one. */
function keyOf({ version }: FakeTraits, { query, secretHeader }: Arrived): 'good' | 'bad' | 'none' {
  if (query.api_key === undefined && query.rsu_api_key === undefined) return 'none'
  const isGood =
    version === 2
      ? query.rsu_api_key === KEY && secretHeader === SECRET
      : query.api_key === KEY && query.api_secret === SECRET
  return isGood ? 'good' : 'bad'
}
