import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { ApiEnv } from './context.ts'

const KIB = 1024
const MOST_BODY = 64 * KIB
/** Where whole files are sent: a bib for everybody of the largest race. */
const ROOMY: readonly (readonly [path: RegExp, bytes: number])[] = [[/\/events\/[^/]+\/bibs$/, 8 * KIB * KIB]]

/** No body may be larger than what its route is for. */
export const bodyLimits: MiddlewareHandler<ApiEnv> = createMiddleware<ApiEnv>((c, next) => {
  const maxSize = ROOMY.find(([path]) => path.test(c.req.path))?.[1] ?? MOST_BODY
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new StartlistError('BODY_TOO_LARGE', `a body may have ${maxSize / KIB} KiB here`)
    },
  })(c, next)
})

/** Requests that one token may make at once, and per second in the long run. */
interface Rate {
  burst: number
  perSecond: number
}

/** A page of a dashboard makes some ten at once, and a person opens several. */
const BURST_SECONDS = 5
/** Buckets that are remembered; a full one is like none. */
const MOST_BUCKETS = 10_000

/** Counts requests: each takes a drop of its bucket, which fills again with time. In memory, for one process. */
export class RateLimit {
  readonly #rate: Rate
  readonly #clock: Pick<Clock, 'now'>
  readonly #buckets = new Map<string, { drops: number; at: number }>()

  constructor(rate: Rate, clock: Pick<Clock, 'now'>) {
    this.#rate = rate
    this.#clock = clock
  }

  /** @returns 0 when the request may go on, else the ms after which one may */
  take(name: string): number {
    const now = this.#clock.now()
    const { burst, perSecond } = this.#rate
    const bucket = this.#buckets.get(name) ?? { drops: burst, at: now }
    const drops = Math.min(burst, bucket.drops + (Math.max(0, now - bucket.at) / 1000) * perSecond)
    const isFree = drops >= 1
    // Moved to the end: those in front were idle for longest.
    this.#buckets.delete(name)
    this.#buckets.set(name, { drops: isFree ? drops - 1 : drops, at: now })
    if (this.#buckets.size > MOST_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!)
    return isFree ? 0 : ((1 - drops) / perSecond) * 1000
  }
}

/** Behind the sign-in: each token has a bucket, and so have the browsers that signed in with it. */
export function rateLimits(): MiddlewareHandler<ApiEnv> {
  let limit: RateLimit | null = null
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { clock, config } = c.var.services
    const perSecond = config.apiRequestsPerSecond
    limit ??= new RateLimit({ burst: perSecond * BURST_SECONDS, perSecond }, clock)
    const wait = limit.take(c.var.call.caller.bucket)
    if (wait > 0)
      throw new StartlistError('TOO_MANY_REQUESTS', 'too many requests with this token', {
        retryAt: clock.now() + wait,
      })
    await next()
  })
}
