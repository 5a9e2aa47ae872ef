import { sql } from 'kysely'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { renumber } from '../../../src/bibs/renumber.ts'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { edit, register, remove, setEventDeleted, transfer } from '../../../src/simulator/runsignup/index.ts'
import { type Db, openDatabase } from '../../../src/store/database.ts'
import { adoptionLeftovers } from '../../../src/store/overview/adoption.ts'
import { type SyncRequest, syncAccount } from '../../../src/sync/account-sync.ts'
import { forgetRegistrations } from '../../../src/sync/forget.ts'
import { withLocalBib } from '../../../src/sync/local-bib.ts'
import { withAccount } from '../../../src/sync/open-account.ts'
import { applyRetention } from '../../../src/sync/retention.ts'
import { undoRuns } from '../../../src/sync/undo.ts'
import { installRunSignUp, type RaceInstallation } from '../../helpers/runsignup.ts'
import { feedOf } from '../crash/race.ts'

const MINUTE = 60_000

const toClose: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of toClose.splice(0).toReversed()) await one.stop()
})

/** A race of two events, synced, beside which the older system's scripts write. `people` are those of the first. */
async function besideScripts(role: 'owner' | 'startlist_worker' = 'owner') {
  const r = await installRunSignUp({
    clock: new VirtualClock('2026-05-01T16:00:00Z'),
    transferIds: 'same',
  })
  toClose.push(r)
  const race = r.world.addRace(r.account)
  const from = r.world.addEvent(race, { startsAt: '2026-05-02T07:00:00', participants: 8 })
  const to = r.world.addEvent(race, { startsAt: '2026-05-02T08:00:00', participants: 4 })
  await r.discover()
  const db = role === 'owner' ? r.db : await asRole(r, role)
  const sync = (request: SyncRequest = {}) =>
    withAccount({ ...r.services, db }, r.accountId, { class: 'person' }, (open) => syncAccount(open, request))
  expect(await sync()).toMatchObject({ stopped: null, events: [{ error: null }] })
  r.clock.advance(MINUTE)
  const [one = '', two = '', three = ''] = from.registrations.keys()
  return { ...r, db, sync, race, from, to, one, two, three }
}
type Place = Awaited<ReturnType<typeof besideScripts>>

async function asRole(r: RaceInstallation, role: string): Promise<Db> {
  const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(r.db)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${rows[0]!.name}`
  url.searchParams.set('options', `-c role=${role}`)
  const db = openDatabase(url.href, { virtualClock: r.clock })
  toClose.push({ stop: () => db.destroy() })
  return db
}

/** The older system's statement, in short: its key has the event in it. */
const script = (
  db: Db,
  { race, partnerId }: Place,
  event: { id: string },
  id: string,
  bib: string | null = null,
) =>
  sql`INSERT INTO runsignup_participants
      (race_id, event_id, registration_id, first_name, bib_num, fetched_date, timing_partner_id)
    VALUES (${race.id}, ${event.id}, ${id}, 'Theirs', ${bib}, '2026-05-01T16:00:30', ${partnerId})
    ON CONFLICT (event_id, registration_id, timing_partner_id) DO UPDATE SET first_name = excluded.first_name,
      bib_num = excluded.bib_num, fetched_date = excluded.fetched_date`.execute(db)

interface Row {
  event: string
  bib: string | null
  local: string | null
  isLive: boolean
  met: boolean
}

const rowsOf = async ({ db }: Place, id: string) =>
  (
    await sql<Row>`SELECT event_id::text AS event, bib_num AS bib, local_bib AS local, removed_at IS NULL AS "isLive",
        mapping_version IS NOT NULL AS met
      FROM runsignup_participants WHERE registration_id = ${id} ORDER BY 1`.execute(db)
  ).rows

const asideOf = async ({ db }: Place) =>
  (
    await sql<{ key: string; event: string; name: string | null; bib: string | null; why: string }>`
      SELECT registration_id::text AS key, event_id::text AS event, first_name AS name, bib_num AS bib, why
      FROM runsignup_participants_duplicates ORDER BY 1, 2`.execute(db)
  ).rows

/** What the feed tells of somebody, entry by entry. */
const told = async ({ db, race, partnerId }: Place, id: string) =>
  (await feedOf(db, race.id, partnerId)).filter(({ key }) => key === id).map(({ change }) => change)

const fine = { stopped: null, events: [{ error: null }] }

describe.each(['owner', 'startlist_worker'] as const)('beside scripts, as %s', (role) => {
  it.each([
    ['a poll', {}],
    ['a sweep', { full: true }],
  ])(
    '%s moves the row of whom they met in the new event first, and puts theirs aside',
    async (_, request) => {
      const place = await besideScripts(role)
      const { db, world, from, to, one, two, sync } = place
      transfer(world, from.id, one, to.id)
      await script(place.db, place, to, one)
      edit(world, from.id, two, { bib: '4711' })
      expect(await sync(request)).toMatchObject(fine)
      expect(await place.differences()).toEqual([])
      expect(await rowsOf(place, one)).toMatchObject([{ event: to.id, isLive: true, met: true }])
      expect(await asideOf(place)).toEqual([
        { key: one, event: to.id, name: 'Theirs', bib: null, why: expect.stringContaining('a second row') },
      ])
      expect(await told(place, one)).toEqual(['added', 'changed'])
      // The scripts go on, and so does startlist.
      await script(db, place, to, one)
      place.clock.advance(MINUTE)
      expect(await sync({ full: true })).toMatchObject(fine)
      expect(await asideOf(place)).toHaveLength(1)
    },
  )

  it('a sweep puts the row aside that they left in an event where nobody is', async () => {
    const place = await besideScripts(role)
    const { db, from, to, one, three, sync } = place
    await script(db, place, to, one)
    await script(db, place, to, three)
    expect(await sync({ full: true })).toMatchObject(fine)
    expect(await place.differences()).toEqual([])
    for (const id of [one, three])
      expect(await rowsOf(place, id)).toMatchObject([{ event: from.id, isLive: true, met: true }])
    expect(await asideOf(place)).toHaveLength(2)
    expect(await told(place, one)).toHaveLength(1)
  })

  it('a sweep does not take for gone whom it could not look for, for a row of theirs in another event', async () => {
    const place = await besideScripts(role)
    const { db, world, from, to, one, sync } = place
    setEventDeleted(world, from.id, true)
    await place.discover()
    await script(db, place, to, one)
    place.clock.advance(MINUTE)
    expect(await sync({ full: true })).toMatchObject(fine)
    expect(await rowsOf(place, one)).toMatchObject([{ event: from.id, isLive: true, met: true }])
    expect(await asideOf(place)).toMatchObject([{ key: one, event: to.id }])
    expect(await told(place, one)).toEqual(['added'])
  })

  it('who is gone goes once, also where they have a second row', async () => {
    const place = await besideScripts(role)
    const { db, world, from, to, one, sync } = place
    remove(world, from.id, one)
    await script(db, place, to, one)
    place.clock.advance(16 * MINUTE)
    for (const full of [true, true]) {
      expect(await sync({ full })).toMatchObject(fine)
      place.clock.advance(MINUTE)
    }
    expect(await rowsOf(place, one)).toMatchObject([{ event: from.id, isLive: false }])
    expect(await told(place, one)).toEqual(['added', 'removed'])
    expect(await place.differences()).toEqual([])
  })

  it('who is new, and theirs in two events, is one person in the right one', async () => {
    const place = await besideScripts(role)
    const { db, world, from, to, sync } = place
    const { id } = register(world, from.id)
    for (const event of [from, to]) await script(db, place, event, id)
    expect(await sync()).toMatchObject(fine)
    expect(await rowsOf(place, id)).toMatchObject([{ event: from.id, isLive: true, met: true }])
    expect(await told(place, id)).toEqual(['adopted'])
    expect(await place.differences()).toEqual([])
  })

  it('a row that they commit in the very moment of the write goes aside too', async () => {
    const place = await besideScripts(role)
    const { world, from, to, one, sync } = place
    transfer(world, from.id, one, to.id)
    const theirs = await place.services.db.startTransaction().execute()
    await script(theirs, place, to, one)
    const polled = sync()
    // The page has read its rows, and waits for the key.
    await until(async () => (await waiting(place.services.db)) > 0)
    await theirs.commit().execute()
    expect(await polled).toMatchObject(fine)
    expect(await rowsOf(place, one)).toMatchObject([{ event: to.id, isLive: true, met: true }])
    expect(await asideOf(place)).toMatchObject([{ key: one, event: to.id }])
    expect(await place.differences()).toEqual([])
    expect(await told(place, one)).toEqual(['added', 'changed'])
  })
})

describe('a bib in the row that goes aside', () => {
  it('becomes the local one where somebody gave it in the event where the registration is now', async () => {
    const place = await besideScripts()
    const { db, world, from, to, one, sync } = place
    transfer(world, from.id, one, to.id)
    await script(db, place, to, one, '900')
    await sync()
    expect(await rowsOf(place, one)).toEqual([
      { event: to.id, bib: '900', local: '900', isLive: true, met: true },
    ])
    expect((await feedOf(db, place.race.id, place.partnerId)).at(-1)?.fields).toMatchObject({
      bib_number: [expect.anything(), '900'],
    })
    // It stays, whatever a sweep reads.
    place.clock.advance(MINUTE)
    await sync({ full: true })
    expect(await rowsOf(place, one)).toMatchObject([{ bib: '900', local: '900' }])
  })

  it('gives way to the local bib, and to one of the provider, and stays aside with its event', async () => {
    const place = await besideScripts()
    const { db, from, to, one, two, three, sync } = place
    await sql`UPDATE runsignup_participants SET local_bib = '55', bib_num = '55', provider_bib = NULL
      WHERE registration_id = ${one}`.execute(db)
    edit(place.world, from.id, one, { bib: null })
    edit(place.world, from.id, two, { bib: '66' })
    edit(place.world, from.id, three, { bib: null })
    await sync()
    place.clock.advance(MINUTE)
    for (const id of [one, two, three]) await script(db, place, to, id, '900')
    await sync({ full: true })
    expect(await rowsOf(place, one)).toMatchObject([{ event: from.id, bib: '55', local: '55' }])
    expect(await rowsOf(place, two)).toMatchObject([{ event: from.id, bib: '66', local: null }])
    expect(await rowsOf(place, three)).toMatchObject([{ event: from.id, bib: null, local: null }])
    expect((await asideOf(place)).map(({ event, bib }) => [event, bib])).toEqual(
      Array.from({ length: 3 }, () => [to.id, '900']),
    )
  })

  it('is none where the provider once gave it', async () => {
    const place = await besideScripts()
    const { db, world, from, to, one, sync } = place
    edit(world, from.id, one, { bib: '77' })
    await sync()
    place.clock.advance(MINUTE)
    edit(world, from.id, one, { bib: '78' })
    await sync()
    place.clock.advance(MINUTE)
    transfer(world, from.id, one, to.id)
    await script(db, place, to, one, '77')
    await sync()
    expect(await rowsOf(place, one)).toMatchObject([{ event: to.id, bib: null, local: null }])
  })
})

it('a local bib that a person gave before the first contact stays, though the scripts wrote a newer row', async () => {
  const place = await besideScripts()
  const { db, world, from, to, sync } = place
  const { id } = register(world, to.id)
  await script(db, place, from, id)
  await sql`UPDATE runsignup_participants SET local_bib = '31', bib_num = '31' WHERE registration_id = ${id}`.execute(
    db,
  )
  await script(db, place, to, id)
  await sync()
  expect(await rowsOf(place, id)).toMatchObject([{ event: to.id, local: '31', met: true }])
})

it('a run is undone although the scripts wrote into the event where somebody goes back', async () => {
  const place = await besideScripts()
  const { db, world, from, to, one, sync } = place
  transfer(world, from.id, one, to.id)
  await sync()
  expect(await rowsOf(place, one)).toMatchObject([{ event: to.id }])
  await script(db, place, from, one)
  const { rows } = await sql<{ run: number }>`SELECT max(run_id)::int AS run FROM participant_changes
    WHERE participant_id = ${one}`.execute(db)
  const [undone] = await undoRuns(place.services, { runIds: [rows[0]!.run], onlyUntouched: false })
  expect(undone).toMatchObject({ changed: 1, skipped: 0 })
  expect(await rowsOf(place, one)).toMatchObject([{ event: from.id, isLive: true, met: true }])
  expect(await asideOf(place)).toMatchObject([{ key: one, event: from.id, name: 'Theirs' }])
})

it('a person gives a bib to the row that stays', async () => {
  const place = await besideScripts()
  const { db, from, to, one, sync } = place
  await script(db, place, to, one, '900')
  const list = { provider: 'runsignup', partnerId: place.partnerId, listId: place.race.id } as const
  const given = await db
    .transaction()
    .execute((trx) => renumber(trx, list, null, [one], (row) => withLocalBib(row, '12', 'local')))
  expect(given).toBe(1)
  expect(await rowsOf(place, one)).toMatchObject([{ event: from.id, bib: '12', local: '12' }])
  expect(await asideOf(place)).toMatchObject([{ event: to.id, bib: '900' }])
  expect(await sync({ full: true })).toMatchObject(fine)
  expect(await rowsOf(place, one)).toMatchObject([{ event: from.id, local: '12' }])
})

it('who was forgotten is not kept among the rows that went aside', async () => {
  const place = await besideScripts()
  const { db, world, from, to, one, two, sync } = place
  await script(db, place, to, two)
  await sync({ full: true })
  await forgetRegistrations(db, { provider: 'runsignup', keys: [one, two] })
  expect(await asideOf(place)).toEqual([])
  place.clock.advance(MINUTE)
  transfer(world, from.id, one, to.id)
  await script(db, place, to, one)
  expect(await sync()).toMatchObject(fine)
  expect(await asideOf(place)).toEqual([])
  const { rows } =
    await sql`SELECT first_name FROM runsignup_participants WHERE registration_id = ${one}`.execute(db)
  expect(rows).toEqual([{ first_name: null }])
})

it('what went aside goes when a list was kept long enough', async () => {
  const place = await besideScripts()
  await script(place.db, place, place.to, place.one)
  await place.sync({ full: true })
  expect(await asideOf(place)).toHaveLength(1)
  await applyRetention(place.db, { defaultDays: 30 })
  expect(await asideOf(place)).toHaveLength(1)
  place.clock.advance(40 * 24 * 60 * MINUTE)
  expect(await applyRetention(place.db, { defaultDays: 30 })).toMatchObject({ lists: 1 })
  expect(await asideOf(place)).toEqual([])
})

it('doctor counts what went aside', async () => {
  const place = await besideScripts()
  await script(place.db, place, place.to, place.one)
  await place.sync({ full: true })
  const { aside } = await adoptionLeftovers(place.db)
  expect(aside).toEqual([{ table: 'runsignup_participants_duplicates', rows: 1 }])
})

async function waiting(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db)
  return rows[0]!.n
}

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setImmediate(resolve))
}
