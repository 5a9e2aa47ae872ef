import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import {
  type AccessToken,
  hakuTokens,
  renewAt,
  type TokenOptions,
  type TokenStore,
} from '../../../src/providers/haku/token.ts'
import { createHttp } from '../../../src/providers/http.ts'
import { memoryMeter } from '../meter.ts'

const start = Date.parse('2026-05-02T10:00:00Z')
const clientId = 'client-id_7'

/** What several processes share: a store with a lock, in memory. */
function memoryStore() {
  let token: AccessToken | null = null
  let last: Promise<unknown> = Promise.resolve()
  const store: TokenStore = {
    read: async () => token,
    save: async (next) => {
      token = next
    },
    withLock(fn) {
      const mine = last.then(fn)
      last = mine.catch(() => {})
      return mine
    },
  }
  return { store, put: (next: AccessToken | null) => (token = next), get: () => token }
}

type Endpoint = (secret: string, n: number) => Response

function setup(endpoint: Endpoint, part: Partial<TokenOptions> = {}) {
  const clock = new VirtualClock(start)
  const { meter, rows } = memoryMeter(clock)
  const shared = memoryStore()
  const told: string[] = []
  const requests: { url: string; headers: Headers; body: string }[] = []
  const fake = (async (url: URL, init: RequestInit) => {
    const headers = new Headers(init.headers)
    requests.push({ url: String(url), headers, body: String(init.body) })
    const pair = atob(headers.get('authorization')?.replace('Basic ', '') ?? '')
    return endpoint(pair.slice(clientId.length + 1), requests.length)
  }) as unknown as typeof fetch
  const options: TokenOptions = {
    tokenUrl: 'https://auth.example/oauth2/token',
    clientId,
    secrets: [{ credentialId: 1, secret: 's3cret-one' }],
    http: createHttp({ clock, meter, fetch: fake }),
    clock,
    tokens: shared.store,
    onRefused: (id) => void told.push(`refused ${id}`),
    onProven: (id) => void told.push(`proven ${id}`),
    ...part,
  }
  return { tokens: hakuTokens(options), options, clock, rows, shared, told, requests }
}

const granting: Endpoint = (_, n) =>
  Response.json({ access_token: `token-${n}`, expires_in: 3600, token_type: 'Bearer' })
const refusing: Endpoint = () => Response.json({ error: 'invalid_client' }, { status: 400 })

describe('obtaining', () => {
  it('asks as the API notes say: Basic, client credentials, no scope; one ledger row', async () => {
    const { tokens, requests, rows } = setup(granting)
    expect(await tokens.current()).toEqual({
      token: 'token-1',
      obtainedAt: start,
      expiresAt: start + 3_600_000,
      credentialId: 1,
    })
    expect(requests[0]?.headers.get('authorization')).toBe(`Basic ${btoa(`${clientId}:s3cret-one`)}`)
    expect(requests[0]?.headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/)
    expect(requests[0]?.body).toBe('grant_type=client_credentials')
    expect(rows).toMatchObject([{ purpose: 'token', status: 200, errorCode: null }])
  })

  it.each<[string, object, number]>([
    ['no expires_in', { access_token: 'a', token_type: 'Bearer' }, 3600],
    ['no token_type', { access_token: 'a', expires_in: 60 }, 60],
    ['expires_in as text', { access_token: 'a', expires_in: '120' }, 120],
    ['a senseless expires_in', { access_token: 'a', expires_in: 0 }, 3600],
  ])('takes an answer with %s', async (_, body, seconds) => {
    const { tokens } = setup(() => Response.json(body))
    expect((await tokens.current()).expiresAt).toBe(start + seconds * 1000)
  })

  it.each<[string, () => Response, string, number]>([
    ['400', () => Response.json({ error: 'invalid_client' }, { status: 400 }), 'CREDENTIAL_REFUSED', 1],
    [
      '401',
      () => new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
      'CREDENTIAL_REFUSED',
      1,
    ],
    ['403', () => new Response('', { status: 403 }), 'FORBIDDEN', 1],
    ['404', () => new Response('', { status: 404 }), 'NOT_FOUND', 1],
    ['429', () => new Response('', { status: 429 }), 'THROTTLED', 1],
    ['500', () => new Response('', { status: 500 }), 'PROVIDER_DOWN', 3],
    ['a redirect', () => new Response('', { status: 302 }), 'REDIRECT_REFUSED', 1],
    ['HTML', () => new Response('<html>'), 'BAD_BODY', 3],
    ['JSON without a token', () => Response.json({ token: 's3cret-token' }), 'BAD_BODY', 1],
    [
      'a token that no header can carry',
      () => Response.json({ access_token: 's3cret\ntoken' }),
      'BAD_BODY',
      1,
    ],
    [
      'an unknown token type',
      () => Response.json({ access_token: 's3cret', token_type: 'mac' }),
      'BAD_BODY',
      1,
    ],
  ])('answered by %s fails by class, and says no secret', async (_, reply, code, calls) => {
    const { tokens, rows } = setup(reply)
    const error = await tokens.current().catch((thrown) => thrown)
    expect(error.code).toBe(code)
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('s3cret')
    expect(rows.length).toBe(calls)
  })

  it('refuses to send a secret over plain http to another machine, before any call', async () => {
    const { tokens, rows } = setup(granting, { tokenUrl: 'http://auth.example/oauth2/token' })
    await expect(tokens.current()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(rows).toEqual([])
    const local = setup(granting, { tokenUrl: 'http://127.0.0.1:9/oauth2/token' })
    expect((await local.tokens.current()).token).toBe('token-1')
  })
})

describe('renewal', () => {
  it.each([
    [3600, 3300],
    [600, 480],
    [60, 48],
    [86_400, 86_100],
  ])('of a token of %i s is due after %i s', (life, due) => {
    expect(renewAt({ token: 't', obtainedAt: 0, expiresAt: life * 1000, credentialId: 1 })).toBe(due * 1000)
  })

  it('happens once per lifetime', async () => {
    const { tokens, clock, rows } = setup(granting)
    for (const at of [0, 1000, 3299]) {
      clock.set(start + at * 1000)
      expect((await tokens.current()).token).toBe('token-1')
    }
    clock.set(start + 3_300_000)
    expect((await tokens.current()).token).toBe('token-2')
    expect(rows.length).toBe(2)
  })

  it('is one for many callers, in this process and in others', async () => {
    const one = setup(granting)
    const other = hakuTokens(one.options)
    const all = await Promise.all([1, 2, 3].flatMap(() => [one.tokens.current(), other.current()]))
    expect(new Set(all.map((token) => token.token))).toEqual(new Set(['token-1']))
    expect(one.rows.length).toBe(1)
    const [first] = all as [AccessToken]
    const renewed = await Promise.all([one.tokens.renew(first), other.renew(first), one.tokens.renew(first)])
    expect(renewed.map((token) => token.token)).toEqual(['token-2', 'token-2', 'token-2'])
    expect(one.rows.length).toBe(2)
  })

  it('takes what another process stored, unless it is the refused one', async () => {
    const { tokens, shared, rows } = setup(granting)
    const stored = { token: 'stored', obtainedAt: start, expiresAt: start + 3_600_000, credentialId: 9 }
    shared.put(stored)
    expect(await tokens.current()).toEqual(stored)
    expect(rows.length).toBe(0)
    expect((await tokens.renew(stored)).token).toBe('token-1')
    expect(shared.get()?.token).toBe('token-1')
  })

  it('takes a provider at its word that hands out the same token again', async () => {
    const { tokens, rows } = setup(() => Response.json({ access_token: 'same', expires_in: 3600 }))
    expect((await tokens.renew(await tokens.current())).token).toBe('same')
    expect(rows.length).toBe(2)
  })
})

describe('several secrets of one account (S1)', () => {
  const secrets = [
    { credentialId: 1, secret: 'old' },
    { credentialId: 2, secret: 'good' },
  ]
  const picky: Endpoint = (secret, n) => (secret === 'good' ? granting(secret, n) : refusing(secret, n))

  it('goes on with the next one, and tells of the refused one once', async () => {
    const { tokens, clock, told, rows } = setup(picky, { secrets })
    expect((await tokens.current()).credentialId).toBe(2)
    clock.advance(3_400_000)
    await tokens.current()
    expect(told).toEqual(['refused 1', 'proven 2', 'proven 2'])
    expect(rows.length).toBe(3)
  })

  it('spends one call on each when all are refused, and none afterwards (N4)', async () => {
    const { tokens, told, rows } = setup(refusing, { secrets })
    for (let i = 0; i < 3; i++)
      await expect(tokens.current()).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' })
    expect(told).toEqual(['refused 1', 'refused 2'])
    expect(rows.length).toBe(2)
  })

  it('does not blame the next secret for an outage', async () => {
    const { tokens, told, rows } = setup(() => new Response('', { status: 500 }), { secrets })
    await expect(tokens.current()).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
    expect([told, rows.length]).toEqual([[], 3])
  })

  it('proves a secret by a token of its own, though there is one', async () => {
    const { tokens, told, rows, shared } = setup(picky, { secrets })
    await tokens.current()
    await expect(tokens.prove({ credentialId: 3, secret: 'wrong' })).rejects.toMatchObject({
      code: 'CREDENTIAL_REFUSED',
    })
    expect((await tokens.prove({ credentialId: 4, secret: 'good' })).credentialId).toBe(4)
    expect(told).toEqual(['refused 1', 'proven 2', 'refused 3', 'proven 4'])
    expect(rows.length).toBe(4)
    expect(shared.get()?.credentialId).toBe(4)
    expect((await tokens.current()).credentialId).toBe(4)
  })
})
