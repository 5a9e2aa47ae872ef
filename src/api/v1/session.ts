import { createRoute, z } from '@hono/zod-openapi'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { StartlistError } from '../../domain/errors.ts'
import { beginSession, endSession, findSession, takeLink } from '../../store/api-sessions.ts'
import { findToken } from '../../store/api-tokens.ts'
import { answers, Instant, iso, jsonBody, newArea, problems } from './area.ts'
import { COOKIE, requireSameOrigin, signedIn } from './auth.ts'
import type { ApiContext } from './context.ts'

/** Signing in with a browser, by a token or by the link that `run` prints. */
export const session = newArea()

const Session = z
  .object({
    name: z.string().openapi({ description: 'Of the token' }),
    admin: z.boolean(),
    partnerId: z.int().nullable().openapi({ description: 'Null for an administrator' }),
    expiresAt: Instant.nullable().openapi({ description: 'Of a browser’s sign-in; null for a token itself' }),
  })
  .openapi('Session')

const SignIn = z
  .object({
    token: z
      .string()
      .max(200)
      .openapi({ description: 'Of `startlist tokens create`, or of the link of `startlist run`' }),
  })
  .openapi('SignIn')

const begin = createRoute({
  method: 'post',
  path: '/session',
  tags: ['Sign-in'],
  summary: 'Sign a browser in',
  description: 'Sets an http-only cookie. A link works once.',
  security: [],
  request: { body: jsonBody(SignIn) },
  responses: answers(Session, 'Signed in', 201),
})

session.openapi(begin, async (c) => {
  // Else a foreign page could sign a browser in as somebody else.
  if (c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined)
    requireSameOrigin(c)
  const { db } = c.var.services
  const { token } = c.req.valid('json')
  const scope = await findToken(db, token)
  if (scope === null && !(await takeLink(db, token)))
    throw new StartlistError('SIGN_IN_NEEDED', 'this token or link opens nothing', {
      hint: 'startlist tokens create makes a token; a link works once, for 15 minutes.',
    })
  const { secret, expiresAt } = await beginSession(db, scope?.tokenId ?? null)
  setCookie(c, COOKIE, secret, { ...cookieOptions(c), expires: new Date(expiresAt) })
  const partnerId = scope?.partnerId ?? null
  const name = scope?.name ?? 'this machine'
  return c.json({ name, admin: partnerId === null, partnerId, expiresAt: iso(expiresAt) }, 201)
})

const show = createRoute({
  method: 'get',
  path: '/session',
  tags: ['Sign-in'],
  summary: 'Who is signed in',
  responses: answers(Session, 'Whoever asks'),
  middleware: [signedIn] as const,
})

session.openapi(show, async (c) => {
  const { caller, services } = c.var.call
  const secret = caller.byCookie ? getCookie(c, COOKIE) : undefined
  const found = secret === undefined ? null : await findSession(services.db, secret)
  const { name, partnerId } = caller
  return c.json({ name, admin: partnerId === null, partnerId, expiresAt: iso(found?.expiresAt ?? null) }, 200)
})

const end = createRoute({
  method: 'delete',
  path: '/session',
  tags: ['Sign-in'],
  summary: 'Sign a browser out',
  security: [],
  responses: { 204: { description: 'Signed out, or was not signed in' }, ...problems },
})

session.openapi(end, async (c) => {
  const secret = getCookie(c, COOKIE)
  if (secret !== undefined) {
    requireSameOrigin(c)
    await endSession(c.var.services.db, secret)
  }
  deleteCookie(c, COOKIE, cookieOptions(c))
  return c.body(null, 204)
})

/** Behind TLS that somebody else puts in front, the cookie stays on it. */
function cookieOptions(c: ApiContext) {
  const isTls = c.req.header('x-forwarded-proto') === 'https'
  return { httpOnly: true, sameSite: 'Strict', path: '/v1', secure: isTls } as const
}
