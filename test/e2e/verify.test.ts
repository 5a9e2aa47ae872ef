import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, isMarked, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

const DAY = 86_400_000

let haku: Haku
let database: TestDatabase
let startlist: Program
let scratch: string

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 5 })
  const organization = scene.addOrganization({ name: 'Lantern Bay Runners' })
  const at = (days: number) => ({ startsAt: scene.now() + days * DAY })
  scene.addEvent(organization, { id: 'half', name: 'Harbor Half', participants: 40, ...at(3) })
  scene.addEvent(organization, { id: 'fun', name: 'Fun Run', participants: 9, ...at(9) })
  scene.addEvent(organization, { id: 'old', name: 'Old Mill 5K', participants: 60, ...at(-30) })
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  scratch = mkdtempSync(join(tmpdir(), 'startlist-verify-'))
  await startlist.run(['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York'])
  await startlist.run(
    [
      ...['credentials', 'add', '--partner', '1', '--provider', 'haku', '--org', organization.name],
      ...['--principal', organization.clientId, '--secret-stdin'],
    ],
    { input: organization.secrets[0] ?? '' },
  )
})

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

it('shows one partner from secret to poll, in fewer than 30 calls, and writes nothing personal', async () => {
  const report = join(scratch, 'verify.md')
  const record = join(scratch, 'verify.jsonl')
  const before = haku.calls.last
  const human = await startlist.run(['verify', '--partner', '1', '--report', report, '--record', record])
  console.log(human.stdout, human.stderr, human.code)
  console.log(readFileSync(report, 'utf8'))
  console.log(readFileSync(record, 'utf8').slice(0, 3000))
  expect(human.code).toBe(0)
  expect(haku.calls.last - before).toBeLessThan(30)
})
