import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, type RaceEvent, setBib, startHaku, world } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'

const SECRET = 'a-secret-of-the-only-partner'
const CLIENT = 'b1b5'.repeat(6)

let event: RaceEvent
let haku: Haku
let startlist: Program
let db: Db
let keys: string[]

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 8 })
  const organization = scene.addOrganization({ name: 'Lantern Bay', clientId: CLIENT, secret: SECRET })
  const startsAt = scene.now() + 9 * 86_400_000
  event = scene.addEvent(organization, { id: 'bay', name: 'Harbor Half', participants: 12, startsAt })
  keys = [...event.registrations.keys()]
  for (const key of keys) setBib(scene, 'bay', key, null)
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

const set = (key: string, bib: string, ...more: string[]) =>
  startlist.json(['bibs', 'set', '--event', 'bay', '--participant', key, '--bib', bib, ...more])

function file(text: string): string {
  const path = join(startlist.home, 'bibs.csv')
  writeFileSync(path, text)
  return path
}

const bibs = async () => {
  const { lines } = await startlist.json(['participants', '--event', 'bay'])
  return Object.fromEntries(lines.map(({ registration, bib }) => [registration, bib]))
}

describe('bibs set', () => {
  it('gives one, says how to undo it, and takes it back', async () => {
    const calls = haku.calls.last
    expect(await set(keys[0]!, '0412')).toMatchObject({
      code: 0,
      lines: [{ outcome: 'give', registration: keys[0], before: null, after: '0412' }],
    })
    expect((await bibs())[keys[0]!]).toBe('0412')
    const again = await startlist.run([
      'bibs',
      'set',
      '--event',
      'bay',
      '--participant',
      keys[0]!,
      '--bib',
      '',
    ])
    expect(again.stdout).toMatch(/bib 0412 -> none\. startlist undo \d+ takes it back/)
    const [, runId] = /undo (\d+)/.exec(again.stdout) ?? []
    expect(await startlist.json(['undo', runId ?? ''])).toMatchObject({ code: 0, lines: [{ changed: 1 }] })
    expect((await bibs())[keys[0]!]).toBe('0412')
    expect(haku.calls.last).toBe(calls)
  })

  it('refuses one that is taken, unless it is said', async () => {
    expect(await set(keys[1]!, '0412')).toMatchObject({
      code: 3,
      lines: [{ error: { code: 'BIB_CONFLICT' } }],
    })
    expect(await set(keys[1]!, '0412', '--allow-duplicates')).toMatchObject({ code: 0 })
    const conflicts = await startlist.run(['bibs', 'conflicts', '--event', 'bay'])
    expect(conflicts.stdout.match(/held by several/g)).toHaveLength(2)
    expect(await set(keys[1]!, '')).toMatchObject({ code: 0 })
    expect(await startlist.json(['bibs', 'conflicts', '--event', 'bay'])).toMatchObject({
      code: 0,
      lines: [],
    })
  })

  it.each([
    [['bibs', 'set', '--event', 'bay', '--participant', 'nobody', '--bib', '1'], 'NO_SUCH_PARTICIPANT'],
    [['bibs', 'set', '--event', 'nowhere', '--participant', 'x', '--bib', '1'], 'NO_SUCH_EVENT'],
    [['bibs', 'set', '--event', 'bay', '--participant', 'x', '--bib', '1'.repeat(30)], 'BAD_INPUT'],
    [['bibs', 'import', '/nowhere.csv', '--event', 'bay'], 'BAD_INPUT'],
    [['events', 'set', '--event', 'bay', '--bib-range', '9-1'], 'BAD_INPUT'],
    [['check', '--event', 'nowhere'], 'NO_SUCH_EVENT'],
    [['check', '--event', 'bay', '--csv', 'nothing'], 'USAGE'],
  ])('%j is wrong usage', async (args, code) => {
    expect(await startlist.json(args)).toMatchObject({ code: 2, lines: [{ error: { code } }] })
  })
})

describe('bibs import', () => {
  it('shows what it would do, and does all of it or nothing', async () => {
    const rows = keys.map((key, i) => `${key};${100 + i}`).join('\n')
    const bad = file(`participant_id;Bib #\n${rows}\nnobody;999\n`)
    const preview = await startlist.run(['bibs', 'import', bad, '--event', 'bay', '--dry-run'])
    expect(preview).toMatchObject({ code: 3 })
    expect(preview.stdout).toContain('13 lines: 12 to give, 1 unknown.')
    const before = await bibs()
    expect(await startlist.json(['bibs', 'import', bad, '--event', 'bay'])).toMatchObject({
      code: 3,
      lines: expect.arrayContaining([expect.objectContaining({ kind: 'bibs', unknown: 1, runId: null })]),
    })
    expect(await bibs()).toEqual(before)
    const good = file(`participant_id;Bib #\n${rows}\n`)
    expect(await startlist.run(['bibs', 'import', good, '--event', 'bay'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/12 bibs were stored\. startlist undo \d+ takes it back\.\n$/),
    })
    expect((await bibs())[keys[11]!]).toBe('111')
    expect((await startlist.run(['bibs', 'import', good, '--event', 'bay'])).stdout).toContain(
      '12 as they are',
    )
  })

  it('takes what participants --csv wrote', async () => {
    const { stdout } = await startlist.run(['participants', '--event', 'bay', '--csv'])
    expect(await startlist.run(['bibs', 'import', file(stdout), '--event', 'bay'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('12 lines: 12 as they are.'),
    })
  })
})

describe('check', () => {
  it('ends with 0 while nothing is a problem, and with 3 when something is', async () => {
    await sql`UPDATE haku_participants SET gender = 'F', date_of_birth = '1990-01-01', age_on_race_day = 36,
      listed_age = NULL, category = 'Half', chip_number = NULL`.execute(db)
    await sql`UPDATE haku_participants SET last_name = participant_id`.execute(db)
    expect(await startlist.run(['check', '--event', 'bay'])).toMatchObject({
      code: 0,
      stdout: 'Harbor Half, Lantern Timing: 12 people, nothing to mend.\n',
    })
    await sql`UPDATE haku_participants SET gender = NULL WHERE participant_id = ${keys[3]}`.execute(db)
    await startlist.run(['events', 'set', '--event', 'bay', '--bib-range', '100-109'])
    const checked = await startlist.run(['check', '--event', 'bay'])
    expect(checked.code).toBe(3)
    expect(checked.stdout).toContain('Harbor Half, Lantern Timing: 12 people, 2 problems.')
    expect(checked.stdout).toContain(
      "problem  bib-out-of-range: 2 people have a bib outside of the event's range.",
    )
    const { lines } = await startlist.json(['check', '--event', 'bay'])
    expect(lines).toMatchObject([
      { kind: 'finding', code: 'bib-out-of-range', severity: 'problem', count: 2 },
      { kind: 'finding', code: 'missing-sex', people: [{ registration: keys[3] }] },
      { kind: 'check', people: 12, problems: 2, warnings: 0 },
    ])
    const csv = await startlist.run(['check', '--event', 'bay', '--csv', 'missing-sex'])
    expect(csv.stdout.split('\n')[0]).toBe('registration,name,bib,note,event,partner_id,link')
    expect(csv.stdout).toContain(`${keys[3]},`)
    await startlist.run(['events', 'set', '--event', 'bay', '--bib-range', 'any'])
    expect((await startlist.json(['check', '--event', 'bay'])).lines).toHaveLength(2)
  })
})
