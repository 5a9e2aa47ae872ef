import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import {
  editPerson,
  type Haku,
  type RaceEvent,
  remove,
  startHaku,
  type World,
  world,
} from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'

const SECRET = 'a-secret-of-the-only-partner'
const CLIENT = 'dec1de'.repeat(4)

let scene: World
let event: RaceEvent
let haku: Haku
let startlist: Program
let db: Db

beforeAll(async () => {
  scene = world({ clock: systemClock, seed: 5 })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  const startsAt = scene.now() + 9 * 86_400_000
  event = scene.addEvent(organization, { id: 'bay', name: 'Harbor Half', participants: 30, startsAt })
  haku = await startHaku({ world: scene, traits: { registrationsList: 'whole' } })
  const database = await testDatabase()
  db = database.db
  startlist = Program.on(database.url, haku)
  await startlist.run(['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York'])
  const credential = ['--partner', '1', '--provider', 'haku', '--org', 'Lantern Bay', '--principal', CLIENT]
  await startlist.run(['credentials', 'add', ...credential, '--secret-stdin'], { input: SECRET })
  await startlist.run(['discover'])
  expect(await startlist.json(['sync'])).toMatchObject({ code: 0 })
})

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
})

/** No command of these makes a call. */
async function withoutCalls<T>(work: () => Promise<T>): Promise<T> {
  const before = haku.calls.last
  const result = await work()
  expect(haku.calls.last).toBe(before)
  return result
}

const live = async () => (await startlist.json(['participants', '--event', 'bay'])).lines.length

describe('without anything to decide', () => {
  it('each list says so', async () => {
    expect(await startlist.run(['holds'])).toMatchObject({ code: 0, stdout: 'Nothing is held.\n' })
    expect(await startlist.run(['rejects'])).toMatchObject({ code: 0, stdout: 'Nothing is rejected.\n' })
    expect(await startlist.json(['rejects', 'retry'])).toMatchObject({ code: 0, lines: [] })
  })

  it.each([
    [['holds', 'apply', '9'], 'NO_SUCH_HOLD'],
    [['holds', 'discard', 'x'], 'BAD_INPUT'],
    [['holds', 'aply', '1'], 'USAGE'],
    [['rejects', 'show', '9'], 'NO_SUCH_REJECT'],
    [['rejects', 'retry', '9'], 'NO_SUCH_REJECT'],
    [['undo', '999'], 'NO_SUCH_RUN'],
    [['undo', '1', '--event', 'bay'], 'USAGE'],
  ])('%j is wrong usage', async (args, code) => {
    expect(await startlist.json(args)).toMatchObject({ code: 2, lines: [{ error: { code } }] })
  })
})

describe('a removal that is held', () => {
  it('is listed with what was asked for, and applied, and undone, without a call', async () => {
    for (const number of [...event.registrations.keys()].slice(0, 25)) remove(scene, 'bay', number)
    expect(await startlist.json(['sync', '--full'])).toMatchObject({ code: 3 })
    await withoutCalls(async () => {
      const { lines } = await startlist.json(['holds'])
      expect(lines).toMatchObject([
        {
          holdId: 1,
          provider: 'haku',
          eventId: 'bay',
          event: 'Harbor Half',
          kind: 'removal',
          absent: 25,
          known: 30,
        },
      ])
      expect(lines[0]?.samples).toHaveLength(5)
      expect(Date.parse(String(lines[0]?.openedAt))).not.toBeNaN()
      expect((await startlist.run(['holds'])).stdout).toContain('startlist holds apply 1')

      const applied = await startlist.json(['holds', 'apply', '1', '--by', 'Ana'])
      expect(applied).toMatchObject({ code: 0, lines: [{ decision: 'applied', by: 'Ana', removed: 25 }] })
      expect(await live()).toBe(5)
      expect(await startlist.json(['holds', 'discard', '1'])).toMatchObject({ code: 2 })
      expect((await startlist.json(['holds', '--all'])).lines).toMatchObject([
        { state: 'applied', decidedBy: 'Ana' },
      ])

      const [run] = (await startlist.json(['undo'])).lines
      expect(run).toMatchObject({ kind: 'hold', removed: 25 })
      const undone = await startlist.json(['undo', String(run?.runId)])
      expect(undone).toMatchObject({ code: 0, lines: [{ kind: 'undo', restored: 25, holdIds: [1] }] })
      expect(await live()).toBe(30)
    })
  })

  it('is discarded, says what happens next, and is not opened by the next sweep', async () => {
    const ended = await startlist.run(['holds', 'discard', '1'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/25 registrations stay.*opens no hold again/)
    expect(await startlist.json(['sync', '--full'])).toMatchObject({ code: 0 })
    expect((await startlist.json(['holds'])).lines).toEqual([])
    expect(await live()).toBe(30)
  })
})

describe('a run whose rows changed again', () => {
  it('is refused with exit 3, and undone but for them with --only-untouched', async () => {
    const [one = '', other = ''] = event.registrations.keys()
    for (const number of [one, other]) editPerson(scene, 'bay', number, { firstName: 'Wrong' })
    await startlist.json(['sync'])
    const [run] = (await startlist.json(['undo', '--event', 'bay'])).lines
    expect(run).toMatchObject({ updated: 2 })
    editPerson(scene, 'bay', other, { firstName: 'Later' })
    await startlist.json(['sync'])
    const id = String(run?.runId)
    expect(await startlist.json(['undo', id])).toMatchObject({
      code: 3,
      lines: [{ error: { code: 'CHANGED_SINCE', hint: expect.stringContaining('--only-untouched') } }],
    })
    const ended = await startlist.run(['undo', id, '--only-untouched'])
    expect(ended.code).toBe(0)
    expect(ended.stdout).toMatch(/1 as before, 1 left as they are .*The next poll reads 1 registration again/)
    // The provider still says so.
    await startlist.json(['sync'])
    const names = (await startlist.json(['participants', '--event', 'bay'])).lines.map(
      (line) => line.firstName,
    )
    expect(names).toEqual(expect.arrayContaining(['Wrong', 'Later']))
  })
})

describe('a record that is rejected', () => {
  it('is listed without its text, shown with it, and leaves the list when it is mended', async () => {
    const [number = ''] = event.registrations.keys()
    editPerson(scene, 'bay', number, { firstName: 'Nameless' })
    const rule = haku.faults.add({ fault: { kind: 'malformed', defects: ['no-number'], numbers: [number] } })
    expect(await startlist.json(['sync'])).toMatchObject({ code: 0 })
    const [reject] = (await startlist.json(['rejects', 'list', '--event', 'bay'])).lines
    expect(reject).toMatchObject({ rejectId: expect.any(Number), eventId: 'bay', kind: 'record' })
    expect(JSON.stringify(reject)).not.toContain('Nameless')
    const shown = await startlist.run(['rejects', 'show', String(reject?.rejectId)])
    expect(shown.stdout).toContain('Nameless')
    expect(shown.stdout).toMatch(/startlist sync --event bay --full/)
    await withoutCalls(() => startlist.run(['rejects', 'retry']))
    expect((await startlist.json(['rejects'])).lines).toHaveLength(1)
    rule.remove()
    await startlist.json(['sync', '--full'])
    expect((await startlist.json(['rejects'])).lines).toEqual([])
  })
})

describe('an audit', () => {
  it('that finds nothing ends with 0, a line for each event and one for the ledger', async () => {
    const { code, lines } = await startlist.json(['audit', '--sample', '3'])
    expect(lines).toMatchObject([
      { kind: 'audit', partnerId: 1, eventId: 'bay', count: 'untold', sampled: 3, mismatches: [] },
      { kind: 'ledger', told: null, excess: null },
    ])
    expect(code).toBe(0)
  })

  it('that finds a mismatch ends with 1, and status tells of it until it is mended', async () => {
    const tamper = (name: string) =>
      sql`UPDATE haku_participants SET last_name = ${name} WHERE participant_id = ${key}`.execute(db)
    const { rows } = await sql<{ key: string; name: string }>`
      SELECT participant_id AS key, last_name AS name FROM haku_participants WHERE removed_at IS NULL LIMIT 1`.execute(
      db,
    )
    const { key = '', name = '' } = rows[0] ?? {}
    await tamper('Tampered')
    const found = await startlist.run(['audit', '--event', 'bay', '--sample', '0'])
    expect(found).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`registration ${key}: feed (last_name)`),
    })
    const troubles = async () => {
      const { lines } = await startlist.json(['status'])
      return lines.filter(({ problem }) => problem === 'audit')
    }
    expect(await troubles()).toMatchObject([{ eventId: 'bay', findings: [{ kind: 'feed', key }] }])
    await tamper(name)
    expect(await startlist.run(['audit', '--sample', '0'])).toMatchObject({ code: 0 })
    expect(await troubles()).toEqual([])
  })

  it('of an unknown event, or with a sample that is no number, is wrong usage', async () => {
    expect(await startlist.run(['audit', '--event', 'nowhere'])).toMatchObject({ code: 2 })
    expect(await startlist.run(['audit', '--sample', 'all'])).toMatchObject({ code: 2 })
  })
})
