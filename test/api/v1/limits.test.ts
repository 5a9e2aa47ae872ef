import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/api/app.ts'
import { RateLimit } from '../../../src/api/v1/limits.ts'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { type Served, serveApi } from './serve.ts'

let api: Served
beforeAll(async () => {
  api = await serveApi({ STARTLIST_API_REQUESTS_PER_SECOND: '2' })
})

describe('a bucket', () => {
  it('lets a burst pass, then as many as time brings, each name by itself', () => {
    const clock = new VirtualClock('2026-05-02T10:00:00Z')
    const limit = new RateLimit({ burst: 3, perSecond: 2 }, clock)
    expect([1, 2, 3].map(() => limit.take('a'))).toEqual([0, 0, 0])
    expect(limit.take('a')).toBe(500)
    expect(limit.take('b')).toBe(0)
    clock.advance(499)
    expect(limit.take('a')).toBeGreaterThan(0)
    clock.advance(1)
    expect([limit.take('a'), limit.take('a') > 0]).toEqual([0, true])
    clock.advance(3_600_000)
    expect([1, 2, 3, 4].map(() => limit.take('a') === 0)).toEqual([true, true, true, false])
  })
})

describe('the API', () => {
  it('answers 429 to a token that asks too often, and goes on answering others', async () => {
    const [busy, calm] = [await api.token(null), await api.token(null)]
    const ask = async (token: string) => (await api.ask('/v1/rejects', token)).status
    for (let i = 0; i < 10; i++) expect(await ask(busy)).toBe(200)
    const refused = await api.ask('/v1/rejects', busy)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS', hint: expect.any(String) })
    expect(await ask(calm)).toBe(200)
    api.clock.advance(1_000)
    expect(await ask(busy)).toBe(200)
  })

  it('takes no body that is larger than a route is for', async () => {
    const body = JSON.stringify({ token: 'x'.repeat(70_000) })
    const answer = await api.ask('/v1/session', null, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
    })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'BODY_TOO_LARGE'])
  })

  it('says that it is starting, while its database is being opened', async () => {
    const app = createApp({
      readiness: async () => ({ ready: false, reasons: [] }),
      metrics: async () => ({ text: '', contentType: 'text/plain' }),
      services: () => null,
      failed: () => {},
    })
    const answer = await app.request('/v1/board')
    expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ code: 'STARTING' })])
    expect((await app.request('/v1/openapi.json')).status).toBe(200)
  })

  it('answers pages of no other origin: there is no CORS', async () => {
    const answer = await api.ask('/v1/board', null, {
      method: 'OPTIONS',
      headers: { origin: 'http://elsewhere.test', 'access-control-request-method': 'GET' },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.status).toBe(401)
  })
})
