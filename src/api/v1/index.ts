import { OpenAPIHono } from '@hono/zod-openapi'
import packageJson from '../../../package.json' with { type: 'json' }
import { StartlistError } from '../../domain/errors.ts'
import { accounts } from './accounts.ts'
import { audits } from './audits.ts'
import { COOKIE, signedIn } from './auth.ts'
import { bibs } from './bibs.ts'
import { board } from './board.ts'
import { changes } from './changes.ts'
import { checks } from './checks.ts'
import type { ApiEnv, ApiServices } from './context.ts'
import { DOCS_STYLE, docsPage } from './docs.ts'
import { events } from './events.ts'
import { exports } from './exports.ts'
import { forecasts } from './forecast.ts'
import { freezes } from './freezes.ts'
import { holds } from './holds.ts'
import { bodyLimits, rateLimits } from './limits.ts'
import { marks } from './marks.ts'
import { participants } from './participants.ts'
import { partners } from './partners.ts'
import { rejects } from './rejects.ts'
import { runs } from './runs.ts'
import { session } from './session.ts'
import { stream } from './stream.ts'
import { sync } from './sync.ts'
import { webhooks } from './webhooks.ts'

/** Who has no token may ask these: to get in, and to read about it. */
const OPEN = [session]
/** Every other area. Its routes have `c.var.call`: a new one is added here and nowhere else. */
const AREAS = [
  board,
  events,
  participants,
  bibs,
  checks,
  changes,
  marks,
  stream,
  webhooks,
  exports,
  freezes,
  sync,
  holds,
  rejects,
  runs,
  audits,
  partners,
  accounts,
  forecasts,
]

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'startlist',
    version: packageJson.version,
    description: 'Start lists of races, kept current. Errors are application/problem+json.',
  },
  servers: [{ url: '/v1' }],
  security: [{ token: [] }, { cookie: [] }],
}

/**
 * The API below /v1.
 * @param services null while the database is still being opened
 */
export function createV1(services: () => ApiServices | null): OpenAPIHono<ApiEnv> {
  const v1 = new OpenAPIHono<ApiEnv>()
  const document = describe(v1)
  v1.use(bodyLimits)
  v1.get('/openapi.json', (c) => c.json(document()))
  v1.get('/docs', (c) => c.html(docsPage(document())))
  v1.get('/docs.css', (c) => c.body(DOCS_STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  v1.use(async (c, next) => {
    const found = services()
    if (found === null) throw new StartlistError('STARTING', 'startlist is opening its database')
    c.set('services', found)
    await next()
  })
  for (const area of OPEN) v1.route('/', area)
  v1.use(signedIn, rateLimits())
  for (const area of AREAS) v1.route('/', area)
  return v1
}

/** The OpenAPI document of all routes, made when it is first asked for. */
function describe(v1: OpenAPIHono<ApiEnv>): () => object {
  const schemes = v1.openAPIRegistry
  schemes.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  schemes.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: COOKIE,
  })
  let document: object | null = null
  return () => {
    document ??= v1.getOpenAPI31Document(DOCUMENT, { unionPreferredType: 'oneOf' })
    return document
  }
}
