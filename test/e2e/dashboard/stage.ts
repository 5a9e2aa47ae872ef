import { systemClock } from '../../../src/domain/clock.ts'
import { type Haku, startHaku, type World, world } from '../../../src/simulator/index.ts'
import type { Program } from '../../cli/run-startlist.ts'
import { type Running, startRun } from '../../helpers/running.ts'

const HOUR = 3_600_000
const SECRET = 'a-secret-of-the-partner'
const ZONE = 'America/New_York'

/** Two timing partners with races of their own, a provider that moves, and a `startlist run` that keeps up with it. */
export interface Stage {
  scene: World
  haku: Haku
  startlist: Program
  run: Running
  /** where a browser goes */
  url: string
  /** opens everything, and what is the first partner's */
  tokens: { admin: string; partner: string }
  stop(): Promise<void>
}

/** Ids of the races: three of Lantern Timing, one of Beacon Timing. */
export const RACES = {
  soon: 'harbor-half',
  tomorrow: 'cedar-trail',
  later: 'granite-falls',
  other: 'beacon-mile',
}

/**
 * @param participants of each of the first partner's races
 * @param program against a provider, with a database and a home of its own
 */
export async function openStage(participants: number, program: (haku: Haku) => Program): Promise<Stage> {
  const scene = world({ clock: systemClock, seed: 23 })
  const lantern = scene.addOrganization({ name: 'Lantern Bay', clientId: 'c1ie47'.repeat(4), secret: SECRET })
  const beacon = scene.addOrganization({ name: 'Beacon Runs', clientId: 'b3ac0n'.repeat(4), secret: SECRET })
  const add = (organization: typeof lantern, id: string, name: string, hours: number, size: number) =>
    scene.addEvent(organization, {
      ...{ id, name, participants: size, timezone: ZONE },
      startsAt: Math.ceil((scene.now() + hours * HOUR) / (HOUR / 2)) * (HOUR / 2),
    })
  add(lantern, RACES.soon, 'Harbor Half', 1.2, participants)
  add(lantern, RACES.tomorrow, 'Cedar Ridge Trail 10K', 25, participants)
  add(lantern, RACES.later, 'Granite Falls Marathon', 24 * 12, participants)
  add(beacon, RACES.other, 'Beacon Mile', 2, 12)
  const haku = await startHaku({ world: scene })
  const startlist = program(haku)
  await addPartner(startlist, '1', 'Lantern Timing', 'Lantern Bay', 'c1ie47'.repeat(4))
  await addPartner(startlist, '2', 'Beacon Timing', 'Beacon Runs', 'b3ac0n'.repeat(4))
  const tokens = {
    admin: await token(startlist, ['--admin', '--name', 'ops']),
    partner: await token(startlist, ['--partner', '1', '--name', 'Lantern board']),
  }
  const run = await startRun(startlist.env, ['--port', '0'])
  return {
    ...{ scene, haku, startlist, run, tokens },
    url: `http://127.0.0.1:${run.port}`,
    async stop() {
      run.kill('SIGTERM')
      await run.ended
      await haku.stop()
      startlist.dispose()
    },
  }
}

async function addPartner(
  startlist: Program,
  id: string,
  name: string,
  organization: string,
  client: string,
): Promise<void> {
  await expectOk(startlist.run(['partners', 'add', '--name', name, '--timezone', ZONE]))
  const words = ['--partner', id, '--provider', 'haku', '--org', organization, '--principal', client]
  await expectOk(startlist.run(['credentials', 'add', ...words, '--secret-stdin'], { input: SECRET }))
}

async function token(startlist: Program, words: readonly string[]): Promise<string> {
  return (await expectOk(startlist.run(['tokens', 'create', ...words]))).stdout.trim()
}

async function expectOk<T extends { code: number | null; stderr: string }>(running: Promise<T>): Promise<T> {
  const ended = await running
  if (ended.code !== 0) throw new Error(`startlist ended with ${ended.code}: ${ended.stderr}`)
  return ended
}
