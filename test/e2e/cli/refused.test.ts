import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testDatabase } from '../../helpers/database.ts'
import { type CliScene, openCliScene } from './scene.ts'

let scene: CliScene
let startlist: CliScene['startlist']
let expectRefused: CliScene['expectRefused']
beforeAll(async () => {
  scene = await openCliScene()
  ;({ startlist, expectRefused } = scene)
})
afterAll(() => scene?.stop())

describe('before anything is set up', () => {
  it('a database without the schema is not touched', async () => {
    const empty = await testDatabase({ empty: true })
    const options = { env: { DATABASE_URL: empty.url } }
    await expectRefused(['sync'], { exit: 1, code: 'SCHEMA_MISSING', text: /startlist migrate/ }, options)
    const check = await startlist.json(['migrate', '--check'], options)
    expect(check).toMatchObject({ code: 3, lines: [{ pending: expect.arrayContaining(['0001_schema']) }] })
    expect((await startlist.run(['doctor'], options)).stdout).toMatch(/fail {2}schema .*0001_schema/)
  })

  it('of two migrations at the same moment one does the work and the other waits', async () => {
    const empty = await testDatabase({ empty: true })
    const options = { env: { DATABASE_URL: empty.url } }
    const both = await Promise.all([
      startlist.json(['migrate'], options),
      startlist.json(['migrate'], options),
    ])
    expect(both.map((ended) => ended.code)).toEqual([0, 0])
    const applied = both.map((ended) => (ended.lines[0] as { applied: string[] }).applied.length)
    expect(Math.min(...applied)).toBe(0)
    expect(Math.max(...applied)).toBeGreaterThan(0)
    expect(await startlist.run(['migrate', '--check'], options)).toMatchObject({ code: 0 })
  })

  it('a database that a later release has made its own is left alone', async () => {
    const later = await testDatabase()
    await sql`INSERT INTO startlist.migrations (name, timestamp) VALUES ('9999_later', '2030-01-01')`.execute(
      later.db,
    )
    await sql`COMMENT ON TABLE startlist.migrations IS '9999_later'`.execute(later.db)
    const options = { env: { DATABASE_URL: later.url } }
    await expectRefused(['sync'], { exit: 1, code: 'SCHEMA_NEWER', text: /update startlist/ }, options)
  })

  it('a database that is down is named, without its password', async () => {
    const options = { env: { DATABASE_URL: 'postgres://me:hunter2hunter2@127.0.0.1:1/races' } }
    await expectRefused(
      ['status'],
      { exit: 1, code: 'DATABASE_UNREACHABLE', text: /127\.0\.0\.1:1/ },
      options,
    )
    const ended = await startlist.run(['doctor'], options)
    expect(ended.code).toBe(1)
    expect(ended.stdout + ended.stderr).not.toContain('hunter2hunter2')
  })

  it('a missing or unreadable variable is named', async () => {
    const env = { STARTLIST_KEY: '' }
    await expectRefused(
      ['sync'],
      { exit: 1, code: 'KEY_MISSING', text: /head -c 32 \/dev\/urandom/ },
      { env },
    )
    const wrong = { env: { HAKU_QUOTA_PER_HOUR: 'many' } }
    await expectRefused(['sync'], { exit: 1, code: 'CONFIG_INVALID', text: /HAKU_QUOTA_PER_HOUR/ }, wrong)
  })

  it.each<[args: string[], code: string, text: RegExp]>([
    [['snyc'], 'USAGE', /Did you mean sync\?/],
    [['sync', '--evnt', '3'], 'USAGE', /Did you mean --event\?/],
    [['sync', '--details'], 'USAGE', /--full/],
    [['sync', '--partner', 'x'], 'BAD_INPUT', /--partner/],
    [['sync', '--partner', '99'], 'NO_SUCH_PARTNER', /partners list/],
    [['sync', '--provider', 'nope'], 'BAD_INPUT', /haku/],
    [['sync', '--event', 'nope'], 'NO_SUCH_EVENT', /discover/],
    [['discover', '--partner', '99'], 'NO_SUCH_PARTNER', /99/],
    [['participants', '--event', 'nope'], 'NO_SUCH_EVENT', /nope/],
    [['participants'], 'USAGE', /--event/],
    [['credentials', 'test', '99'], 'NO_SUCH_CREDENTIAL', /99/],
    [['credentials', 'test'], 'USAGE', /--all/],
    [['partners', 'add', '--name', ' '], 'BAD_INPUT', /--name/],
    [['partners', 'add', '--name', 'x', '--timezone', 'Nowhere'], 'BAD_INPUT', /IANA/],
    [['events', 'set', '--event', 'nope'], 'USAGE', /--start/],
    [['events', 'set', '--event', 'nope', '--start', 'soon'], 'BAD_INPUT', /2026-/],
  ])('%j is refused', async (args, code, text) => {
    await scene.expectRefusal(args, { exit: 2, code, text })
  })

  it('help and version are no errors', async () => {
    expect(await startlist.run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' })
    expect((await startlist.run(['sync', '--help'])).stdout).toContain('Examples:')
    expect(await startlist.run([])).toMatchObject({ code: 0 })
  })

  it('without a credential there is nothing to do, and it says how to add one', async () => {
    await expectRefused(['discover'], { exit: 3, code: 'NO_SUCH_CREDENTIAL', text: /startlist setup/ })
  })
})
