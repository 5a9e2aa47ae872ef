import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { type ErrorCode, StartlistError } from '../../src/domain/errors.ts'
import {
  createHttp,
  type HttpAnswer,
  type HttpOptions,
  type HttpRequest,
  retryAfter,
} from '../../src/providers/http.ts'
import { memoryMeter } from './meter.ts'

const start = Date.parse('2026-05-02T11:00:00Z')
const SECRET = 'hunter2-token'

const request = (part: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL(`https://api.example/events/e1/participants?page=1&key=${SECRET}`),
  headers: { authorization: SECRET },
  purpose: 'list',
  eventId: 'e1',
  ...part,
})

type Reply = () => Response | Promise<Response>

/** An http whose provider gives these replies in turn, the last one for ever. */
function scripted(replies: Reply[], options: Partial<HttpOptions> = {}, limit?: number) {
  const clock = new VirtualClock(start)
  const book = memoryMeter(clock, limit)
  let asked = 0
  const fake = (async (_url: URL, init: RequestInit) => {
    expect(init.redirect).toBe('manual')
    const reply = replies[Math.min(asked++, replies.length - 1)] as Reply
    return reply()
  }) as unknown as typeof fetch
  return { http: createHttp({ clock, meter: book.meter, fetch: fake, ...options }), clock, ...book }
}

const json = (body: unknown, init?: ResponseInit) => () => Response.json(body, init)
const text =
  (body: string, status = 200) =>
  () =>
    new Response(body, { status })
const fail = (code?: string) => () => {
  const cause = Object.assign(new Error(`connect to https://api.example/?key=${SECRET}`), code && { code })
  throw new TypeError(`fetch failed ${SECRET}`, { cause })
}

async function errorOf(promise: Promise<unknown>): Promise<StartlistError> {
  const error = await promise.then(
    () => new Error('no error'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StartlistError)
  const told = error as StartlistError
  expect(
    `${told.message} ${told.hint} ${told.stack} ${JSON.stringify(told)} ${String(told.cause)}`,
  ).not.toContain('hunter2')
  return told
}

describe('an answer', () => {
  it('comes with its JSON and date, and one ledger row', async () => {
    const date = 'Sat, 02 May 2026 11:00:07 GMT'
    const { http, rows } = scripted([json([1, 2], { headers: { date } })])
    expect(await http(request())).toMatchObject({ status: 200, json: [1, 2], date: start + 7000 })
    expect(rows).toEqual([
      {
        purpose: 'list',
        eventId: 'e1',
        timeoutMs: 30_000,
        at: start,
        status: 200,
        errorCode: null,
        retryAfterMs: null,
      },
    ])
  })

  it.each([400, 401, 403, 404, 405, 409, 422])(
    '%i is for the caller to understand, with or without JSON',
    async (status) => {
      const { http, rows } = scripted([json({ error: 'x' }, { status }), text('<html>', status)])
      expect(await http(request())).toMatchObject({ status, json: { error: 'x' }, date: null })
      expect(await http(request())).toMatchObject({ status, json: null })
      expect(rows.map((row) => row.status)).toEqual([status, status])
    },
  )

  it('keeps every digit of an integer too large for a double, and leaves other numbers alone', async () => {
    const { http } = scripted([
      text('[{"n":12345678901234567890,"m":-98765432109876543210, "x":1.5,"t":"12345678901234567890"}]'),
    ])
    const row = { n: '12345678901234567890', m: '-98765432109876543210', x: 1.5, t: '12345678901234567890' }
    expect((await http(request())).json).toEqual([row])
  })

  it('puts U+FFFD for bytes that are no UTF-8', async () => {
    const { http } = scripted([() => new Response(Uint8Array.from([0x22, 0x41, 0xff, 0x22]))])
    expect((await http(request())).json).toBe('A\ufffd')
  })
})

describe('what may pass is tried three times', () => {
  it.each<[string, Reply, number | null]>([
    ['NETWORK', fail('ECONNRESET'), null],
    ['NETWORK', fail(), null],
    ['PROVIDER_DOWN', text('', 500), 500],
    ['PROVIDER_DOWN', json({ message: SECRET }, { status: 503 }), 503],
    ['TIMEOUT', text('', 408), 408],
    ['BAD_BODY', text(`<html>${SECRET}`), 200],
    ['BAD_BODY', text(`[{"dob":"1990-01-01 ${SECRET}`), 200],
    ['BAD_BODY', text(''), 200],
    ['BAD_BODY', () => new Response(null, { status: 204 }), 204],
  ])('%s, each attempt in the ledger', async (code, reply, status) => {
    const { http, rows, clock } = scripted([reply])
    const error = await errorOf(http(request()))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^GET \/events\/e1\/participants: /)
    expect(rows.map((row) => [row.errorCode, row.status])).toEqual(Array(3).fill([code, status]))
    expect(clock.now() - start).toBe(3000)
  })

  it('and succeeds when a later attempt does', async () => {
    const { http, rows } = scripted([text('', 502), fail('EPIPE'), json({})])
    expect((await http(request())).status).toBe(200)
    expect(rows.map((row) => row.errorCode)).toEqual(['PROVIDER_DOWN', 'NETWORK', null])
  })

  it('unless the caller allows one attempt only', async () => {
    const { http, rows } = scripted([text('', 500)])
    expect((await errorOf(http(request({ attempts: 1 })))).code).toBe('PROVIDER_DOWN')
    expect(rows.length).toBe(1)
  })

  it('waits as long as a 503 asks, but gives up where that is long', async () => {
    const down = (after: string) => () => new Response('', { status: 503, headers: { 'retry-after': after } })
    const short = scripted([down('20'), json({})])
    await short.http(request())
    expect(short.clock.now() - start).toBe(20_000)
    const long = scripted([down('600')])
    expect((await errorOf(long.http(request()))).retryAt).toBe(start + 600_000)
    expect(long.rows.length).toBe(1)
  })

  it('stops when the ledger refuses, though that error may be of the same class', async () => {
    const { http, rows } = scripted([text('', 500)], {}, 1)
    expect((await errorOf(http(request()))).code).toBe('QUOTA_SPENT')
    expect(rows.length).toBe(1)
  })

  it('names the system’s code, from however deep', async () => {
    const deep = () => {
      const inner = Object.assign(new Error('x'), { code: 'ENOTFOUND' })
      throw new TypeError('fetch failed', { cause: new Error('y', { cause: inner }) })
    }
    expect((await errorOf(scripted([deep]).http(request()))).message).toContain('ENOTFOUND')
  })
})

describe('what does not pass is tried once', () => {
  it('a throttle, with the instant until which it holds', async () => {
    const { http, rows } = scripted([
      () => new Response('', { status: 429, headers: { 'retry-after': '17' } }),
    ])
    expect(await errorOf(http(request()))).toMatchObject({
      code: 'THROTTLED',
      status: 429,
      retryAt: start + 17_000,
    })
    expect(rows).toMatchObject([{ status: 429, errorCode: 'THROTTLED', retryAfterMs: 17_000 }])
  })

  it.each([301, 302, 307])('a redirect (%i), which is not followed', async (status) => {
    const location = `https://elsewhere.example/${SECRET}`
    const { http, rows } = scripted([() => new Response('', { status, headers: { location } })])
    expect((await errorOf(http(request()))).code).toBe('REDIRECT_REFUSED')
    expect(rows).toMatchObject([{ status, errorCode: 'REDIRECT_REFUSED' }])
  })

  it('a body beyond the cap counts as broken', async () => {
    const { http } = scripted([json('x'.repeat(100))], { maxBodyBytes: 50 })
    expect((await errorOf(http(request({ attempts: 1 })))).message).toContain('longer than 50 bytes')
  })

  it('a header that cannot be sent costs no call and shows no value', async () => {
    const { http, rows } = scripted([json({})])
    expect((await errorOf(http(request({ headers: { authorization: `a\n${SECRET}` } })))).code).toBe(
      'INTERNAL',
    )
    expect(rows).toEqual([])
  })
})

describe('an answer that its reader judges to be a refusal', () => {
  const judged = (code: ErrorCode, replies: Reply[]) => {
    const world = scripted(replies)
    const judge = ({ status, json }: HttpAnswer) =>
      json === 'refused' ? new StartlistError(code, 'refused in the body', { status }) : null
    return { ...world, answer: () => world.http(request({ judge })) }
  }

  it.each<[ErrorCode, number]>([
    ['PROVIDER_DOWN', 3],
    ['THROTTLED', 1],
    ['CREDENTIAL_REFUSED', 1],
    ['NOT_FOUND', 1],
  ])('%s is the attempt’s own error, in the ledger, and tried %i times', async (code, attempts) => {
    const { answer, rows } = judged(code, [json('refused', { headers: { 'retry-after': '9' } })])
    expect((await errorOf(answer())).code).toBe(code)
    expect(rows.map((row) => [row.status, row.errorCode, row.retryAfterMs])).toEqual(
      Array(attempts).fill([200, code, 9000]),
    )
  })

  it('is an answer where it raises nothing, or a later attempt does better', async () => {
    const { answer, rows } = judged('PROVIDER_DOWN', [json('refused'), json('fine')])
    expect((await answer()).json).toBe('fine')
    expect(rows.map((row) => row.errorCode)).toEqual(['PROVIDER_DOWN', null])
  })
})

describe('time and abort', () => {
  const hanging = ((_url: URL, { signal }: RequestInit) =>
    new Promise((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason)),
    )) as unknown as typeof fetch

  it('gives up after the timeout', async () => {
    const { http, rows } = scripted([], { fetch: hanging, timeoutMs: 5 })
    expect((await errorOf(http(request()))).code).toBe('TIMEOUT')
    expect(rows.map((row) => row.errorCode)).toEqual(['TIMEOUT', 'TIMEOUT', 'TIMEOUT'])
  })

  it('does not send when the time of its ledger row is over', async () => {
    const clock = new VirtualClock(start)
    const book = memoryMeter(clock)
    let sent = 0
    const http = createHttp({
      clock,
      meter: {
        acquire: async (call) => {
          const ticket = await book.meter.acquire(call)
          clock.advance(60_000)
          return ticket
        },
      },
      fetch: (async () => {
        sent++
        return Response.json({})
      }) as typeof fetch,
    })
    expect((await errorOf(http(request({ attempts: 1 })))).code).toBe('TIMEOUT')
    expect([sent, book.rows[0]?.errorCode]).toEqual([0, 'TIMEOUT'])
  })

  it('lets a call under way be answered after a stop, since it is paid for, and makes no other', async () => {
    const stop = new AbortController()
    const answering = (async () => {
      stop.abort(new Error('stopped'))
      return Response.json({ answered: true })
    }) as typeof fetch
    const { http, rows } = scripted([], { fetch: answering, signal: stop.signal })
    expect((await http(request())).json).toEqual({ answered: true })
    await expect(http(request())).rejects.toThrow('stopped')
    expect(rows).toMatchObject([{ status: 200, errorCode: null }])
  })
})

describe('Retry-After', () => {
  const date = 'Sat, 02 May 2026 11:00:00 GMT'
  it.each<[string, Record<string, string>, number | null]>([
    ['seconds', { 'retry-after': '90' }, 90_000],
    ['a date, by our clock', { 'retry-after': 'Sat, 02 May 2026 11:01:00 GMT' }, 60_000],
    [
      'a date, by the server’s clock',
      { 'retry-after': 'Sat, 02 May 2026 11:10:00 GMT', date: 'Sat, 02 May 2026 11:09:30 GMT' },
      30_000,
    ],
    ['a date gone by', { 'retry-after': 'Sat, 02 May 2026 10:00:00 GMT', date }, 0],
    ['nonsense', { 'retry-after': 'soon' }, null],
    ['a negative number', { 'retry-after': '-5' }, null],
    ['nothing', {}, null],
  ])('reads %s', (_, headers, ms) => {
    expect(retryAfter(new Headers(headers), start)).toBe(ms)
  })
})

describe('a real server', () => {
  it('that breaks off mid-body, or is not there, is a network error', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('[1, 2', () => response.socket?.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/events`)
    const { http, rows } = scripted([], { fetch })
    expect((await errorOf(http(request({ url })))).code).toBe('NETWORK')
    expect(rows.map((row) => [row.status, row.errorCode])).toEqual(Array(3).fill([200, 'NETWORK']))
    await new Promise((resolve) => server.close(resolve))
    const gone = await errorOf(http(request({ url, attempts: 1 })))
    expect([gone.code, gone.message]).toEqual(['NETWORK', 'GET /events: connection failed (ECONNREFUSED)'])
  })
})
