import { beforeAll, describe, expect, it } from 'vitest'
import { signInLink } from '../../../src/cli/run-api.ts'
import { createLink } from '../../../src/store/api-sessions.ts'
import { createToken, revokeToken } from '../../../src/store/api-tokens.ts'
import { seedPartner } from '../../store/isolation/partner-rows.ts'
import { type Served, serveApi } from './serve.ts'

const HOST = 'http://startlist.test'
const OWN = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let api: Served
beforeAll(async () => {
  api = await serveApi()
})

const signIn = (token: string, headers: Record<string, string> = OWN) =>
  api.app.request(`${HOST}/v1/session`, { method: 'POST', headers, body: JSON.stringify({ token }) })
const cookieOf = (answer: Response) => answer.headers.get('set-cookie')!.split(';')[0]!
const who = (cookie: string) => api.app.request(`${HOST}/v1/session`, { headers: { cookie } })

describe('a browser', () => {
  it('signs in with a token, and its cookie is for our pages alone and no script’s', async () => {
    const { partnerId } = await seedPartner(api.db, 'alder')
    const token = await api.token(partnerId)
    const answer = await signIn(token)
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ name: 'of a test', admin: false, partnerId })
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
    expect(answer.headers.get('set-cookie')).not.toContain(token)
    const seen = await who(cookieOf(answer))
    expect(await seen.json()).toMatchObject({ partnerId, expiresAt: '2026-05-16T10:00:00.000Z' })
  })

  it('keeps the cookie on TLS where that is in front', async () => {
    const answer = await signIn(await api.token(null), { ...OWN, 'x-forwarded-proto': 'https' })
    expect(answer.headers.get('set-cookie')).toContain('Secure')
  })

  it('signs out', async () => {
    const cookie = cookieOf(await signIn(await api.token(null)))
    const answer = await api.app.request(`${HOST}/v1/session`, {
      method: 'DELETE',
      headers: { cookie, ...OWN },
    })
    expect(answer.status).toBe(204)
    expect((await who(cookie)).status).toBe(401)
  })

  it('is out once its token is revoked or over, and after two weeks', async () => {
    const made = await createToken(api.db, { name: 'x', partnerId: null, expiresAt: null })
    const revoked = cookieOf(await signIn(made.token))
    expect((await who(revoked)).status).toBe(200)
    await revokeToken(api.db, made.tokenId)
    expect((await who(revoked)).status).toBe(401)

    const short = await createToken(api.db, { name: 'x', partnerId: null, expiresAt: api.clock.now() + DAY })
    const [brief, long] = [cookieOf(await signIn(short.token)), cookieOf(await signIn(await api.token(null)))]
    api.clock.advance(DAY)
    expect([(await who(brief)).status, (await who(long)).status]).toEqual([401, 200])
    api.clock.advance(13 * DAY)
    expect((await who(long)).status).toBe(401)
  })

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site', origin: HOST }],
    [{ origin: 'http://elsewhere.test' }],
    [{ origin: 'null' }],
  ])('of a page of another origin neither signs in nor changes anything: %o', async (headers) => {
    const json = { 'content-type': 'application/json', ...headers } as Record<string, string>
    expect((await signIn(await api.token(null), json)).status).toBe(403)
    const cookie = cookieOf(await signIn(await api.token(null)))
    const out = await api.app.request(`${HOST}/v1/session`, {
      method: 'DELETE',
      headers: { cookie, ...json },
    })
    expect([out.status, (await who(cookie)).status]).toEqual([403, 200])
  })

  it('that does not say where a page came from is believed by its origin', async () => {
    const headers = { 'content-type': 'application/json', origin: HOST, host: new URL(HOST).host }
    expect((await signIn(await api.token(null), headers)).status).toBe(201)
  })
})

describe('the link of run', () => {
  it('is for the embedded database, and only where a port is open', async () => {
    const config = { ...api.services.config, databaseUrl: null }
    const link = await signInLink({ ...api.services, config, url: '' }, 'http://127.0.0.1:8080')
    const [, token] = /^http:\/\/127\.0\.0\.1:8080\/#\/sign-in\?token=([\w-]{43})$/.exec(link!)!
    expect((await signIn(token!)).status).toBe(201)
    expect(await signInLink({ ...api.services, config, url: '' }, null)).toBeNull()
    expect(await signInLink({ ...api.services, url: '' }, 'http://127.0.0.1:8080')).toBeNull()
  })

  it('signs an administrator in, once', async () => {
    const link = await createLink(api.db)
    const answer = await signIn(link)
    expect(await answer.json()).toMatchObject({ admin: true, partnerId: null, name: 'this machine' })
    expect(await (await who(cookieOf(answer))).json()).toMatchObject({ admin: true })
    expect((await signIn(link)).status).toBe(401)
  })

  it('is over after a quarter of an hour, and when there is a newer one', async () => {
    const first = await createLink(api.db)
    const second = await createLink(api.db)
    expect((await signIn(first)).status).toBe(401)
    api.clock.advance(15 * MINUTE)
    expect((await signIn(second)).status).toBe(401)
  })
})

describe('a token', () => {
  it.each(['', 'slt_', `slt_${'A'.repeat(43)}`, 'A'.repeat(43)])(
    'that is none opens nothing: %s',
    async (token) => {
      expect((await signIn(token)).status).toBe(401)
      const answer = await api.ask('/v1/session', token)
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="startlist"',
      ])
      expect(await answer.json()).toMatchObject({ code: 'SIGN_IN_NEEDED', status: 401 })
    },
  )

  it('needs no sign-in', async () => {
    const answer = await api.ask('/v1/session', await api.token(null))
    expect(await answer.json()).toEqual({ name: 'of a test', admin: true, partnerId: null, expiresAt: null })
  })

  it('goes before a cookie', async () => {
    const cookie = cookieOf(await signIn(await api.token(null)))
    expect((await api.ask('/v1/session', 'slt_x', { headers: { cookie } })).status).toBe(401)
  })
})
