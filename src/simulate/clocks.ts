import type { Clock } from '../domain/clock.ts'
import type { SimulationClock } from '../domain/simulation-clock.ts'

/**
 * The clocks of a simulation: the provider's, which is the true one, and those of startlist's process and of its
 * database, which may be wrong and may be set while it runs.
 */
export class Clocks {
  readonly world: SimulationClock
  readonly process: Clock
  readonly database: Clock
  #processOff: number
  /** What the database's clock was ahead by, and from which true instant on. */
  readonly #databaseOff: { from: number; ahead: number }[]

  /** @param skew how far the two are ahead of the world's, ms */
  constructor(world: SimulationClock, skew: { process?: number | undefined; database?: number | undefined }) {
    this.world = world
    this.#processOff = skew.process ?? 0
    this.#databaseOff = [{ from: Number.NEGATIVE_INFINITY, ahead: skew.database ?? 0 }]
    const sleep: Clock['sleep'] = (ms, signal) => world.sleep(ms, signal)
    this.process = { now: () => world.now() + this.#processOff, sleep }
    this.database = { now: () => world.now() + this.#ahead(), sleep }
  }

  /** Sets clocks by so much, ms; back when negative. */
  jump(whose: 'process' | 'database' | 'both', by: number): void {
    if (whose !== 'database') this.#processOff += by
    if (whose !== 'process') this.#databaseOff.push({ from: this.world.now(), ahead: this.#ahead() + by })
  }

  /** A database's instant on the world's clock; of two that it may be, after a step back, the first from `notBefore` on. */
  trueInstant(at: number, notBefore: number): number {
    for (const [i, { from, ahead }] of this.#databaseOff.entries()) {
      const instant = at - ahead
      const to = this.#databaseOff[i + 1]?.from ?? Number.POSITIVE_INFINITY
      if (instant >= Math.max(from, notBefore) && instant < to) return instant
    }
    return at - this.#ahead()
  }

  #ahead(): number {
    return this.#databaseOff.at(-1)?.ahead ?? 0
  }
}
