import { TestClock } from 'pg-boss'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { reconcile } from '../scheduler/reconcile.ts'
import { takeTurn } from '../scheduler/turn.ts'
import { openTurnQueue, type Turn, type TurnQueue } from '../scheduler/turn-queue.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { markAllStale } from '../store/plans/marks.ts'
import type { Services } from '../sync/open-account.ts'
import type { Clocks } from './clocks.ts'

export interface WorkerOptions {
  url: string
  clocks: Clocks
  setup: Omit<Services, 'db' | 'clock' | 'fetch'>
  /** makes the line to the provider, which is cut when the process dies */
  lineOf: (dead: AbortSignal) => typeof fetch
}

/** As the service has them: how often turns are looked for, and accounts without one. */
const LOOK_MS = 500
const RECONCILE_MS = 30_000
/** A turn of a dead process is found between 10 and 15 s after its last sign of life. */
const TAKE_OVER_MS = 12_500

/**
 * One `startlist run` in simulated time: the scheduler's own turns, taken from its own queue. In place of pg-boss'
 * timers and of LISTEN, which know only the machine's time, it looks for turns at the instants at which there is one.
 */
export class Worker {
  readonly #clocks: Clocks
  readonly #services: Omit<Services, 'db'>
  /** Of accounts: a turn that waited for a connection, or for a place among those who renew tokens, would stop time. */
  readonly #pools = new Map<number, Db>()
  readonly #url: string
  readonly #db: Db
  readonly #queue: TurnQueue
  readonly #queueClock: TestClock
  readonly #dead: AbortController
  readonly #stopping = new AbortController()
  readonly #turns = new Set<Promise<void>>()
  #rest = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #failure: unknown = null
  /** Uses of the queue go one after the other: its clock cannot be set twice at once. */
  #queueIdle: Promise<unknown> = Promise.resolve()

  private constructor(options: WorkerOptions, db: Db, queue: TurnQueue, queueClock: TestClock) {
    const { url, clocks, setup, lineOf } = options
    this.#url = url
    this.#clocks = clocks
    this.#dead = new AbortController()
    const dead = this.#dead.signal
    this.#services = { ...setup, clock: mortal(clocks.process, dead), fetch: lineOf(dead) }
    this.#db = db
    this.#queue = queue
    this.#queueClock = queueClock
  }

  /** Starts the process and has it work. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const { url, clocks } = options
    const db = openDatabase(url, { virtualClock: clocks.database })
    await markAllStale(db)
    const queueClock = new TestClock(clocks.database.now())
    const queue = await openTurnQueue({ db, url, clock: queueClock })
    const worker = new Worker(options, db, queue, queueClock)
    worker.#loop = clocks.world.run('worker', () => worker.#work()).catch((error) => worker.#fail(error))
    return worker
  }

  /** Has it look for turns now: a clock was set. */
  poke(): void {
    this.#rest.abort()
  }

  /** Ends turns after the page under way, as the first signal does. Must not be awaited by a task of the clock. */
  async stop(): Promise<void> {
    this.#stopping.abort(new StartlistError('INTERRUPTED', 'interrupted'))
    this.poke()
    await this.#loop
    await Promise.all(this.#turns)
    await this.#queue.stop()
    await this.#disconnect()
    this.assertWell()
  }

  /** @throws what broke it: a defect of startlist's or of the simulation */
  assertWell(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /**
   * Dies: its line is cut, its connections close, and nothing is finished. Time stands still while statements run, so
   * none is under way then.
   */
  async kill(): Promise<void> {
    this.#dead.abort(new StartlistError('INTERNAL', 'the process was killed'))
    this.poke()
    // At once, so that what still unwinds finds no connection.
    const closed = this.#disconnect()
    await Promise.allSettled([closed, this.#loop, ...this.#turns])
    await this.#queue.stop().catch(() => {})
  }

  async #work(): Promise<void> {
    const { world } = this.#clocks
    const takesOverAt = world.now() + TAKE_OVER_MS
    let hasTakenOver = false
    let looksAt = world.now()
    await this.#unlessDead(() => markAllStale(this.#db))
    while (!this.#isOver()) {
      await this.#unlessDead(async () => {
        if (!hasTakenOver && world.now() >= takesOverAt) {
          hasTakenOver = true
          await this.#queued((queue) => queue.takeOver())
        }
        if (world.now() >= looksAt) {
          looksAt = world.now() + RECONCILE_MS
          await this.#lookAround()
        }
        await this.#takeDue()
        await this.#sleepUntil(hasTakenOver ? looksAt : Math.min(looksAt, takesOverAt))
      })
    }
  }

  #isOver(): boolean {
    return this.#dead.signal.aborted || this.#stopping.signal.aborted
  }

  async #lookAround(): Promise<void> {
    await this.#queued((queue) => reconcile({ db: this.#db, queue }))
  }

  async #takeDue(): Promise<void> {
    const free = this.#services.config.concurrency - this.#turns.size
    if (free <= 0 || this.#isOver()) return
    const { world } = this.#clocks
    for (const turn of await this.#queued((queue) => queue.take(free))) {
      const under = world
        .run(`turn of account ${turn.accountId}`, () => this.#turn(turn))
        .catch((error) => this.#fail(error))
        .finally(() => {
          this.#turns.delete(under)
          this.poke()
        })
      this.#turns.add(under)
    }
  }

  async #turn(turn: Turn): Promise<void> {
    await this.#unlessDead(async () => {
      const services = { ...this.#services, db: this.#poolOf(turn.accountId) }
      const outcome = await takeTurn(services, turn.accountId, { signal: this.#stopping.signal })
      if (this.#dead.signal.aborted) return
      await this.#queued((queue) => queue.complete(turn, outcome.next))
    })
  }

  #poolOf(accountId: number): Db {
    const known = this.#pools.get(accountId)
    const pool = known ?? openDatabase(this.#url, { virtualClock: this.#clocks.database })
    this.#pools.set(accountId, pool)
    return pool
  }

  async #disconnect(): Promise<void> {
    await Promise.all([this.#db, ...this.#pools.values()].map((pool) => pool.destroy()))
  }

  /** Until the first waiting turn is due, as a look every half second would find it. */
  async #sleepUntil(latest: number): Promise<void> {
    const { world, database } = this.#clocks
    const earliest = await this.#queued((queue) => queue.earliest())
    const wait = earliest === null ? Number.POSITIVE_INFINITY : earliest - database.now()
    const found = world.now() + Math.max(LOOK_MS, Math.ceil(wait / LOOK_MS) * LOOK_MS)
    const signal = AbortSignal.any([this.#rest.signal, this.#dead.signal])
    if (!signal.aborted) await world.sleep(Math.min(found, latest) - world.now(), signal).catch(() => {})
    if (this.#rest.signal.aborted) this.#rest = new AbortController()
  }

  async #queued<T>(use: (queue: TurnQueue) => Promise<T>): Promise<T> {
    const used = this.#queueIdle.then(async () => {
      await this.#queueClock.setTime(this.#clocks.database.now())
      return use(this.#queue)
    })
    this.#queueIdle = used.catch(() => {})
    return used
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }

  /** Whatever a dead process meets is nobody's concern. */
  async #unlessDead(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#dead.signal.aborted) throw error
    }
  }
}

/** A clock whose sleepers die with their process. */
function mortal(clock: Clock, dead: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal === undefined ? dead : AbortSignal.any([dead, signal])),
  }
}
