import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type Db, openDatabase } from '../../../src/store/database.ts'
import { migrateDown, planMigrateDown } from '../../../src/store/migrate-down.ts'
import { seal } from '../../../src/store/secrets.ts'
import { beginShadow } from '../../../src/store/shadow/begin.ts'
import { TURNS_APPLICATION } from '../../../src/store/turns.ts'
import type { InTheWay, Loss } from '../../../src/store/way-back/in-the-way.ts'
import { adoptedDatabase } from './database.ts'
import { wholeOf } from './there-and-back.ts'
import type { Variant } from './variant.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')
const accept = (...losses: Loss[]) => ({ key: KEY, accept: new Set(losses) })

/** Tries the way back, and looks that nothing was changed by it. @returns what the plan says is in the way */
async function refused(db: Db, message: RegExp): Promise<InTheWay[]> {
  const before = await wholeOf(db)
  const { inTheWay, unit } = await planMigrateDown(db, accept())
  await expect(migrateDown(db, accept())).rejects.toMatchObject({
    code: 'DOWN_BLOCKED',
    message: expect.stringMatching(message),
  })
  // Nor does its script.
  await expect(
    db.transaction().execute(async (trx) => {
      for (const { sql: text } of unit.statements) await sql.raw(text).execute(trx)
    }),
  ).rejects.toMatchObject({ message: expect.stringMatching(/something is in the way/) })
  expect(await wholeOf(db)).toEqual(before)
  return inTheWay
}

interface Case {
  name: string
  variant?: Partial<Variant>
  /** What happened since the adoption. */
  since: string
  message: RegExp
  found: Partial<InTheWay>
}

const PERSON = `INSERT INTO haku_participants (event_id, participant_id, first_name, timing_partner_id`

const CASES: Case[] = [
  {
    name: 'an event that two timing partners hold',
    since: `INSERT INTO haku_events (event_id, event_name, timing_partner_id, row_hash) VALUES ('ev-1', 'Race 1', 1, 'x')`,
    message: /haku_events: event_id is the key alone, and several hold it: ev-1 \(timing partners 1, 2\)/,
    found: { kind: 'held-twice', table: 'haku_events', count: 1 },
  },
  {
    name: 'a copy that the adoption made for a second timing partner, and that was discovered since',
    variant: { lacking: true },
    since: `UPDATE haku_events SET row_hash = 'x' WHERE event_id = 'ev-1' AND timing_partner_id = 1`,
    message: /ev-1 \(timing partners 1, 2\)/,
    found: { kind: 'held-twice', table: 'haku_events', count: 1 },
  },
  {
    name: 'an event that was set aside, and that somebody holds now',
    variant: { nameless: true },
    since: `INSERT INTO haku_events (event_id, timing_partner_id, row_hash) VALUES ('ev-6', 2, 'x')`,
    message: /ev-6 \(timing partners 2, none\)/,
    found: { kind: 'held-twice', table: 'haku_events', count: 1 },
  },
  {
    name: 'a race that two timing partners hold',
    since: `INSERT INTO runsignup_races (race_id, timing_partner_id) VALUES (11, 1)`,
    message: /runsignup_races: race_id is the key alone, and several hold it: 11 \(timing partners 1, 3\)/,
    found: { kind: 'held-twice', table: 'runsignup_races', count: 1 },
  },
  {
    name: 'a second organization of a timing partner',
    since: `INSERT INTO partner_provider_credentials (timing_partner_id, provider_id, principal) VALUES (1, 4, 'second')`,
    message: /partner_provider_credentials: \(timing_partner_id, provider_id\) is there once only: 1\/4/,
    found: { kind: 'doubled', table: 'partner_provider_credentials', count: 1 },
  },
  {
    name: 'a text that is too long, by its row and not by what it says',
    since: `UPDATE haku_participants SET phone = '+1 555 0100 0100 0100 9' WHERE id > 3 AND id < 12`,
    message: /haku_participants: phone holds 20 characters: 4, 5, 6, 7, 8, \.\.\. \(8 in all\)\.$/,
    found: { kind: 'too-long', table: 'haku_participants', count: 8, keys: ['4', '5', '6', '7', '8'] },
  },
  {
    name: 'a timing partner without what the scripts demand',
    since: `INSERT INTO timing_partners (company_name) VALUES ('Dogwood')`,
    message: /timing_partners: hashed_password must not be empty: 4/,
    found: { kind: 'empty', table: 'timing_partners', count: 1, keys: ['4'] },
  },
  {
    name: 'a registration whose event is gone but for an empty copy that the adoption made',
    variant: { lacking: true },
    since: `UPDATE haku_events SET event_name = NULL WHERE event_id = 'ev-1';
      DELETE FROM haku_events WHERE event_id = 'ev-1' AND timing_partner_id = 2`,
    message: /haku_participants: haku_participants_event_id_fkey demands a row of haku_events/,
    found: { kind: 'parentless', table: 'haku_participants', count: 2 },
  },
  {
    name: 'a local bib',
    since: `UPDATE haku_participants SET local_bib = bib_number WHERE id = 5`,
    message: /haku_participants: a local bib, which the scripts write over: 5/,
    found: { kind: 'local-bibs', table: 'haku_participants', count: 1, keys: ['5'] },
  },
  {
    name: 'somebody who cancelled',
    since: `UPDATE runsignup_participants SET registration_status = 'cancelled' WHERE id < 3`,
    message: /runsignup_participants: readers would take somebody who left for registered: 1, 2/,
    found: { kind: 'statuses', table: 'runsignup_participants', count: 2 },
  },
  {
    name: 'people who were forgotten',
    since: `INSERT INTO forgotten SELECT 'haku', sha256(n::text::bytea), now() FROM generate_series(1, 9) n`,
    message: /forgotten: people who were forgotten, and whom the scripts would fetch again \(9\)\.$/,
    found: { kind: 'forgotten', count: 9 },
  },
  {
    name: 'what was read into tables that were not there',
    variant: { runsignup: false },
    since: `INSERT INTO runsignup_races (race_id, timing_partner_id) VALUES (1, 1)`,
    message: /runsignup_races: was not there before, and goes with its rows\.$/,
    found: { kind: 'new-tables', table: 'runsignup_races', count: 1 },
  },
  {
    name: 'a column that somebody dropped',
    since: 'ALTER TABLE haku_events DROP COLUMN location',
    message: /haku_events: a column was dropped since: location/,
    found: { kind: 'others', table: 'haku_events' },
  },
  {
    name: 'a view of somebody’s on a column that gets another type',
    since: 'CREATE VIEW phones AS SELECT phone FROM haku_participants',
    message: /view public\.phones looks at haku_participants, of which columns go or get another type/,
    found: { kind: 'others' },
  },
  {
    name: 'a view of somebody’s on startlist’s own',
    since:
      'CREATE VIEW slow AS SELECT account_id FROM accounts; CREATE VIEW mine AS SELECT name FROM startlist.lists',
    message: /view mine looks at startlist\.lists, which goes; view slow looks at accounts, which goes/,
    found: { kind: 'others' },
  },
  {
    name: 'a foreign key of somebody’s to the new key',
    since: `CREATE TABLE notes (partner integer, event text, FOREIGN KEY (partner, event) REFERENCES haku_events)`,
    message: /foreign key notes_partner_event_fkey of notes points to a key of haku_events that goes/,
    found: { kind: 'others' },
  },
  {
    name: 'a policy of somebody’s that would protect nothing any more',
    since: `CREATE POLICY mine ON haku_events USING (timing_partner_id = 1)`,
    message: /haku_events: a policy needs row-level security, which goes: mine/,
    found: { kind: 'others', table: 'haku_events' },
  },
  {
    name: 'a default of somebody’s that calls a function of startlist’s',
    since: 'CREATE TABLE mine (at timestamptz DEFAULT startlist.clock())',
    message: /default value for column at of table mine calls startlist\.clock\(\), which goes/,
    found: { kind: 'others' },
  },
  {
    name: 'a lane that is held',
    since: `INSERT INTO lanes (account_id, holder, lease_until) SELECT min(account_id), 'host:12:3', now() + interval '1 minute' FROM accounts`,
    message: /lanes are held: account 1 by host:12:3/,
    found: { kind: 'running', count: 1 },
  },
]

describe('the way back names what is in it, and changes nothing', () => {
  it.each(CASES)('$name', async ({ variant, since, message, found }) => {
    const { db } = await adoptedDatabase(variant)
    await sql.raw(since).execute(db)
    expect(await refused(db, message)).toContainEqual(expect.objectContaining(found))
  })

  it('what PostgreSQL alone knew of', async () => {
    const { db } = await adoptedDatabase()
    // A function in our schema of which nobody was told.
    await sql`CREATE VIEW startlist.theirs AS SELECT 1 AS one`.execute(db)
    await sql`CREATE MATERIALIZED VIEW startlist.kept AS SELECT 1 AS one`.execute(db)
    const before = await wholeOf(db)
    await expect(migrateDown(db, accept())).rejects.toMatchObject({
      code: 'DOWN_BLOCKED',
      message: expect.stringMatching(/schema startlist.*materialized view startlist\.kept/s),
    })
    expect(await wholeOf(db)).toEqual(before)
  })

  it('a lease that has lapsed is nobody’s', async () => {
    const { db } = await adoptedDatabase()
    await sql`INSERT INTO lanes (account_id, holder, lease_until)
      SELECT min(account_id), 'host:12:3', now() - interval '1 second' FROM accounts`.execute(db)
    expect((await planMigrateDown(db, accept())).inTheWay).toEqual([])
  })

  it('a run that is connected', async () => {
    const { db, url } = await adoptedDatabase()
    const run = openDatabase(url, { applicationName: TURNS_APPLICATION })
    await sql`SELECT 1`.execute(run)
    await refused(db, /another process of startlist works in the database: startlist turns \(pid \d+/)
    await run.destroy()
    await expect.poll(async () => (await planMigrateDown(db, accept())).inTheWay).toEqual([])
  })

  it('secrets that the key does not open; with the key they are as the scripts read them', async () => {
    const { db } = await adoptedDatabase()
    const other = Buffer.alloc(32, 6).toString('base64')
    const sealed = async (id: number, key: string) =>
      sql`UPDATE partner_provider_credentials SET secret = ${await seal(key, `credential:${id}`, `plain-${id}`)}
        WHERE partner_provider_credential_id = ${id}`.execute(db)
    await sealed(1, KEY)
    await sealed(2, other)
    const found = await refused(
      db,
      /partner_provider_credentials: a secret is sealed, and STARTLIST_KEY does not open it: 2/,
    )
    expect(found).toMatchObject([{ kind: 'sealed', count: 1, keys: ['2'] }])
    await sealed(2, KEY)
    expect(await migrateDown(db, accept())).toMatchObject({ opens: [1, 2] })
    const { rows } = await sql`SELECT secret FROM partner_provider_credentials ORDER BY 1`.execute(db)
    expect(rows).toEqual([{ secret: 'plain-1' }, { secret: 'plain-2' }, { secret: 'plain-key-three' }])
  })

  it('a script of the plan refuses sealed secrets, which it cannot open', async () => {
    const { db } = await adoptedDatabase()
    await sql`UPDATE partner_provider_credentials SET secret = ${await seal(KEY, 'credential:1', 'plain')}
      WHERE partner_provider_credential_id = 1`.execute(db)
    const { unit, opens, inTheWay } = await planMigrateDown(db, accept())
    expect({ opens, inTheWay }).toEqual({ opens: [1], inTheWay: [] })
    const run = db.transaction().execute(async (trx) => {
      for (const { sql: text } of unit.statements) await sql.raw(text).execute(trx)
    })
    await expect(run).rejects.toMatchObject({ message: expect.stringMatching(/secrets are sealed/) })
  })

  it('while it is shadowed', async () => {
    const { db } = await adoptedDatabase()
    await beginShadow(db)
    for (const attempt of [migrateDown(db, accept()), planMigrateDown(db, accept())])
      await expect(attempt).rejects.toMatchObject({
        code: 'SHADOWED',
        hint: expect.stringContaining('startlist shadow end'),
      })
  })
})

describe('what somebody gives up is no obstacle', () => {
  it('local bibs stay where readers read them, whoever left stays as a row, and new tables go', async () => {
    const { db } = await adoptedDatabase({ runsignup: false })
    await sql
      .raw(`${PERSON}, bib_number, local_bib) VALUES ('ev-1', 'R-99', 'New', 2, '12', '12')`)
      .execute(db)
    await sql`UPDATE haku_participants SET registration_status = 'removed' WHERE participant_id = 'R-20'`.execute(
      db,
    )
    await sql`INSERT INTO forgotten VALUES ('haku', 'x', now())`.execute(db)
    await sql`INSERT INTO runsignup_races (race_id, timing_partner_id) VALUES (1, 1)`.execute(db)
    await expect(migrateDown(db, accept())).rejects.toMatchObject({
      hint: expect.stringContaining('--accept local-bibs,statuses,forgotten,new-tables'),
    })
    await expect(migrateDown(db, accept('local-bibs', 'statuses', 'forgotten'))).rejects.toMatchObject({
      message: expect.stringMatching(/^runsignup_races: [^;]*$/),
    })
    await migrateDown(db, accept('local-bibs', 'statuses', 'forgotten', 'new-tables'))
    const { rows } = await sql`SELECT participant_id AS key, bib_number AS bib FROM haku_participants
      WHERE participant_id IN ('R-99', 'R-20') ORDER BY 1`.execute(db)
    expect(rows).toEqual([
      { key: 'R-20', bib: expect.any(String) },
      { key: 'R-99', bib: '12' },
    ])
    const { rows: gone } = await sql`SELECT to_regclass('runsignup_races') AS races`.execute(db)
    expect(gone).toEqual([{ races: null }])
  })
})
