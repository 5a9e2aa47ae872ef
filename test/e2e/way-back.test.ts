import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { Program } from '../cli/run-startlist.ts'
import { killRuns, startRun } from '../helpers/running.ts'
import { legacyDatabase } from '../store/adoption/database.ts'
import { wholeOf } from '../store/adoption/there-and-back.ts'
import { PLAIN } from '../store/adoption/variant.ts'

let haku: Haku
let db: Db
let startlist: Program
let client: { id: string; secret: string }

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 12 })
  const organization = scene.addOrganization({ name: 'Riverbend Runners' })
  for (const [id, participants] of [
    ['e1', 5],
    ['e2', 30],
  ] as const)
    scene.addEvent(organization, { id, participants, startsAt: scene.now() + 5 * 86_400_000 })
  client = { id: organization.clientId, secret: organization.secrets[0]! }
  haku = await startHaku({ world: scene })
  const legacy = await legacyDatabase(PLAIN)
  db = legacy.db
  await sql`DELETE FROM partner_provider_credentials WHERE partner_provider_credential_id > 1`.execute(db)
  await sql`UPDATE partner_provider_credentials SET principal = ${client.id}, secret = ${client.secret}`.execute(
    db,
  )
  startlist = Program.on(legacy.url, haku)
}, 60_000)

afterAll(async () => {
  killRuns()
  startlist.dispose()
  await haku.stop()
})

const down = (...more: string[]) => startlist.json(['migrate', '--down', '--yes', ...more])

it('after real work the tables are as they were, with what was read since, unless two partners hold an event', async () => {
  const before = await wholeOf(db)
  expect(await startlist.run(['migrate'])).toMatchObject({ code: 0 })
  const running = await startRun(startlist.env, ['--port', '0'])
  await running.line((line) => line.msg === 'turn')
  expect(await down()).toMatchObject({
    code: 1,
    lines: [
      {
        error: {
          message: expect.stringMatching(
            /another process of startlist works in the database: .*startlist turns \(pid/,
          ),
        },
      },
    ],
  })
  running.kill('SIGTERM')
  await running.ended
  expect(await startlist.run(['sync'])).toMatchObject({ code: 0 })
  expect(await startlist.run(['sync', '--event', 'e2', '--full'])).toMatchObject({ code: 0 })

  // A second timing partner with the same client id receives the same events.
  await sql`INSERT INTO partner_provider_credentials (provider_id, timing_partner_id, principal, secret, account_id)
    SELECT provider_id, 2, principal, secret, account_id FROM partner_provider_credentials`.execute(db)
  expect(await startlist.run(['discover'])).toMatchObject({ code: 0 })
  expect(await startlist.json(['migrate', '--down', '--plan'])).toMatchObject({
    code: 3,
    lines: [
      {
        inTheWay: expect.arrayContaining([
          {
            kind: 'held-twice',
            table: 'haku_events',
            what: 'event_id is the key alone, and several hold it',
            count: 2,
            keys: ['e1 (timing partners 1, 2)', 'e2 (timing partners 1, 2)'],
          },
        ]),
      },
      {},
    ],
  })
  expect(await down()).toMatchObject({ code: 1, lines: [{ error: { code: 'DOWN_BLOCKED' } }] })
  await sql`DELETE FROM haku_events WHERE timing_partner_id = 2 AND event_id IN ('e1', 'e2')`.execute(db)

  expect(await down('--accept', 'local-bibs,statuses')).toMatchObject({ code: 0, lines: [{ kind: 'down' }] })
  const after = await wholeOf(db)
  expect(after.catalogue).toEqual(before.catalogue)
  for (const [table, rows] of Object.entries(before.rows))
    expect(after.rows[table], table).toEqual(expect.arrayContaining(rows))
  const { rows: read } = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM unified_participants WHERE event_id IN ('e1', 'e2')`.execute(db)
  expect(read).toEqual([{ n: 35 }])
}, 120_000)
