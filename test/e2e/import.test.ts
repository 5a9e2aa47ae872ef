import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

const HEAD = 'partner,organization,provider,client_id,client_secret,timezone'
const SHARED = 'c1ie47'.repeat(4)
const SECOND = 'c1ie99'.repeat(4)
/** Two partners on one client id, one of them with a second organization; each with a secret of its own. */
const ROWS = [
  `Birch Timing,Lantern Bay,haku,${SHARED},first-secret,America/New_York`,
  `Birch Timing,Harbor Club,haku,${SECOND},second-secret,`,
  `Cedar Timing,Lantern Bay,haku,${SHARED},other-secret,`,
]

let haku: Haku
let database: TestDatabase
let startlist: Program
let scratch: string

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 6 })
  scene.addOrganization({ name: 'Lantern Bay', clientId: SHARED, secret: ['first-secret', 'other-secret'] })
  scene.addOrganization({ name: 'Harbor Club', clientId: SECOND, secret: 'second-secret' })
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  scratch = mkdtempSync(join(tmpdir(), 'startlist-import-'))
})
afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

function fileOf(rows: readonly string[], mode = 0o600): string {
  const file = join(scratch, 'partners.csv')
  writeFileSync(file, `${[HEAD, ...rows].join('\n')}\n`)
  chmodSync(file, mode)
  return file
}

const importOf = (rows: readonly string[], mode?: number) =>
  startlist.json(['credentials', 'import', fileOf(rows, mode)])

async function stored(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT ((SELECT count(*) FROM timing_partners) + (SELECT count(*) FROM partner_provider_credentials))::int AS n`.execute(
    database.db,
  )
  return rows[0]!.n
}

it('a file that others may read, or with one wrong line, is refused whole', async () => {
  expect(await importOf(ROWS, 0o644)).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/read by others/),
  })
  const unknown = await importOf([...ROWS, `99,X,haku,${SECOND}1,s,`])
  expect(unknown).toMatchObject({ code: 2, stdout: expect.stringMatching(/NO_SUCH_PARTNER.*line 5/) })
  expect(await stored()).toBe(0)
})

it('partners and credentials of a file are stored, a shared client id and a second organization included', async () => {
  const { code, lines } = await importOf(ROWS)
  expect(code).toBe(0)
  expect(lines.map(({ partner, outcome }) => [partner, outcome])).toEqual([
    ['Birch Timing', 'added'],
    ['Birch Timing', 'added'],
    ['Cedar Timing', 'added'],
  ])
  expect(await stored()).toBe(5)
})

it('test --all takes a token for each credential and one call for each account', async () => {
  const before = haku.calls.last
  expect(await startlist.json(['credentials', 'test', '--all'])).toMatchObject({
    code: 0,
    lines: [{ ok: true }, { ok: true }, { ok: true }],
  })
  expect(haku.calls.count({ afterCall: before, endpoint: 'token' })).toBe(3)
  expect(haku.calls.count({ afterCall: before, endpoint: 'events' })).toBe(2)
  expect(haku.calls.last - before).toBe(5)
})

it('an account that may not read its events is told for each of its credentials', async () => {
  const rule = haku.faults.add({
    match: { endpoint: 'events', client: SECOND },
    fault: { kind: 'status', status: 403 },
  })
  const { code, lines } = await startlist.json(['credentials', 'test', '--all'])
  rule.remove()
  expect(code).toBe(3)
  expect(lines.map(({ ok, code }) => [ok, code])).toEqual([
    [true, null],
    [false, 'FORBIDDEN'],
    [true, null],
  ])
})

it('the inventory shows what was made of it, and the same file again changes nothing but a changed secret', async () => {
  const inventory = async () =>
    (await startlist.json(['credentials', 'list'])).lines.map(
      ({ partner, organization, clientId, state, shared }) =>
        [partner, organization, clientId, state, shared].join(' | '),
    )
  expect(await inventory()).toEqual([
    'Birch Timing | Lantern Bay | c1ie47c1ie... | Ready | true',
    'Birch Timing | Harbor Club | c1ie99c1ie... | Ready | false',
    'Cedar Timing | Lantern Bay | c1ie47c1ie... | Ready | true',
  ])
  const harbor = (await startlist.json(['credentials', 'list'])).lines[1]?.id
  await startlist.run(['credentials', 'pause', String(harbor)])
  const changed = ROWS.map((row) => row.replace('second-secret', 'third-secret').replace('Birch', 'BIRCH'))
  const { lines } = await importOf(changed)
  expect(lines.map(({ outcome }) => outcome)).toEqual(['unchanged', 'secret changed', 'unchanged'])
  expect((await inventory()).map((line) => line.split(' | ')[3])).toEqual(['Ready', 'Paused', 'Ready'])
  expect(await stored()).toBe(5)
})

it('the template is a file that can be imported', async () => {
  const { stdout } = await startlist.run(['credentials', 'import', '--template'])
  expect(stdout.split('\n')[0]).toBe(HEAD)
  expect(stdout.trim().split('\n')).toHaveLength(2)
})
