import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { shortestIntervalMs } from '../../src/providers/registry.ts'
import { measure } from '../../src/simulate/judge/figures.ts'
import { judge } from '../../src/simulate/judge/verdict.ts'
import { playPlanner } from '../../src/simulate/planner/play.ts'
import { play } from '../../src/simulate/play.ts'
import { readScenario } from '../../src/simulate/scenario-file.ts'
import { Host } from '../deploy/host.ts'
import { playDeploys, startMorning } from '../deploy/story.ts'
import { faultsOf, mixed, playCase, SMALL } from '../scheduler/backfill/cases.ts'
import { sceneClock } from '../scheduler/backfill/scene.ts'
import { sufferBackfillKills } from '../scheduler/backfill/suffer-kills.ts'
import { watchTakeOver } from '../scheduler/take-over.ts'
import { sufferKills } from '../store/adoption/suffer-kills.ts'
import { driftInMemory } from '../sync/drift/memory.ts'
import { driftOnPostgres } from '../sync/drift/postgres.ts'
import { runWorld } from '../sync/property/model.ts'
import { planOf } from '../sync/property/plan.ts'
import type { Databases } from './databases.ts'

/** A long test: one seed after another, each in a fresh, migrated database. */
export interface Suite {
  name: string
  /** How many seeds make it complete. */
  seeds: number
  /** Plays one seed. @throws when a promise is broken */
  run(seed: number, open: Databases['open']): Promise<void>
  /** How a person plays one seed again. */
  replay(seed: number): string
}

const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const scenarioFiles = readdirSync(SCENARIOS).sort()

const BACKFILLS = [SMALL, mixed(400, 'whole'), mixed(5_000, 'whole'), mixed(400, 'thin')]

/** Plays one scenario file. @throws when one of its promises is not kept */
async function playScenario(file: string, url: string): Promise<void> {
  const scenario = readScenario(readFileSync(`${SCENARIOS}${file}`, 'utf8'), file, shortestIntervalMs())
  const played = scenario.engine === 'planner' ? await playPlanner(scenario) : await play(scenario, { url })
  const missed = judge(scenario, measure(played)).filter(({ ok }) => !ok)
  if (missed.length === 0) return
  const told = missed.map(({ what, promised, found }) => `${what}: ${promised}, found ${found}`)
  throw new Error(`${scenario.name}: ${told.join('; ')}`)
}

/** All of them, in the order in which they are run. */
export const suites: readonly Suite[] = [
  {
    name: 'random-worlds',
    seeds: 1_000,
    async run(seed, open) {
      await runWorld(planOf(seed), open)
    },
    replay: (seed) => `STARTLIST_SEED=${seed} npx vitest run test/sync/property`,
  },
  {
    name: 'take-over',
    seeds: 1,
    async run(seed, open) {
      const { url, db, drop } = await open()
      try {
        await watchTakeOver({ url, db, seed, forMs: 300_000 })
      } finally {
        await drop()
      }
    },
    replay: (seed) => `npm run soak -- --only take-over --from ${seed} --seeds 1`,
  },
  {
    // Needs an sshd: what is installed from the registry is installed for real, what systemd does is a stand-in.
    name: 'deploy-over-ssh',
    seeds: 1,
    async run(seed, open) {
      const { url, drop } = await open()
      const morning = await startMorning(seed)
      const host = await Host.make(url, morning.haku)
      try {
        await host.reachedBySsh()
        await playDeploys(host, morning, url)
      } finally {
        await host.dispose()
        await morning.stop()
        await drop()
      }
    },
    replay: (seed) => `npm run soak -- --only deploy-over-ssh --from ${seed} --seeds 1`,
  },
  {
    // A seed is a file, by its place in the alphabet.
    name: 'scenarios',
    seeds: scenarioFiles.length,
    async run(seed, open) {
      const file = scenarioFiles[(seed - 1) % scenarioFiles.length]
      const { url, drop } = await open({ empty: true })
      try {
        if (file !== undefined) await playScenario(file, url)
      } finally {
        await drop()
      }
    },
    replay: (seed) => `npm run soak -- --only scenarios --from ${seed} --seeds 1`,
  },
  {
    name: 'adoption-kills',
    seeds: 50,
    async run(seed, open) {
      const [legacy, fresh] = [await open({ empty: true }), await open()]
      try {
        await sufferKills(seed, legacy, fresh.db)
      } finally {
        await legacy.drop()
        await fresh.drop()
      }
    },
    replay: (seed) => `npm run soak -- --only adoption-kills --from ${seed} --seeds 1`,
  },
  {
    // One backfill that is killed two hundred times.
    name: 'backfill-kills',
    seeds: 1,
    async run(seed) {
      const kills = 200
      const { gaps, wrong, feed, askedTwice } = await sufferBackfillKills(seed, kills)
      demandNone({ gaps, wrong, feed })
      if (askedTwice > 2 * kills) throw new Error(`${askedTwice} pages were asked for again`)
    },
    replay: (seed) => `npm run soak -- --only backfill-kills --from ${seed} --seeds 1`,
  },
  {
    // A seed is a case of the older system.
    name: 'backfill-calls',
    seeds: BACKFILLS.length,
    async run(seed, open) {
      const one = BACKFILLS[(seed - 1) % BACKFILLS.length]
      if (one === undefined) return
      const clock = sceneClock()
      const { db, drop } = await open({ virtualClock: clock })
      try {
        demandNone({ [one.name]: faultsOf(one, await playCase(db, clock, one)) })
      } finally {
        await drop()
      }
    },
    replay: (seed) => `npm run soak -- --only backfill-calls --from ${seed} --seeds 1`,
  },
  {
    name: 'page-drift',
    seeds: 1_000,
    async run(seed) {
      const { falselyRemoved, lost } = driftInMemory(seed)
      demandNone({ falselyRemoved, lost })
    },
    replay: (seed) => `npm run soak -- --only page-drift --from ${seed} --seeds 1`,
  },
  {
    name: 'page-drift-on-postgres',
    seeds: 50,
    async run(seed, open) {
      const { falselyRemoved, wrong } = await driftOnPostgres(seed, open)
      demandNone({ falselyRemoved, wrong })
    },
    replay: (seed) => `npm run soak -- --only page-drift-on-postgres --from ${seed} --seeds 1`,
  },
]

/** @throws when a list of what must not be has anything in it */
function demandNone(lists: Record<string, readonly string[]>): void {
  for (const [what, list] of Object.entries(lists))
    if (list.length > 0) throw new Error(`${what}: ${list.slice(0, 5).join(', ')}`)
}
