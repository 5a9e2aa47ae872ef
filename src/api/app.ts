import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { StartlistError } from '../domain/errors.ts'
import { DASHBOARD, dashboard } from './dashboard.ts'
import { answerProblem } from './problem.ts'
import type { Readiness } from './readiness.ts'
import type { ApiServices } from './v1/context.ts'
import { createV1 } from './v1/index.ts'

/** What the server answers from. */
export interface Answers {
  readiness(): Promise<Readiness>
  metrics(): Promise<{ text: string; contentType: string }>
  /** What /v1 works with; null while the database is being opened. */
  services(): ApiServices | null
  /** Told of what failed inside: an answer says nothing of it. */
  failed(error: unknown): void
}

/**
 * The HTTP service of a running startlist: its health for anybody who reaches the port, its data for tokens.
 * @param pages where the dashboard was built: nothing in it is anybody's
 */
export function createApp(answers: Answers, pages = DASHBOARD): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      // For whoever puts TLS in front to say.
      strictTransportSecurity: false,
    }),
  )
  app.use(async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
  })

  app.route('/', dashboard(pages))
  app.route(
    '/v1',
    createV1(() => answers.services()),
  )
  app.use(async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    c.header('Allow', 'GET, HEAD')
    throw new StartlistError('METHOD_REFUSED', 'only GET is answered here')
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

  app.notFound((c) => answerProblem(c, new StartlistError('NO_SUCH_ROUTE', 'there is nothing here'), 0))
  app.onError((error, c) => {
    const answer = answerProblem(c, error, answers.services()?.clock.now() ?? 0)
    if (answer.status >= 500) answers.failed(error)
    return answer
  })
  return app
}
