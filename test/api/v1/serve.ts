import type { Hono } from 'hono'
import { createApp } from '../../../src/api/app.ts'
import type { ApiServices } from '../../../src/api/v1/context.ts'
import { loadConfig } from '../../../src/config.ts'
import { systemClock, VirtualClock } from '../../../src/domain/clock.ts'
import { FeedHub } from '../../../src/feed/hub.ts'
import { createToken } from '../../../src/store/api-tokens.ts'
import type { Db } from '../../../src/store/database.ts'
import { testDatabase } from '../../helpers/database.ts'

/** When these tests are: a Saturday morning in New York. */
const NOW = '2026-05-02T10:00:00Z'

const KEY = Buffer.alloc(32, 7).toString('base64')

/** The app on a database of its own, asked without a socket. */
export interface Served {
  app: Hono
  db: Db
  clock: VirtualClock
  services: ApiServices
  /** What failed inside. */
  failures: unknown[]
  /** @param partnerId null for an administrator's */
  token(partnerId: number | null): Promise<string>
  /** Asks as whoever has the token. */
  ask(path: string, token: string | null, init?: RequestInit): Promise<Response>
}

export async function serveApi(settings: Record<string, string> = {}): Promise<Served> {
  const clock = new VirtualClock(NOW)
  const { db, url } = await testDatabase({ virtualClock: clock })
  const env = {
    DATABASE_URL: 'postgres://unused@127.0.0.1/unused',
    STARTLIST_KEY: KEY,
    STARTLIST_API_REQUESTS_PER_SECOND: '10000',
    ...settings,
  }
  return serve({ db, clock, config: loadConfig({ root: '/nonexistent', env }), key: KEY }, url)
}

/**
 * The app on what there is.
 * @param url of the database, where somebody listens to a stream
 */
export function serve(
  given: Omit<ApiServices, 'hub'> & { clock: VirtualClock },
  url = 'postgres://unused@127.0.0.1/unused',
): Served {
  const hub = new FeedHub({ db: given.db, url, clock: systemClock, onProblem: () => {} })
  const services = { ...given, hub }
  const failures: unknown[] = []
  const app = createApp({
    readiness: async () => ({ ready: true, reasons: [] }),
    metrics: async () => ({ text: '', contentType: 'text/plain' }),
    services: () => services,
    failed: (error) => failures.push(error),
  })
  const { db, clock } = services
  return {
    app,
    db,
    clock,
    services,
    failures,
    token: async (partnerId) =>
      (await createToken(db, { name: 'of a test', partnerId, expiresAt: null })).token,
    ask: async (path, token, init = {}) => {
      const headers = new Headers(init.headers)
      if (token !== null) headers.set('Authorization', `Bearer ${token}`)
      return app.request(path, { ...init, headers })
    },
  }
}
