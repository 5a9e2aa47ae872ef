import { describe, expect, it } from 'vitest'
import { createApp } from '../../src/api/app.ts'
import { type Readiness, STARTING } from '../../src/api/readiness.ts'
import { listen } from '../../src/api/server.ts'

const READY: Readiness = { ready: true, reasons: [] }

const CLOSED = { services: () => null, failed: () => {} }

function appWith(readiness: Readiness = READY) {
  return createApp({
    ...CLOSED,
    readiness: async () => readiness,
    metrics: async () => ({ text: 'startlist_turns_total 1\n', contentType: 'text/plain; version=0.0.4' }),
  })
}

describe('the HTTP service', () => {
  it('says that the process lives, also while it is not ready', async () => {
    const answer = await appWith(STARTING).request('/healthz')
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true }])
  })

  it('says whether it is ready, and why not', async () => {
    expect((await appWith().request('/readyz')).status).toBe(200)
    const answer = await appWith(STARTING).request('/readyz')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      ready: false,
      reasons: [{ check: 'start', code: 'STARTING' }],
    })
  })

  it('shows metrics in the form of Prometheus', async () => {
    const answer = await appWith().request('/metrics')
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(await answer.text()).toBe('startlist_turns_total 1\n')
  })

  it.each([
    ['/index.php', 'GET', 404],
    ['/metrics/../etc', 'GET', 404],
    ['/readyz', 'POST', 405],
    ['/nowhere', 'DELETE', 405],
  ])('answers %s %s with a problem', async (path, method, status) => {
    const answer = await appWith().request(path, { method })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status })
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  it('lets no page embed, sniff or keep what it answers', async () => {
    for (const path of ['/healthz', '/nowhere']) {
      const { headers } = await appWith().request(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('tells nothing of what failed inside', async () => {
    const failures: unknown[] = []
    const app = createApp({
      ...CLOSED,
      failed: (error) => failures.push(error),
      readiness: () => Promise.reject(new Error('postgres://me:hunter2hunter2@db')),
      metrics: async () => ({ text: '', contentType: 'text/plain' }),
    })
    const answer = await app.request('/readyz')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('hunter2')
    expect(failures).toHaveLength(1)
  })
})

describe('its port', () => {
  it('is this machine’s alone, and a taken one is named', async () => {
    const first = await listen(appWith(), { host: '127.0.0.1', port: 0 })
    const answer = await fetch(`http://127.0.0.1:${first.port}/healthz`)
    expect(answer.status).toBe(200)
    await expect(listen(appWith(), { host: '127.0.0.1', port: first.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(first.port)),
    })
    await first.close()
    await expect(fetch(`http://127.0.0.1:${first.port}/healthz`)).rejects.toThrow()
  })

  it('cannot be on an address that is not this machine’s', async () => {
    await expect(listen(appWith(), { host: '203.0.113.7', port: 0 })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })
})
