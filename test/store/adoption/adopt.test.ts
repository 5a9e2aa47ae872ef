import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { checkMigration, migrate, pendingMigrations, planMigration } from '../../../src/store/migrate.ts'
import { expectWhole, legacyDatabase } from './database.ts'
import { dump, expectRowsKept } from './model.ts'
import { ask, readersQueries } from './readers.ts'
import { PLAIN, VARIANTS, type Variant, variantOf } from './variant.ts'

/** Adopts, and looks whether anything was lost. */
async function adopt(v: Variant) {
  const { db, url } = await legacyDatabase(v)
  const queries = readersQueries(v)
  const before = { rows: await dump(db), answers: await ask(db, queries) }
  await migrate(db)
  const after = { rows: await dump(db), answers: await ask(db, queries) }
  expectRowsKept(before.rows, after.rows)
  await expectWhole(db)
  expect(await pendingMigrations(db)).toEqual([])
  return { db, url, before, after }
}

describe('a legacy database', () => {
  it.each(VARIANTS)('%s answers its readers as before', async (_, variant) => {
    const { before, after } = await adopt({ ...PLAIN, ...variant })
    expect(after.answers).toEqual(before.answers)
  })

  it('with events of nobody gives them to the single holder, and sets the others aside (M3)', async () => {
    const { after } = await adopt({ ...PLAIN, nameless: true })
    const events = after.rows.get('haku_events')!
    expect(events.find((row) => row.event_id === 'ev-5')?.timing_partner_id).toBe(3)
    expect(after.rows.get('haku_events_unassigned')!.map((row) => row.event_id)).toEqual(['ev-6'])
    expect(events.some((row) => row.event_id === 'ev-6')).toBe(false)
    const races = after.rows.get('runsignup_races')!
    expect(races.find((row) => row.race_id === 12)?.timing_partner_id).toBe(3)
  })

  it('keeps the newest of a registration, and the only bib of an older one as local bib (M4)', async () => {
    const { after } = await adopt({ ...PLAIN, doubled: true })
    const row = after.rows.get('haku_participants')!.filter((one) => one.participant_id === 'R-20')
    expect(row).toMatchObject([{ bib_number: '107', local_bib: '107', fetched_date: '2025-06-10T08:30:00' }])
    const moved = after.rows.get('haku_participants_duplicates')!
    expect(moved.map(({ bib_number, why }) => [bib_number, why]).sort()).toEqual([
      ['107', `older than row ${row[0]!.id}; its bib 107 became the local bib there, which had none`],
      ['108', expect.stringMatching(/^older than row \d+$/)],
      ['777', `older than row ${row[0]!.id}`],
    ])
    expect(after.rows.get('runsignup_participants_duplicates')).toHaveLength(1)
    const keyless = after.rows.get('haku_participants')!.filter((one) => one.participant_id === null)
    expect(keyless).toHaveLength(10)
  })

  it('copies an event to each partner that has participants of it, and makes one where nobody has it (M3)', async () => {
    const { after } = await adopt({ ...PLAIN, lacking: true, orphans: true })
    const events = after.rows.get('haku_events')!
    const first = events.filter((row) => row.event_id === 'ev-1')
    expect(first.map((row) => [row.timing_partner_id, row.event_name]).sort()).toEqual([
      [1, 'Race 1'],
      [2, 'Race 1'],
    ])
    expect(events.find((row) => row.event_id === 'ev-99')).toMatchObject({
      timing_partner_id: 2,
      event_name: null,
    })
    const runs = after.rows.get('runsignup_events')!
    expect(
      runs
        .filter((row) => row.event_id === 112)
        .map((row) => row.timing_partner_id)
        .sort(),
    ).toEqual([2, 3])
    expect(runs.find((row) => row.event_id === 119)).toMatchObject({ race_id: 19, name: null })
  })

  it('gives a registration without a partner to its event’s, unless that one has it already', async () => {
    const { after } = await adopt({ ...PLAIN, nameless: true, constraint: true })
    const rows = after.rows.get('haku_participants')!
    expect(rows.find((row) => row.participant_id === 'R-16')?.timing_partner_id).toBe(2)
    expect(rows.filter((row) => row.participant_id === 'R-10')).toMatchObject([
      { timing_partner_id: 2, bib_number: '100', local_bib: '100' },
    ])
    expect(after.rows.get('haku_participants_duplicates')).toHaveLength(1)
  })

  it('gives credentials their accounts, several organizations of one partner among them', async () => {
    const { db, after } = await adopt({ ...PLAIN, oneCredential: false })
    const { rows } = await sql<{ provider: string; principal: string; holders: number[] }>`
      SELECT a.provider, a.principal, array_agg(c.timing_partner_id ORDER BY c.timing_partner_id) AS holders
      FROM accounts a JOIN partner_provider_credentials c USING (account_id) GROUP BY 1, 2 ORDER BY 2`.execute(
      db,
    )
    expect(rows).toEqual([
      { provider: 'haku', principal: 'client-second', holders: [1] },
      { provider: 'haku', principal: 'client-shared', holders: [1, 2] },
      { provider: 'runsignup', principal: 'key-three', holders: [3] },
    ])
    const again = after.rows.get('partner_provider_credentials_duplicates')
    expect(again).toMatchObject([{ principal: 'client-shared', updated_at: '2025-01-01T00:00:00' }])
  })

  it('keeps both names of a column equal, whichever is written', async () => {
    const { db } = await adopt({ ...PLAIN, otherNames: true, eventStatus: true })
    await sql`INSERT INTO providers (provider_name) VALUES ('Old Name')`.execute(db)
    await sql`INSERT INTO providers (name) VALUES ('New Name')`.execute(db)
    await sql`UPDATE haku_events SET event_status = 'old' WHERE event_id = 'ev-1'`.execute(db)
    await sql`UPDATE haku_events SET status = 'new' WHERE event_id = 'ev-2'`.execute(db)
    const { rows } = await sql`SELECT id = provider_id AS same, name, provider_name FROM providers
      WHERE name LIKE '% Name' ORDER BY 2`.execute(db)
    expect(rows).toEqual([
      { same: true, name: 'New Name', provider_name: 'New Name' },
      { same: true, name: 'Old Name', provider_name: 'Old Name' },
    ])
    const { rows: events } =
      await sql`SELECT status, event_status FROM haku_events ORDER BY event_id LIMIT 2`.execute(db)
    expect(events).toEqual([
      { status: 'old', event_status: 'old' },
      { status: 'new', event_status: 'new' },
    ])
  })

  it('takes the next free number for a new row, though the sequence lagged', async () => {
    const { db } = await adopt({ ...PLAIN, lagging: true })
    const { rows } = await sql<{ id: number }>`
      INSERT INTO timing_partners (company_name) VALUES ('Dogwood') RETURNING timing_partner_id AS id`.execute(
      db,
    )
    expect(rows).toEqual([{ id: 4 }])
  })

  it('has nothing left to do after it was adopted', async () => {
    const { db, after } = await adopt({ ...PLAIN, doubled: true, nameless: true })
    expect(await migrate(db)).toEqual({ applied: [] })
    expect(await checkMigration(db)).toEqual({ pending: [], blockers: [], notOwned: [] })
    expect(await planMigration(db)).toEqual([])
    expect(await dump(db)).toEqual(after.rows)
  })
})

describe('random combinations', () => {
  it.each(Array.from({ length: 8 }, (_, i) => i + 1))('of seed %i lose no row', async (seed) => {
    await adopt(variantOf(seed))
  })
})
