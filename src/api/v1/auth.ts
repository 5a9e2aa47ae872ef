import type { MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { StartlistError } from '../../domain/errors.ts'
import { findSession } from '../../store/api-sessions.ts'
import { findToken } from '../../store/api-tokens.ts'
import { type ApiContext, type ApiEnv, Call, type Caller } from './context.ts'

/** Holds a session's secret; of no use without the database, where its hash is. */
export const COOKIE = 'startlist_session'

const SAFE = new Set(['GET', 'HEAD'])

/** Lets in who comes with a token or a cookie, as a {@link Call}. Looked up anew with each request: revoked is out. */
export const signedIn: MiddlewareHandler<ApiEnv> = createMiddleware<ApiEnv>(async (c, next) => {
  const caller = await callerOf(c)
  if (caller === null) throw new StartlistError('SIGN_IN_NEEDED', 'this needs a token, or a sign-in')
  if (caller.byCookie && !SAFE.has(c.req.method)) requireSameOrigin(c)
  c.set('call', new Call(caller, c.var.services))
  await next()
})

async function callerOf(c: ApiContext): Promise<Caller | null> {
  const { db } = c.var.services
  const header = c.req.header('authorization')
  if (header !== undefined) {
    const [, token] = /^Bearer +(\S+) *$/i.exec(header) ?? []
    const scope = token === undefined ? null : await findToken(db, token)
    return scope && { ...scope, bucket: `token ${scope.tokenId}`, byCookie: false }
  }
  const secret = getCookie(c, COOKIE)
  const scope = secret === undefined ? null : await findSession(db, secret)
  return scope && { ...scope, bucket: `session ${scope.tokenId}`, byCookie: true }
}

/**
 * A cookie goes with whatever page makes the browser ask, so one that changes something has to come from our own
 * pages. Browsers say so; what says nothing is no browser of these years.
 * @throws StartlistError FOREIGN_ORIGIN
 */
export function requireSameOrigin(c: ApiContext): void {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  const isOwn = site === undefined ? isOwnOrigin(origin, c.req.header('host')) : site === 'same-origin'
  if (!isOwn) throw new StartlistError('FOREIGN_ORIGIN', 'this came from a page of another origin')
}

function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && URL.parse(origin)?.host === host
}
