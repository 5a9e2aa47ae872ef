import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENT, type CliScene, OTHER_SECRET, openCliScene, SECRET } from './scene.ts'

let scene: CliScene
let haku: CliScene['haku']
let startlist: CliScene['startlist']
let expectRefused: CliScene['expectRefused']
let scratch: string
beforeAll(async () => {
  scene = await openCliScene()
  ;({ haku, startlist, expectRefused } = scene)
  scratch = mkdtempSync(join(tmpdir(), 'startlist-cli-files-'))
})
afterAll(async () => {
  await scene?.stop()
  rmSync(scratch, { recursive: true, force: true })
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
      scene.database.db,
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
    await scene.expectRefusal(['query', text], { exit: 2, code: 'BAD_INPUT', text: /\w/ })
  })
})
