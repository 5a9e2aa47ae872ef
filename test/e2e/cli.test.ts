import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

const SECRET = 'a-secret-of-the-first-partner'
const OTHER_SECRET = 'a-secret-of-the-second-partner'
const CLIENT = 'c1ie47'.repeat(4)

let haku: Haku
let database: TestDatabase
let startlist: Program
let scratch: string

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 3 })
  const organization = scene.addOrganization({
    name: 'Lantern Bay',
    clientId: CLIENT,
    secret: [SECRET, OTHER_SECRET],
  })
  const day = 86_400_000
  scene.addEvent(organization, {
    id: 'soon',
    name: 'Harbor Half',
    participants: 30,
    startsAt: scene.now() + 3 * day,
  })
  scene.addEvent(organization, {
    id: 'past',
    name: 'Old Mill 5K',
    participants: 5,
    startsAt: scene.now() - 30 * day,
  })
  haku = await startHaku({ world: scene })
  database = await testDatabase()
  startlist = Program.on(database.url, haku)
  scratch = mkdtempSync(join(tmpdir(), 'startlist-cli-files-'))
})

afterAll(async () => {
  startlist?.dispose()
  await haku?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

/** One line, no stack trace, and no call spent. */
async function expectRefused(
  args: string[],
  expected: { exit: number; code: string; text: RegExp },
  options: Parameters<Program['run']>[1] = {},
) {
  const before = haku.calls.last
  const [human, machine] = await Promise.all([startlist.run(args, options), startlist.json(args, options)])
  expect({ exit: human.code, stdout: human.stdout }).toEqual({ exit: expected.exit, stdout: '' })
  expect(human.stderr).toMatch(/^startlist: [^\n]+\n$/)
  expect(human.stderr).toMatch(expected.text)
  expect(human.stderr).not.toMatch(/\n\s+at /)
  expect(machine.code).toBe(expected.exit)
  expect(machine.stderr).toBe('')
  expect(machine.lines).toEqual([
    { error: { code: expected.code, message: expect.any(String), hint: expect.any(String) } },
  ])
  expect(haku.calls.last).toBe(before)
}

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
    await expectRefused(args, { exit: 2, code, text })
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

describe('from the first partner to the first start list', () => {
  it('partners are added', async () => {
    expect(
      await startlist.json(['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York']),
    ).toMatchObject({
      code: 0,
      lines: [{ id: 1, name: 'Lantern Timing' }],
    })
    expect(await startlist.json(['partners', 'add', '--name', 'Second Mat', '--id', '7'])).toMatchObject({
      lines: [{ id: 7 }],
    })
    await expectRefused(['partners', 'add', '--name', 'lantern timing'], {
      exit: 2,
      code: 'BAD_INPUT',
      text: /partner 1/,
    })
  })

  it('setup that cannot go on stores nothing', async () => {
    const given = [
      '--name',
      'Left Behind',
      '--timezone',
      'America/New_York',
      '--org',
      'x',
      '--principal',
      'y',
    ]
    await expectRefused(['setup', ...given], { exit: 2, code: 'USAGE', text: /secret is missing/ })
    const later = [...given, '--provider', 'raceentry', '--secret-stdin']
    await expectRefused(['setup', ...later], { exit: 2, code: 'BAD_INPUT', text: /raceentry/ })
    expect((await startlist.run(['partners', 'list'])).stdout).not.toContain('Left Behind')
  })

  it('a secret on the command line is refused and not repeated', async () => {
    const args = ['credentials', 'set-secret', '1', '--secret-stdin=hunter2hunter2']
    await expectRefused(args, { exit: 2, code: 'USAGE', text: /unknown option '--secret-stdin'\./ })
    const { stdout, stderr } = await startlist.run(args)
    expect(stdout + stderr).not.toContain('hunter2')
  })

  it('a secret comes by standard input or from a file of mode 0600', async () => {
    const add = (...more: string[]) => [
      ...['credentials', 'add', '--provider', 'haku', '--org', 'Lantern Bay', '--principal', CLIENT, ...more],
    ]
    await expectRefused(add('--partner', '1'), { exit: 2, code: 'USAGE', text: /--secret-stdin/ })
    await expectRefused(
      add('--partner', '99', '--secret-stdin'),
      { exit: 2, code: 'NO_SUCH_PARTNER', text: /99/ },
      { input: SECRET },
    )
    await expectRefused(
      add('--partner', '1', '--secret-stdin'),
      { exit: 2, code: 'BAD_INPUT', text: /empty/ },
      { input: '\n' },
    )
    const added = await startlist.json(add('--partner', '1', '--secret-stdin'), { input: 'not-the-secret\n' })
    expect(added).toMatchObject({ code: 0, lines: [{ id: 1, state: 'Untested' }] })

    const file = join(scratch, 'secret')
    writeFileSync(file, `${OTHER_SECRET}\n`, { mode: 0o644 })
    await expectRefused(add('--partner', '7', '--secret-file', file), {
      exit: 2,
      code: 'BAD_INPUT',
      text: /chmod 600/,
    })
    chmodSync(file, 0o600)
    expect(await startlist.json(add('--partner', '7', '--secret-file', file))).toMatchObject({
      lines: [{ id: 2 }],
    })
    const { rows } = await sql<{ secret: string }>`SELECT secret FROM partner_provider_credentials`.execute(
      database.db,
    )
    for (const { secret } of rows) expect(secret).not.toMatch(/secret/)
  })

  it('a refused secret costs one call, and nobody asks with it again', async () => {
    const tested = await startlist.json(['credentials', 'test', '1'])
    expect(tested).toMatchObject({ code: 3, lines: [{ id: 1, ok: false, code: 'CREDENTIAL_REFUSED' }] })
    expect(haku.calls.count({ status: 400 })).toBe(1)
    const found = await startlist.json(['discover', '--partner', '1'])
    expect(found).toMatchObject({
      code: 3,
      lines: [{ error: { code: 'CREDENTIAL_REFUSED' }, credentialId: 1 }],
    })
    expect(haku.calls.count({ status: 400 })).toBe(1)
    const [line] = (await startlist.json(['credentials', 'list'])).lines
    expect(line).toMatchObject({
      state: 'Refused',
      clientId: 'c1ie47c1ie...',
      callsThisHour: 1,
      shared: true,
    })
    expect((await startlist.run(['doctor'])).stdout).toMatch(/fail {2}credentials .*set-secret 1/s)
  })

  it('a repaired secret works at once', async () => {
    await startlist.run(['credentials', 'set-secret', '1', '--secret-stdin'], { input: SECRET })
    expect(await startlist.json(['credentials', 'test', '--all'])).toMatchObject({
      code: 0,
      lines: [
        { id: 1, ok: true },
        { id: 2, ok: true },
      ],
    })
  })

  it('sync knows no event yet and makes no call', async () => {
    const before = haku.calls.last
    const ended = await startlist.run(['sync'])
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('run startlist discover') })
    expect(haku.calls.last).toBe(before)
  })

  it('discover fetches a shared account once and tells a line per credential', async () => {
    const before = haku.calls.last
    const { code, lines } = await startlist.json(['discover'])
    expect(code).toBe(0)
    const found = { provider: 'haku', events: 2, new: 2, changed: 0, missing: 0 }
    expect(lines).toEqual([
      { ...found, partnerId: 1, calls: haku.calls.last - before },
      { ...found, partnerId: 7, calls: 0 },
    ])
  })

  it('sync reads what is not over, once for both partners', async () => {
    const before = haku.calls.last
    const { code, lines } = await startlist.json(['sync'])
    expect(code).toBe(0)
    const line = {
      provider: 'haku',
      eventId: 'soon',
      kind: 'sweep',
      inserted: 30,
      removed: 0,
      rejected: 0,
      complete: true,
    }
    expect(lines).toMatchObject([
      { ...line, partnerId: 1, calls: haku.calls.last - before },
      { ...line, partnerId: 7, calls: 0 },
    ])
    expect(Object.keys(lines[0] ?? {})).toEqual([
      ...['provider', 'partnerId', 'eventId', 'kind', 'calls', 'seen', 'inserted', 'updated', 'unchanged'],
      ...['removed', 'rejected', 'complete'],
    ])
    expect(haku.calls.count({ eventId: 'past' })).toBe(0)
  })

  it('a second sync costs one call', async () => {
    const before = haku.calls.last
    const ended = await startlist.run(['sync'])
    expect(ended.code).toBe(0)
    expect(ended.stdout).toMatch(/Harbor Half +1 +poll +1 /)
    expect(haku.calls.last - before).toBe(1)
  })

  it('a past event is read when it is named', async () => {
    const { lines } = await startlist.json(['sync', '--event', 'past', '--partner', '7'])
    expect(lines).toMatchObject([
      { partnerId: 1, eventId: 'past', inserted: 5 },
      { partnerId: 7, eventId: 'past', inserted: 5 },
    ])
  })

  it('participants come as table, CSV and JSON', async () => {
    const table = await startlist.run(['participants', '--event', 'soon', '--partner', '1'])
    expect(table).toMatchObject({ code: 0, stderr: '30 registrations\n' })
    expect(table.stdout.split('\n')[0]).toMatch(/^Bib +Name +Sex +Age +Category/)
    const csv = await startlist.run(['participants', '--event', 'soon', '--partner', '1', '--csv'])
    expect(csv.stdout).toMatch(/^bib,name,first_name,.*,status,registered_at,details,partner_id\n/)
    const { lines } = await startlist.json(['participants', '--event', 'soon', '--partner', '7'])
    expect(lines).toHaveLength(30)
    const truth = [...haku.truth().get('soon')!.registrations.keys()]
    expect(lines.map((line) => line.registration).sort()).toEqual(truth.sort())
  })

  it('status is a line a race', async () => {
    const ended = await startlist.run(['status'])
    expect(ended.code).toBe(0)
    // Nothing is late yet, but nobody keeps it so.
    expect(ended.stdout).toMatch(
      /^Up to date, \d+ s ago\. .*startlist run is not running\. Nothing needs you\.\n/,
    )
    expect(ended.stdout).toMatch(/^Race +P +Start +In +Runners/m)
    expect(ended.stdout).toMatch(/Harbor Half +1,7 +\w+ \d+ \d\d:\d\d E[SD]T +2d 23h +30 /)
    const { lines } = await startlist.json(['status'])
    expect(lines).toMatchObject([
      {
        kind: 'race',
        eventId: 'soon',
        partnerIds: [1, 7],
        participants: 30,
        // A person whose name and then bib were read changed twice, and counts once.
        changedThisHour: 30,
        pendingDetails: 0,
        troubled: false,
        every: 4 * 3_600_000,
        stretchedEvery: null,
        late: false,
        bibLimit: 24 * 3_600_000,
        bibsLate: false,
      },
      { kind: 'account', limit: 500, calls: haku.calls.last, backfill: null, unorderedSince: null },
      { kind: 'summary', races: 1, late: 0, unread: 0, needs: 0, running: false },
    ])
  })

  it('an event gets the start and the zone that a person says, and its own back', async () => {
    const set = (...args: string[]) =>
      startlist.json(['events', 'set', '--event', 'soon', '--partner', '1', ...args])
    const before = (await startlist.json(['events', 'list', '--partner', '1'])).lines[0]
    const moved = await set('--start', '2030-07-04T06:30', '--timezone', 'America/Denver')
    expect(moved).toMatchObject({
      code: 0,
      lines: [
        { startsAt: '2030-07-04T12:30:00.000Z', timezone: 'America/Denver', timezoneSource: 'override' },
      ],
    })
    const back = await set('--start', 'provider', '--timezone', 'provider')
    expect(back.lines[0]).toMatchObject({
      startsAt: before?.startsAt,
      timezone: 'America/New_York',
      overrideStart: null,
    })
  })
})

describe('query', () => {
  it('answers', async () => {
    const { lines } = await startlist.json([
      'query',
      'SELECT event_id, count(*) FROM haku_participants GROUP BY 1 ORDER BY 1',
    ])
    expect(lines).toEqual([
      { event_id: 'past', count: 10 },
      { event_id: 'soon', count: 60 },
    ])
  })

  it.each([
    'DELETE FROM haku_participants',
    'SELECT 1; DELETE FROM haku_participants',
    'WITH gone AS (DELETE FROM haku_participants RETURNING 1) SELECT * FROM gone',
    'EXPLAIN ANALYZE DELETE FROM haku_participants',
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SELECT nextval('timing_partners_timing_partner_id_seq')",
    'SELEKT 1',
    'SELECT nothing FROM haku_events',
  ])('%s is refused', async (text) => {
    await expectRefused(['query', text], { exit: 2, code: 'BAD_INPUT', text: /\w/ })
  })
})

describe('a credential', () => {
  it('that is paused is skipped without a call, and its partner is levelled afterwards', async () => {
    await startlist.run(['credentials', 'pause', '2'])
    const before = haku.calls.last
    expect(await startlist.json(['sync', '--partner', '7'])).toMatchObject({
      code: 3,
      lines: [{ credentialId: 2, state: 'Paused' }],
    })
    expect(haku.calls.last).toBe(before)
    haku.world.addRegistration(haku.world.event('soon'), haku.world.now(), '900')
    expect(await startlist.json(['sync'])).toMatchObject({
      code: 3,
      lines: [{ partnerId: 1, inserted: 1 }, { credentialId: 2 }],
    })
    expect(await startlist.json(['credentials', 'resume', '2'])).toMatchObject({
      lines: [{ state: 'Ready' }],
    })
    const polled = await startlist.json(['sync'])
    expect(polled.code).toBe(0)
    const { lines } = await startlist.json(['participants', '--event', 'soon', '--partner', '7'])
    expect(lines).toHaveLength(31)
  })

  it('that is removed leaves what it brought', async () => {
    expect(await startlist.run(['credentials', 'remove', '2'])).toMatchObject({ code: 0 })
    expect((await startlist.json(['credentials', 'list'])).lines).toMatchObject([{ id: 1, shared: false }])
    expect((await startlist.json(['participants', '--event', 'soon', '--partner', '7'])).lines).toHaveLength(
      31,
    )
  })
})

describe('a provider', () => {
  it('that is down ends with 1, and says so for the event', async () => {
    const down = haku.faults.add({ fault: { kind: 'status', status: 503 }, match: { eventId: 'soon' } })
    const ended = await startlist.json(['sync', '--event', 'soon'])
    down.remove()
    expect(ended.code).toBe(1)
    expect(ended.lines).toMatchObject([
      { eventId: 'soon', complete: false },
      { error: { code: 'PROVIDER_DOWN' }, eventId: 'soon' },
    ])
  })
})

describe('the quota', () => {
  it('that is spent ends with 3, and says until when', async () => {
    const before = haku.calls.last
    const options = { env: { HAKU_QUOTA_PER_HOUR: '1' } }
    const human = await startlist.run(['sync'], options)
    expect(human.code).toBe(3)
    expect(human.stderr).toMatch(/quota is spent until \d\d:\d\d \S+ \(in \d+ min\)\. .*--wait/)
    const machine = await startlist.json(['sync', '--event', 'soon'], options)
    expect(machine).toMatchObject({
      code: 3,
      lines: [
        { eventId: 'soon', calls: 0 },
        { error: { code: 'QUOTA_SPENT', retryAt: expect.stringMatching(/^\d{4}-.*Z$/) } },
      ],
    })
    const found = await startlist.run(['discover'], options)
    expect(found.code).toBe(3)
    expect(found.stderr).toMatch(/quota is spent until \d\d:\d\d \S+ \(in \d+ min\)\. Run the command again/)
    expect(haku.calls.last).toBe(before)
    const { lines } = await startlist.json(['status'])
    expect(lines[0]).toMatchObject({
      problem: 'failing',
      message: 'the last pass ended early (QUOTA_SPENT)',
    })
    await startlist.run(['sync'])
  })
})

describe("without a database of one's own", () => {
  it('the embedded one is made at first use, with its schema and key', async () => {
    const fresh = new Program({})
    try {
      const first = await fresh.json(['doctor'])
      expect(first.code).toBe(0)
      expect(first.lines.find((line) => line.check === 'schema')).toMatchObject({ state: 'warn' })
      const added = await fresh.run(['partners', 'add', '--name', 'Lantern Timing'])
      expect(added).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('Preparing the embedded database'),
      })
      expect(await fresh.run(['partners', 'list'])).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringContaining('Lantern Timing'),
      })
      expect(statSync(join(fresh.home, 'key')).mode & 0o777).toBe(0o600)
      const [config] = (await fresh.json(['config'])).lines
      expect(config).toMatchObject({ embedded: true, STARTLIST_HOME: fresh.home })
      expect(config?.DATABASE_URL).toMatch(/^postgres:\/\/startlist:\*+@127\.0\.0\.1:\d+\/startlist$/)
      const doctor = await fresh.json(['doctor'])
      expect(doctor.code).toBe(0)
      expect(doctor.lines.find((line) => line.check === 'credentials')).toMatchObject({ state: 'warn' })
      expect(await fresh.json(['stop'])).toMatchObject({ code: 0, lines: [{ stopped: false }] })
    } finally {
      await fresh.run(['stop'])
      fresh.dispose()
    }
  })
})

describe('a signal', () => {
  it('ends a sync between two calls, and the next sync goes on from there', async () => {
    haku.world.addEvent(haku.world.organization(CLIENT), { id: 'big', participants: 60 })
    await startlist.run(['discover'])
    const slow = haku.faults.add({
      fault: { kind: 'slow', ms: 300 },
      match: { eventId: 'big', endpoint: 'detail' },
    })
    const before = haku.calls.last
    const calls = () => haku.calls.list({ afterCall: before, eventId: 'big', endpoint: 'detail' })
    const ended = await startlist.run(['sync', '--event', 'big'], {
      onStart: async (kill) => {
        for (let i = 0; i < 500 && calls().length < 3; i++) await systemClock.sleep(20)
        kill('SIGINT')
      },
    })
    slow.remove()
    expect(ended.code).toBe(130)
    expect(ended.stderr).toMatch(/interrupted\. What was read is stored/)
    expect(calls().length).toBeLessThan(6)

    const again = await startlist.json(['sync', '--event', 'big'])
    expect(again.code).toBe(0)
    // At most the call in flight is repeated (N3).
    expect(calls().length).toBeLessThanOrEqual(61)
  })
})
