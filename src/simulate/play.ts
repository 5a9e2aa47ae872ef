import { SimulationClock } from '../domain/simulation-clock.ts'
import { shortestIntervalMs } from '../providers/registry.ts'
import type { AccountForecast } from '../quota/forecast.ts'
import { forecast } from '../quota/forecast.ts'
import { readForecastAccount } from '../scheduler/forecast-account.ts'
import { readAccount } from '../store/accounts.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { planChanges } from './changes.ts'
import { Clocks } from './clocks.ts'
import { type Ahead, arrange, type OwnHappening } from './happenings.ts'
import { type Installation, install, prepare } from './installation.ts'
import { LedgerTally } from './ledger-tally.ts'
import { lineTo } from './line.ts'
import type { Played } from './played.ts'
import type { Scenario } from './scenario.ts'
import { readSightings } from './sightings.ts'
import { Worker } from './worker.ts'
import { buildWorld, type SimulatedWorld } from './world.ts'

export interface PlayOptions {
  /** of an empty database of the simulation's own */
  url: string
  signal?: AbortSignal
  /** told now and then how far it is: 0 to 1 */
  onProgress?: (share: number) => void
}

/** What is read beforehand has left every window, with room to spare, when the scenario begins. */
const AHEAD_MS = 75 * 60_000
const TICK_MS = 5 * 60_000

/**
 * Plays a scenario: startlist's own planner, ledger, turns, adapter and statements on virtual clocks, against the
 * simulated provider over HTTP.
 * @throws StartlistError INTERRUPTED when the signal is aborted
 */
export async function play(scenario: Scenario, options: PlayOptions): Promise<Played> {
  const preparedAt = scenario.start - AHEAD_MS
  const clock = new SimulationClock(preparedAt)
  const clocks = new Clocks(clock, scenario.skew)
  await using stack = new AsyncDisposableStack()
  const db = openDatabase(options.url, { virtualClock: clocks.database })
  stack.defer(() => db.destroy())
  await migrate(db)
  const world = await buildWorld(scenario, clock, shortestIntervalMs())
  stack.use(world.provider)
  const installation = await install(db, options.url, world, scenario)
  await prepare(db, clocks.process, installation, world)
  await clock.sleep(scenario.start - clock.now())
  const before = world.provider.lastCall
  const changes = planChanges(world.provider, world.events, scenario)
  const ahead = arrange(world, scenario)
  const forecasts = await foresee(db, clocks, installation, world, scenario)
  const drive = new Drive(scenario, options, { db, clocks, world, installation, ahead })
  await drive.run()
  const end = scenario.start + scenario.duration
  return {
    ...{ scenario, accounts: world.accounts, events: world.events, preparedAt, changes, forecasts },
    sightings: await readSightings(db, clocks, installation, world, scenario.start),
    excuses: ahead.excuses,
    calls: world.provider.callsAfter(before, end),
    ledger: drive.ledger.counts(),
  }
}

interface Scene {
  db: Db
  clocks: Clocks
  world: SimulatedWorld
  installation: Installation
  ahead: Ahead
}

/** Carries a scenario from its start to its end. */
class Drive {
  readonly ledger: LedgerTally
  readonly #scenario: Scenario
  readonly #options: PlayOptions
  readonly #scene: Scene

  constructor(scenario: Scenario, options: PlayOptions, scene: Scene) {
    this.#scenario = scenario
    this.#options = options
    this.#scene = scene
    this.ledger = new LedgerTally(scene.db, scene.clocks.database.now())
  }

  async run(): Promise<void> {
    const { start, duration } = this.#scenario
    let worker = await this.#start()
    try {
      for (const happening of this.#scene.ahead.own) {
        await this.#waitUntil(start + happening.at, worker)
        worker = await this.#suffer(worker, happening)
      }
      await this.#waitUntil(start + duration, worker)
    } finally {
      await worker.stop()
    }
    await this.ledger.read(this.#scene.clocks.database.now())
  }

  /** @returns the process that works from now on */
  async #suffer(worker: Worker, happening: OwnHappening): Promise<Worker> {
    const { clocks } = this.#scene
    if (happening.what === 'jump') {
      clocks.jump(happening.clock, happening.by)
      worker.poke()
      return worker
    }
    if (happening.what === 'kill') await clocks.world.run('kill', () => worker.kill())
    else await worker.stop()
    await this.#waitUntil(clocks.world.now() + happening.down)
    return this.#start()
  }

  /** Time stands while a process starts. */
  #start(): Promise<Worker> {
    const { clocks, installation, ahead } = this.#scene
    const { latency } = this.#scenario.provider
    return clocks.world.run('start', () =>
      Worker.start({
        url: this.#options.url,
        clocks,
        setup: installation.setup,
        lineOf: (dead) =>
          lineTo({
            clock: clocks.world,
            latencyMs: latency,
            hangs: ahead.hangs,
            timeoutMs: installation.setup.config.requestTimeoutMs,
            dead,
          }),
      }),
    )
  }

  async #waitUntil(at: number, worker?: Worker): Promise<void> {
    const { world, database } = this.#scene.clocks
    const { start, duration } = this.#scenario
    await world.run('scenario', async () => {
      while (world.now() < at) {
        this.#options.signal?.throwIfAborted()
        worker?.assertWell()
        await world.sleep(Math.min(at - world.now(), TICK_MS))
        // A call may still end at this very instant.
        await this.ledger.read(database.now() - 1)
        this.#options.onProgress?.((world.now() - start) / duration)
      }
    })
  }
}

async function foresee(
  db: Db,
  clocks: Clocks,
  { setup, accounts }: Installation,
  world: SimulatedWorld,
  { start, duration }: Scenario,
): Promise<Map<string, AccountForecast>> {
  const forecasts = new Map<string, AccountForecast>()
  for (const { clientId } of world.accounts) {
    const state = await readAccount(db, accounts.get(clientId) ?? 0)
    if (state === null) continue
    const account = await readForecastAccount({ db, clock: clocks.world, config: setup.config }, state)
    forecasts.set(clientId, forecast(account, start, Math.ceil(duration / 3_600_000)))
  }
  return forecasts
}
