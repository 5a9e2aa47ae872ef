import { CLOCK_OVERRIDE_SETTING, type Clock, fromKysely, PgBoss } from 'pg-boss'
import { StartlistError } from '../domain/errors.ts'
import type { Db, Trx } from '../store/database.ts'
import { asDatabaseError } from '../store/database-error.ts'
import { followTestClock, JOBS_SCHEMA, lockTurn, pendingTurns, TURNS_APPLICATION } from '../store/turns.ts'

/** One turn of one account, active in this process. */
export interface Turn {
  accountId: number
  jobId: string
  /** Which claim of the job this is: after a take-over the old one can no longer complete it. */
  attempt: number
}

/** Makes the turn and says when the next is wanted: ms since the epoch, or null for none. */
export type TakeTurn = (accountId: number, signal: AbortSignal) => Promise<number | null>

/** Who wakes when (N1, N2): at most one waiting and one active turn per account, over all processes. */
export interface TurnQueue {
  /** The name of its jobs. */
  readonly name: string
  /** One waiting turn per account, at the earlier of its present instant and `at` (N2). */
  ensure(accountId: number, at: number): Promise<void>
  /** Due turns, made active. */
  take(limit: number): Promise<Turn[]>
  /** Completes the turn and ensures the next (null: none) in one transaction. */
  complete(turn: Turn, next: number | null): Promise<void>
  /** Start of the earliest waiting turn; null when none waits. */
  earliest(): Promise<number | null>
  /** Looks now for turns whose process is silent, as is done by itself every few seconds, and gives them back (N3). */
  takeOver(): Promise<void>
  /** Runs turns as they fall due, `concurrency` at a time, until stopped. */
  work(concurrency: number, take: TakeTurn): Promise<void>
  /**
   * Calls back for each notification on a channel of the database. A connection that drops is made anew; `onReconnect`
   * then says that some may have been missed.
   */
  listen(channel: string, onNotification: (payload: string) => void, onReconnect: () => void): Promise<void>
  /** Aborts the signal of active turns, waits until they are completed and their next is written, and leaves. */
  stop(): Promise<void>
}

export interface TurnQueueOptions {
  db: Db
  /** Of the same database: pg-boss has connections of its own. */
  url: string
  /** A simulation's time; default the machine's. */
  clock?: Clock
  /** Turns that concern one timing partner only, apart from everybody else's. */
  partnerId?: number
  /** What goes wrong behind the scenes: a lost connection, a turn that could not be completed. */
  onProblem?: (error: unknown) => void
}

/** The name of the queue of everybody's turns, or of one timing partner's. */
export function queueName(partnerId?: number): string {
  return partnerId === undefined ? 'turns' : `turns-of-partner-${partnerId}`
}

/** The bounds of N3: a worker that falls silent for this long has lost its turns, looked at as often as that. */
const HEARTBEAT_SECONDS = 10
const LOOK_SECONDS = 5
const POLLING_SECONDS = 0.5
/** Far longer than a turn with every retry of its last page. */
const LONGEST_TURN_SECONDS = 600
/** How long a completed turn is kept to be looked at, and how often old ones are removed (D5). */
const KEPT_SECONDS = 60
/** Fetching, heartbeats and supervision; listening has a connection of its own. */
const CONNECTIONS = 4
/** A turn under way may be at a page that the provider answers slowly. */
const DRAIN_MS = 120_000

/** Opens the queue; makes or upgrades pg-boss' schema where needed. @throws StartlistError DATABASE, DATABASE_UNREACHABLE */
export async function openTurnQueue(options: TurnQueueOptions): Promise<TurnQueue> {
  const queue = new BossQueue(options)
  try {
    await queue.start()
    return queue
  } catch (error) {
    await queue.stop().catch(() => {})
    throw asDatabaseError(error, options.url)
  }
}

class BossQueue implements TurnQueue {
  readonly name: string
  readonly #boss: PgBoss
  readonly #db: Db
  readonly #isVirtual: boolean
  readonly #stopping = new AbortController()
  readonly #onProblem: (error: unknown) => void
  readonly #listening: { close(): Promise<void> }[] = []

  constructor({ db, url, clock, partnerId, onProblem = () => {} }: TurnQueueOptions) {
    this.#db = db
    this.name = queueName(partnerId)
    this.#isVirtual = clock !== undefined && 'attach' in clock
    this.#onProblem = onProblem
    this.#boss = new PgBoss({
      connectionString: url,
      application_name: TURNS_APPLICATION,
      schema: JOBS_SCHEMA,
      max: CONNECTIONS,
      schedule: false,
      registerInstance: false,
      monitorVacuum: false,
      openTelemetry: { enabled: false },
      useListenNotify: true,
      superviseIntervalSeconds: LOOK_SECONDS,
      monitorIntervalSeconds: LOOK_SECONDS,
      maintenanceIntervalSeconds: KEPT_SECONDS,
      ...(clock === undefined ? {} : { clock }),
    })
    this.#boss.on('error', (error) => this.#onProblem(asDatabaseError(error)))
  }

  async start(): Promise<void> {
    await this.#boss.start()
    await this.#boss.createQueue(this.name, {
      policy: 'stately',
      notify: true,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: LONGEST_TURN_SECONDS,
      deleteAfterSeconds: KEPT_SECONDS,
      // A killed worker's turn comes back at once. One that never ends well is given up here, and made again by the
      // reconciler.
      retryDelay: 0,
      retryLimit: 100,
    })
  }

  async ensure(accountId: number, at: number): Promise<void> {
    await this.#settle(accountId, (trx) => this.#ensureIn(trx, accountId, at))
  }

  async take(limit: number): Promise<Turn[]> {
    const jobs = await this.#boss.fetch<TurnData>(this.name, { batchSize: limit })
    return jobs.map(turnOf)
  }

  async complete(turn: Turn, next: number | null): Promise<void> {
    await this.#settle(turn.accountId, async (trx) => {
      await this.#boss.complete(this.name, { id: turn.jobId, retryCount: turn.attempt }, null, {
        db: fromKysely(trx),
      })
      if (next !== null) await this.#ensureIn(trx, turn.accountId, next)
    })
  }

  async earliest(): Promise<number | null> {
    const waiting = (await pendingTurns(this.#db, this.name)).find((turn) => turn.state === 'waiting')
    return waiting?.startAt ?? null
  }

  async takeOver(): Promise<void> {
    await this.#boss.supervise(this.name)
  }

  async work(concurrency: number, take: TakeTurn): Promise<void> {
    const options = {
      localConcurrency: concurrency,
      pollingIntervalSeconds: POLLING_SECONDS,
      // Notifications are for turns that are pulled forward; those that fall due by themselves are only found by looking.
      notifyPollingIntervalSeconds: POLLING_SECONDS,
    }
    await this.#boss.work<TurnData>(this.name, options, async (jobs) => {
      for (const job of jobs) {
        const signal = AbortSignal.any([job.signal, this.#stopping.signal])
        const turn = turnOf(job)
        // pg-boss completes the job once more when this returns, and finds nothing left to do.
        await this.complete(turn, await take(turn.accountId, signal))
      }
    })
  }

  async listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<void> {
    const handle = await this.#boss.getDb().listen?.(channel, onNotification, onReconnect)
    if (handle === undefined) throw new StartlistError('INTERNAL', 'this connection cannot listen')
    this.#listening.push(handle)
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new StartlistError('INTERRUPTED', 'interrupted'))
    for (const handle of this.#listening.splice(0)) await handle.close()
    await this.#boss.stop({ graceful: true, timeout: DRAIN_MS })
  }

  async #ensureIn(trx: Trx, accountId: number, at: number): Promise<void> {
    const waiting = (await pendingTurns(trx, this.name, accountId)).find((turn) => turn.state === 'waiting')
    if (waiting !== undefined && waiting.startAt <= at) return
    await this.#boss.upsert(this.name, { accountId } satisfies TurnData, {
      singletonKey: String(accountId),
      startAfter: new Date(at),
      db: fromKysely(trx),
    })
  }

  async #settle(accountId: number, write: (trx: Trx) => Promise<void>): Promise<void> {
    // A fresh snapshot after the lock, whatever the database's default is.
    await this.#db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        if (this.#isVirtual) await followTestClock(trx, CLOCK_OVERRIDE_SETTING)
        await lockTurn(trx, accountId)
        await write(trx)
      })
  }
}

interface TurnData {
  accountId: number
}

function turnOf(job: { id: string; data: TurnData; retryCount: number }): Turn {
  return { accountId: job.data.accountId, jobId: job.id, attempt: job.retryCount }
}
