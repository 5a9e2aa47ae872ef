import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { FORMAT_NAMES } from '../../src/export/formats.ts'
import { cancel, editPerson, type Haku, startHaku, type World, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { readBack } from '../export/read-back.ts'
import { testDatabase } from '../helpers/database.ts'

const SECRET = 'a-secret-of-the-first-partner'
const CLIENT = 'c1ie47'.repeat(4)
const EVENT = 'soon'

let scene: World
let haku: Haku
let startlist: Program
let folder: string

beforeAll(async () => {
  scene = world({ clock: systemClock, seed: 3 })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  const startsAt = scene.now() + 3 * 86_400_000
  scene.addEvent(organization, { id: EVENT, name: 'Harbor Half', participants: 30, startsAt })
  haku = await startHaku({ world: scene })
  startlist = Program.on((await testDatabase()).url, haku)
  folder = mkdtempSync(join(tmpdir(), 'startlist-exports-'))
  await startlist.run(['partners', 'add', '--name', 'Alder Timing', '--timezone', 'America/New_York'])
  const account = ['--partner', '1', '--provider', 'haku', '--org', 'Lantern Bay', '--principal', CLIENT]
  await startlist.run(['credentials', 'add', ...account, '--secret-stdin'], { input: SECRET })
  await startlist.run(['discover'])
  await startlist.run(['sync'])
})

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const exported = (...args: string[]) => ['export', '--event', EVENT, ...args]
const inFolder = (name: string) => join(folder, name)

describe('export', () => {
  it('names every format with its defaults, without a database', async () => {
    const list = await startlist.json(['export', '--list'], {
      env: { DATABASE_URL: 'postgres://127.0.0.1:1/x' },
    })
    expect(list.lines.map(({ format }) => format)).toEqual(FORMAT_NAMES)
    expect(list.lines[2]).toMatchObject({
      format: 'webscorer',
      delimiter: 'tab',
      encoding: 'utf-16le',
      bom: true,
    })
  })

  it('writes a file whole, for its owner alone, and says up to where it goes', async () => {
    const file = inFolder('harbor.csv')
    const done = await startlist.json(exported('--format', 'race-result', '--out', file))
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.lines).toEqual([
      expect.objectContaining({
        kind: 'export',
        format: 'raceresult',
        rows: 30,
        which: 'listed',
        after: null,
      }),
    ])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const rows = await readBack('raceresult', readFileSync(file))
    expect(rows).toHaveLength(30)
    expect(done.lines[0]).toMatchObject({ bytes: statSync(file).size })
  })

  it('writes to standard output, and what a person should know to standard error', async () => {
    const { code, stdout, stderr } = await startlist.run(
      exported('--format', 'mylaps', '--delimiter', 'semicolon'),
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^id;name;bib;chipcode;gender;birthdate;race;wave\r\n/)
    expect(stdout.split('\r\n')).toHaveLength(32)
    expect(stderr).toMatch(/30 rows/)
    expect(stderr).toMatch(/Bibs as of .* ago/)
    expect(stderr).toMatch(/--after \d+/)
  })

  it('writes what changed, and beside it who was withdrawn', async () => {
    const first = await startlist.json(exported('--format', 'generic', '--out', inFolder('all.csv')))
    const after = String(first.lines[0]!.position)
    const [gone = ''] = scene.event(EVENT).registrations.keys()
    cancel(scene, EVENT, gone)
    await startlist.run(['sync'])
    const files = ['--out', inFolder('new.csv'), '--withdrawn-out', inFolder('gone.csv')]
    const next = await startlist.json(exported('--format', 'generic', '--after', after, ...files))
    expect(next).toMatchObject({
      code: 0,
      lines: [{ rows: 0 }, { which: 'withdrawn', rows: 1, after: Number(after) }],
    })
    expect(await readBack('generic', readFileSync(inFolder('gone.csv')))).toMatchObject([
      { 'Registration ID': gone, Status: 'cancelled' },
    ])
    await startlist.run(exported('--format', 'json', '--withdrawn', '--out', inFolder('gone.json')))
    expect(JSON.parse(readFileSync(inFolder('gone.json'), 'utf8'))).toMatchObject({
      about: { which: 'withdrawn' },
      participants: [{ id: gone }],
    })
  })

  it('goes on from a mark that an export left behind', async () => {
    const to = (name: string) => ['--format', 'generic', '--out', inFolder(name), '--mark', 'list exported']
    expect((await startlist.json(exported(...to('all.csv')))).code).toBe(0)
    const [one = ''] = [...scene.event(EVENT).registrations.keys()].slice(8)
    editPerson(scene, EVENT, one, { lastName: 'Changed' })
    await startlist.run(['sync'])
    const since = ['--since', 'list exported']
    expect((await startlist.json(exported(...to('new.csv'), ...since))).lines).toMatchObject([{ rows: 1 }])
    expect(await readBack('generic', readFileSync(inFolder('new.csv')))).toMatchObject([
      { 'Registration ID': one },
    ])
    expect((await startlist.json(exported(...to('none.csv'), ...since))).lines).toMatchObject([{ rows: 0 }])
    const unknown = await startlist.json(
      exported('--format', 'csv', '--since', 'x', '--out', inFolder('x.csv')),
    )
    expect(unknown).toMatchObject({ code: 2, lines: [{ error: { code: 'NO_SUCH_MARK' } }] })
  }, 90_000)

  it('leaves the old file where the new one fails, and no half of it', async () => {
    const file = inFolder('kept.csv')
    writeFileSync(file, 'the old list')
    const failed = await startlist.json(exported('--format', 'csv', '--after', '999999', '--out', file))
    expect(failed).toMatchObject({ code: 2, lines: [{ error: { code: 'CHANGES_GONE' } }] })
    expect(readFileSync(file, 'utf8')).toBe('the old list')
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  const wrong: [args: string[], text: RegExp][] = [
    [['export'], /--event and --format/],
    [exported('--format', 'excel'), /"excel" is no format/],
    [exported('--format', 'json', '--delimiter', 'tab'), /--delimiter means nothing to json/],
    [exported('--format', 'csv', '--date-order', 'ydm'), /--date-order/],
    [exported('--format', 'csv', '--after', '-1'), /--after/],
    [['export', '--event', 'none', '--format', 'csv'], /no event none/],
    [exported('--format', 'csv', '--encoding', 'windows-1252', '--bom', 'yes'), /--bom means nothing/],
  ]
  it.each(wrong)('refuses %j', async (args, text) => {
    const { code, stderr, stdout } = await startlist.run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(text)
  })

  it('keeps JSON lines and files apart', async () => {
    expect(await startlist.json(exported('--format', 'csv'))).toMatchObject({
      code: 2,
      lines: [{ error: { code: 'USAGE' } }],
    })
  })
})

describe('freeze', () => {
  it('keeps a list that is the same bytes later, in every format, and says what privacy took out of it', async () => {
    const made = await startlist.json(['freeze', '--event', EVENT, '--by', 'Ana'])
    expect(made).toMatchObject({ code: 0, lines: [{ freezeId: 1, frozenBy: 'Ana', erased: 0 }] })
    const rows = Number(made.lines[0]!.rows)
    expect(rows).toBeGreaterThan(20)
    const write = async (name: string, ...args: string[]) => {
      const done = await startlist.json(['freeze', 'export', '1', ...args, '--out', inFolder(name)])
      expect(done.code).toBe(0)
      return readFileSync(inFolder(name))
    }
    const before = [
      await write('frozen.json'),
      await write('frozen.csv', '--format', 'raceresult'),
      await write('frozen.xlsx', '--format', 'xlsx'),
    ]
    expect(createHash('sha256').update(before[0]!).digest('hex')).toBe(made.lines[0]!.sha256)

    const numbers = [...scene.event(EVENT).registrations.keys()]
    editPerson(scene, EVENT, numbers[3]!, { firstName: 'Changed' })
    cancel(scene, EVENT, numbers[4]!)
    await startlist.run(['sync'])
    expect([
      await write('again.json'),
      await write('again.csv', '--format', 'raceresult'),
      await write('again.xlsx', '--format', 'xlsx'),
    ]).toEqual(before)
    const proven = await startlist.json(['freeze', 'verify', '1'])
    expect(proven).toMatchObject({ code: 0, lines: [{ genuine: true, intact: rows }] })

    await startlist.run(['forget', '--provider', 'haku', '--registration', numbers[5]!, '--yes'])
    const after = await startlist.json(['freeze', 'verify', '1'])
    expect(after).toMatchObject({
      code: 3,
      lines: [{ genuine: true, intact: rows - 1, erased: { forget: 1 } }],
    })
    const without = await readBack('raceresult', await write('without.csv', '--format', 'raceresult'))
    const whole = await readBack('raceresult', before[1]!)
    expect(without.filter((row, i) => JSON.stringify(row) !== JSON.stringify(whole[i]))).toMatchObject([
      { RegistrationID: numbers[5], Firstname: '', Lastname: '', DateOfBirth: '' },
    ])
    expect((await startlist.json(['freeze', 'list'])).lines).toMatchObject([{ freezeId: 1, rows, erased: 1 }])
    expect((await startlist.run(['freeze', 'export', '1', '--signature'])).stdout).toMatch(
      /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/,
    )
  }, 90_000)

  it('is removed for good by whoever says so twice, and said by whom', async () => {
    const made = await startlist.json(['freeze', '--event', EVENT, '--by', 'Ana'])
    const id = String(made.lines[0]!.freezeId)
    expect(await startlist.json(['freeze', 'remove', id])).toMatchObject({
      code: 2,
      lines: [{ error: { code: 'USAGE' } }],
    })
    const removed = await startlist.run(['freeze', 'remove', id, '--by', 'Ben', '--yes'])
    expect(removed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Removed: freeze \d+, \d+ registrations of Harbor Half, made .+ ago by Ana\.\n$/,
      ),
    })
    expect(JSON.parse(removed.stderr)).toMatchObject({
      msg: 'freeze removed',
      freezeId: Number(id),
      removedBy: 'Ben',
      time: expect.any(String),
    })
    expect(
      (await startlist.json(['freeze', 'list'])).lines.map(({ freezeId }) => String(freezeId)),
    ).not.toContain(id)
  })

  it('refuses what makes no sense', async () => {
    expect(await startlist.json(['freeze'])).toMatchObject({ code: 2, lines: [{ error: { code: 'USAGE' } }] })
    expect(await startlist.json(['freeze', 'verify', '99'])).toMatchObject({
      code: 2,
      lines: [{ error: { code: 'NO_SUCH_FREEZE' } }],
    })
  })
})
