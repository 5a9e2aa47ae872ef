import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Readiness } from './readiness.ts'

/** What the server answers from. */
export interface Answers {
  readiness(): Promise<Readiness>
  metrics(): Promise<{ text: string; contentType: string }>
}

/** The HTTP service of a running startlist: only GET, and nothing that is anybody's secret. */
export function createApp(answers: Answers): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      referrerPolicy: 'no-referrer',
      // For whoever puts TLS in front to say.
      strictTransportSecurity: false,
    }),
  )
  app.use(async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
  })
  app.use(async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    c.header('Allow', 'GET, HEAD')
    return c.body(problem(405, 'Only GET is answered here'), 405, PROBLEM)
  })

  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    const readiness = await answers.readiness()
    return c.json(readiness, readiness.ready ? 200 : 503)
  })
  app.get('/metrics', async (c) => {
    const { text, contentType } = await answers.metrics()
    return c.body(text, 200, { 'Content-Type': contentType })
  })

  app.notFound((c) => c.body(problem(404, 'There is nothing here'), 404, PROBLEM))
  app.onError((_, c) => c.body(problem(500, 'startlist failed; its log says more'), 500, PROBLEM))
  return app
}

const PROBLEM = { 'Content-Type': 'application/problem+json' }

/** A problem document (RFC 9457). */
function problem(status: number, title: string): string {
  return JSON.stringify({ type: 'about:blank', title, status })
}
