import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { killRuns, startRun } from '../helpers/running.ts'

const SECRET = 'a-secret-of-the-partner'
const CLIENT = 'c1ie47'.repeat(4)

let haku: Haku
let database: TestDatabase
let startlist: Program
let scratch: string

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 5 })
  scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  scratch = mkdtempSync(join(tmpdir(), 'startlist-keys-'))
  await startlist.run(['partners', 'add', '--name', 'Birch Timing'])
  await startlist.run(
    [
      'credentials',
      'add',
      '--partner',
      '1',
      '--provider',
      'haku',
      '--org',
      'Lantern Bay',
      '--principal',
      CLIENT,
      '--secret-stdin',
    ],
    { input: SECRET },
  )
})
afterAll(async () => {
  killRuns()
  startlist?.dispose()
  await haku?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

const stored = async () =>
  (await sql<{ secret: string }>`SELECT secret FROM partner_provider_credentials`.execute(database.db))
    .rows[0]?.secret

it('a secret in plain text works, is flagged, and is sealed once a person agreed', async () => {
  await sql`UPDATE partner_provider_credentials SET secret = ${SECRET}`.execute(database.db)
  expect(await startlist.run(['credentials', 'test', '1'])).toMatchObject({ code: 0 })
  expect((await startlist.run(['doctor'])).stdout).toMatch(
    /warn {2}secrets .*credential:1.*credentials seal/s,
  )
  expect((await startlist.run(['credentials', 'list'])).stdout).toMatch(/plain text: 1\b.*credentials seal/)
  const told = await startlist.run(['credentials', 'seal'])
  expect(told).toMatchObject({ code: 3, stdout: expect.stringMatching(/cannot use it once it is sealed/) })
  expect(await stored()).toBe(SECRET)
  expect(await startlist.json(['credentials', 'seal', '--yes'])).toMatchObject({
    code: 0,
    lines: [{ sealed: [1] }],
  })
  expect(await stored()).toMatch(/^eyJ/)
  expect(await startlist.run(['credentials', 'test', '1'])).toMatchObject({ code: 0 })
  expect(await startlist.json(['credentials', 'seal'])).toMatchObject({ code: 0, lines: [{ sealed: [] }] })
})

it('the key is rotated: the new one is in a file, the old one works until the end is said, and never after it', async () => {
  const file = join(scratch, 'key')
  expect(await startlist.json(['credentials', 'rotate-key'])).toMatchObject({ code: 2 })
  const begun = await startlist.run(['credentials', 'rotate-key', '--out', file])
  const key = readFileSync(file, 'utf8').trim()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(begun).toMatchObject({ code: 0 })
  expect(begun.stdout + begun.stderr).not.toContain(key)
  const renewed = { env: { STARTLIST_KEY: key } }
  for (const options of [{}, renewed])
    expect(await startlist.run(['credentials', 'test', '1'], options)).toMatchObject({ code: 0 })
  // The old key ends nothing, and tells the new one again to whoever lost it.
  expect(await startlist.json(['credentials', 'rotate-key', '--finish'])).toMatchObject({ code: 2 })
  expect(await startlist.run(['credentials', 'rotate-key', '--out', file])).toMatchObject({ code: 0 })
  expect(await startlist.json(['credentials', 'rotate-key', '--finish'], renewed)).toMatchObject({ code: 0 })

  const before = haku.calls.last
  const refused = await startlist.json(['discover'])
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain('"KEY_WRONG"')
  const running = await startRun(startlist.env, ['--no-api'])
  await running.line((line) => JSON.stringify(line).includes('KEY_WRONG'))
  running.kill('SIGTERM')
  await running.ended
  expect(haku.calls.last).toBe(before)
  expect(await startlist.run(['credentials', 'test', '1'], renewed)).toMatchObject({ code: 0 })
}, 120_000)
