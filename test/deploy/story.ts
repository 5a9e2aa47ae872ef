import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, randomMove, startHaku, type World, world } from '../../src/simulator/index.ts'
import { type Db, openDatabase } from '../../src/store/database.ts'
import { differences } from '../helpers/truth.ts'
import type { Host } from './host.ts'

const CLIENT = 'c1ie47'.repeat(4)
const SECRET = 'a-secret-of-the-partner'
const HOUR = 3_600_000
const EVERY_MS = 250

/** A provider with one race this morning, where something happens all the time. */
export interface Morning {
  haku: Haku
  scene: World
  stop(): Promise<void>
}

export async function startMorning(seed: number): Promise<Morning> {
  const scene = world({ clock: systemClock, seed })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  const startsAt = scene.now() + 2 * HOUR
  scene.addEvent(organization, { id: 'soon', name: 'Harbor Half', participants: 40, startsAt })
  const haku = await startHaku({ world: scene })
  return { haku, scene, stop: () => haku.stop() }
}

/**
 * A host's life: first install, the same again, an upgrade, a release that cannot start, and back; all while people
 * register, swap bibs and cancel. In the end the tables equal the provider's truth.
 */
export async function playDeploys(host: Host, { haku, scene }: Morning, url: string): Promise<void> {
  const first = await host.deploy()
  expect(first, first.text).toMatchObject({ code: 0 })
  const one = host.release('current')
  // The host has nothing to build it with.
  const page = await host.page()
  expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8'])
  await addAccount(host, url, haku)

  const again = await host.deploy()
  expect(again, again.text).toMatchObject({ code: 0, text: expect.stringContaining('nothing to change') })
  expect(host.restarts).toBe(1)

  const people = new AbortController()
  const moving = keepMoving(scene, people.signal)
  await host.commit('A second release')
  const upgrade = await host.deploy()
  expect(upgrade, upgrade.text).toMatchObject({ code: 0 })
  const two = host.release('current')
  expect(two).not.toBe(one)
  expect(host.release('previous')).toBe(one)

  await host.change('src/cli/run.ts', (text) => `throw new Error('a release that cannot start')\n${text}`)
  const bad = await host.deploy()
  expect(bad, bad.text).toMatchObject({ code: 1, text: expect.stringContaining(`${two} runs again`) })
  expect(host.release('current')).toBe(two)

  const back = await host.deploy('--rollback')
  expect(back, back.text).toMatchObject({ code: 0 })
  expect(host.release('current')).toBe(one)
  expect(await host.isReady()).toBe(true)

  people.abort()
  await moving
  await expectTruth(host, url, haku)
}

async function addAccount(host: Host, url: string, haku: Haku): Promise<void> {
  const env = host.operatorsEnv(url, haku)
  const zone = ['--timezone', 'America/New_York']
  expect(await host.startlist(env, '', 'partners', 'add', '--name', 'Lantern Timing', ...zone)).toMatchObject(
    { code: 0 },
  )
  const words = ['--partner', '1', '--provider', 'haku', '--org', 'Lantern Bay', '--principal', CLIENT]
  const added = await host.startlist(env, SECRET, 'credentials', 'add', ...words, '--secret-stdin')
  expect(added, added.text).toMatchObject({ code: 0 })
}

async function keepMoving(scene: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    randomMove(scene.rng, scene, { eventIds: ['soon'] })
    await pause(EVERY_MS, undefined, { signal }).catch(() => {})
  }
}

/** One sweep after the provider went quiet nothing is missing, and nothing is there twice. */
async function expectTruth(host: Host, url: string, haku: Haku): Promise<void> {
  const swept = await host.startlist(
    host.operatorsEnv(url, haku),
    '',
    'sync',
    '--full',
    '--details',
    '--wait',
  )
  expect(swept, swept.text).toMatchObject({ code: 0 })
  const db: Db = openDatabase(url)
  try {
    const truth = haku.truth().get('soon')
    if (truth === undefined) throw new Error('the world has no such event')
    expect(await differences(db, truth, { partnerId: 1 })).toEqual([])
  } finally {
    await db.destroy()
  }
}
