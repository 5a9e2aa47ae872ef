import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import {
  edit,
  editRunner,
  register,
  remove,
  transfer,
  type World,
  world,
} from '../../../src/simulator/runsignup/index.ts'
import type { Db } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { beginShadow } from '../../../src/store/shadow/begin.ts'
import { discardShadow } from '../../../src/store/shadow/discard.ts'
import { shadowedSince } from '../../../src/store/shadow/tables.ts'
import { goLive } from '../../../src/sync/go-live.ts'
import { shadowDifferences } from '../../../src/sync/shadow-diff.ts'
import { testDatabase } from '../../helpers/database.ts'
import { legacyRows } from '../../helpers/legacy-rows.ts'
import { installRunSignUp, type RaceInstallation } from '../../helpers/runsignup.ts'
import { makeLegacy } from '../../store/adoption/model.ts'
import { PLAIN } from '../../store/adoption/variant.ts'
import { feedOf } from '../crash/race.ts'

const MINUTE = 60_000
/** The partner of RunSignUp's rows in the legacy database. */
const PARTNER = 3
/** A registration that the provider does not list, and one that the scripts add while startlist is in the shadow. */
const [THEIRS, ADDED] = [501, 502]

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

interface Weekend {
  r: RaceInstallation
  db: Db
  w: World
  raceId: string
  /** events, and who is registered for them */
  marathon: string
  half: string
  runners: string[]
}

/**
 * A legacy database with a race of two events, five of its runners under old names and without bibs; `isTwice`: one of
 * them in both events.
 */
async function weekend(transferIds: 'new' | 'same' = 'same', isTwice = false): Promise<Weekend> {
  const clock = new VirtualClock('2026-05-01T16:00:00Z')
  const w = world({ clock, seed: 7, transferIds })
  const account = w.addAccount()
  const race = w.addRace(account, { name: 'Harbor Weekend' })
  const marathon = w.addEvent(race, { startsAt: '2026-05-02T07:00:00', participants: 8 })
  const half = w.addEvent(race, { startsAt: '2026-05-02T08:00:00', participants: 3 })
  const runners = [...marathon.registrations.keys()]
  const { db } = await testDatabase({ empty: true, virtualClock: clock })
  await makeLegacy(db, PLAIN)
  const key = account.keys.find(({ form }) => form === 'v2')!
  await sql`UPDATE partner_provider_credentials SET principal = ${key.key}, secret = ${key.secret}
    WHERE principal = 'key-three'`.execute(db)
  await sql`INSERT INTO runsignup_races (race_id, name, timing_partner_id)
    VALUES (${race.id}, 'Old race', ${PARTNER})`.execute(db)
  await sql`INSERT INTO runsignup_events (event_id, race_id, name, timing_partner_id)
    VALUES (${marathon.id}, ${race.id}, 'Old name', ${PARTNER}), (${half.id}, ${race.id}, 'Old half', ${PARTNER})`.execute(
    db,
  )
  for (const id of [...runners.slice(0, 5), THEIRS]) await script(db, race.id, marathon.id, id)
  if (isTwice) await script(db, race.id, half.id, runners[0]!)
  await migrate(db)
  running = await installRunSignUp({ clock, onto: { db, world: w, account, partnerId: PARTNER } })
  return { r: running, db, w, raceId: race.id, marathon: marathon.id, half: half.id, runners }
}

/** The older system's own statement, in short. */
const script = (db: Db, raceId: string, eventId: string, id: string | number) =>
  sql`INSERT INTO public.runsignup_participants
      (race_id, event_id, registration_id, first_name, fetched_date, timing_partner_id)
    VALUES (${raceId}, ${eventId}, ${id}, 'Old', '2026-05-01T15:00:00', ${PARTNER})`.execute(db)

/** A day in the shadow: one newcomer, an edit, a removal, and one who goes over to the half marathon. */
async function shadowedDay({ r, w, marathon, half, runners }: Weekend): Promise<void> {
  await r.discover()
  await r.sync()
  r.clock.advance(MINUTE)
  register(w, marathon)
  editRunner(w, marathon, runners[1]!, { lastName: 'Renamed', middleName: 'Q' })
  await r.sync()
  r.clock.advance(MINUTE)
  remove(w, marathon, runners[2]!)
  transfer(w, marathon, runners[3]!, half)
  r.clock.advance(16 * MINUTE)
  await r.sync()
  r.clock.advance(MINUTE)
}

interface LegacyRow {
  event: number
  name: string | null
  bib: string | null
  removed: boolean
  met: boolean
}

const legacyOf = (db: Db, id: string | number) =>
  sql<LegacyRow>`SELECT event_id::int AS event, first_name AS name, bib_num AS bib, removed_at IS NOT NULL AS removed,
      mapping_version IS NOT NULL AS met
    FROM public.runsignup_participants WHERE registration_id = ${id} AND timing_partner_id = ${PARTNER} ORDER BY event_id`
    .execute(db)
    .then(({ rows }) => rows)

it('a shadowed day of a race changes not one legacy row, and going live merges what was met, without a call', async () => {
  const place = await weekend()
  const { r, db, w, raceId, marathon, half, runners } = place
  await beginShadow(db)
  const before = await legacyRows(db)
  await shadowedDay(place)
  expect(await legacyRows(db)).toEqual(before)
  expect(await theirsApart(r)).toEqual([])
  const feed = await feedOf(db, raceId, PARTNER)
  const kinds = Map.groupBy(feed, ({ change }) => change)
  expect(kinds.get('adopted')).toHaveLength(5)

  await script(db, raceId, marathon, ADDED)
  const calls = r.server.calls.last
  const live = await goLive(db)
  expect(live?.merged).toContainEqual({ table: 'runsignup_races', rows: 1 })
  expect(live?.merged).toContainEqual({ table: 'runsignup_events', rows: 2 })
  // Eight and a newcomer, three of the half marathon, and whom the provider does not list.
  expect(live?.merged).toContainEqual({ table: 'runsignup_participants', rows: 13 })
  expect(r.server.calls.last).toBe(calls)
  expect(await shadowedSince(db)).toBe(null)
  const theirs = { event: Number(marathon), name: 'Old', bib: null }
  expect(await legacyOf(db, THEIRS)).toEqual([{ ...theirs, removed: true, met: true }])
  expect(await legacyOf(db, ADDED)).toEqual([{ ...theirs, removed: false, met: false }])
  // Whoever changed the event has one row, in the new one.
  expect(await legacyOf(db, runners[3]!)).toMatchObject([{ event: Number(half), removed: false, met: true }])
  expect(await legacyOf(db, runners[2]!)).toMatchObject([{ event: Number(marathon), removed: true }])
  expect(await feedOf(db, raceId, PARTNER)).toEqual(feed)

  // A quiet poll costs what it costs, and what comes next arrives in the legacy tables.
  expect(await r.callsOf(() => r.sync())).toEqual({ participants: 1 })
  edit(w, marathon, runners[0]!, { bib: '4711' })
  r.clock.advance(MINUTE)
  await r.sync()
  expect(await legacyOf(db, runners[0]!)).toMatchObject([{ bib: '4711' }])
  expect(await theirsApart(r)).toEqual([])
})

it.each(['same', 'new'] as const)(
  'going live leaves nobody in two events, whose number after a change of the event is the %s one',
  async (transferIds) => {
    const place = await weekend(transferIds)
    const { r, db, raceId, half, runners } = place
    await beginShadow(db)
    await shadowedDay(place)
    // The scripts met him in his new event, and left his old row where it was.
    if (transferIds === 'same') await script(db, raceId, half, runners[3]!)
    await goLive(db)
    const rows = await legacyOf(db, runners[3]!)
    expect(rows.filter(({ removed }) => !removed)).toHaveLength(transferIds === 'same' ? 1 : 0)
    expect(await theirsApart(r)).toEqual([])
    await r.sync({ full: true })
    expect(await theirsApart(r)).toEqual([])
    if (transferIds === 'new') return
    const { rows: aside } =
      await sql`SELECT registration_id, why FROM runsignup_participants_duplicates`.execute(db)
    expect(aside).toEqual([
      {
        registration_id: Number(runners[3]),
        why: expect.stringMatching(/^of an event that the registration left/),
      },
    ])
  },
)

it('whom the scripts had in two events of a race before the adoption is one person, and the race is read', async () => {
  const { r, db, raceId, half, marathon, runners } = await weekend('same', true)
  expect(await legacyOf(db, runners[0]!)).toMatchObject([{ event: Number(half), name: 'Old' }])
  await r.discover()
  expect(await r.sync()).toMatchObject({ stopped: null, events: [{ error: null }] })
  expect(await legacyOf(db, runners[0]!)).toMatchObject([{ event: Number(marathon), met: true }])
  expect(await theirsApart(r)).toEqual([])
  // They do it again beside startlist: it goes into the table that adoption made.
  await script(db, raceId, half, runners[0]!)
  r.clock.advance(MINUTE)
  expect(await r.sync({ full: true })).toMatchObject({ stopped: null, events: [{ error: null }] })
  expect(await legacyOf(db, runners[0]!)).toMatchObject([{ event: Number(marathon), met: true }])
  const { rows: aside } = await sql`SELECT event_id AS event, first_name AS name, why
    FROM runsignup_participants_duplicates WHERE registration_id = ${runners[0]!} ORDER BY moved_at`.execute(
    db,
  )
  expect(aside).toEqual([
    { event: Number(marathon), name: 'Old', why: expect.stringMatching(/^older than row/) },
    { event: Number(half), name: 'Old', why: expect.stringMatching(/^a second row beside/) },
  ])
})

it('whom the scripts have in two events of a race is one person in the shadow, and when it goes live', async () => {
  const place = await weekend()
  const { r, db, raceId, marathon, half, runners } = place
  await script(db, raceId, half, runners[0]!)
  await beginShadow(db)
  // Somebody of whom startlist knows nothing.
  for (const event of [marathon, half]) await script(db, raceId, event, ADDED)
  const before = await legacyRows(db)
  await r.discover()
  expect(await r.sync()).toMatchObject({ stopped: null, events: [{ error: null }] })
  expect(await legacyRows(db)).toEqual(before)
  expect(await theirsApart(r)).toEqual([])
  await goLive(db)
  expect(await legacyOf(db, runners[0]!)).toMatchObject([{ event: Number(marathon), met: true }])
  expect(await legacyOf(db, ADDED)).toMatchObject([{ event: Number(half), met: false }])
  expect(await r.sync({ full: true })).toMatchObject({ stopped: null, events: [{ error: null }] })
  expect(await theirsApart(r)).toEqual([])
})

it.each(['an adopted database', 'one that startlist had gone live on'])(
  'after a discarded shadow of %s the next contact reads the race whole, not what changed since the last pass',
  async (kind) => {
    const place = await weekend()
    const { r, db } = place
    if (kind !== 'an adopted database') {
      await r.discover()
      await r.sync()
      r.clock.advance(MINUTE)
    }
    await beginShadow(db)
    const before = await legacyRows(db)
    await shadowedDay(place)
    expect(await discardShadow(db)).toMatchObject({ lists: 1, feeds: 1 })
    expect(await legacyRows(db)).toEqual(before)
    await r.discover()
    expect(await r.sync()).toMatchObject({ stopped: null, events: [{ error: null }] })
    expect(await theirsApart(r)).toEqual([])
  },
)

/** Differences from the truth, but for whom only the scripts have. */
const theirsApart = async (r: RaceInstallation) =>
  (await r.differences()).filter((line) => !/\/50[12] /.test(line))

/** What is said of each registration: field or kind, and why. */
async function told(
  { db }: Weekend,
  eventId: string,
): Promise<Map<string | null, [string, string | null][]>> {
  const all = new Map<string | null, [string, string | null][]>()
  for await (const { rows } of shadowDifferences(db, eventId))
    for await (const { difference, findings } of rows)
      all.set(
        difference.key,
        findings.map(({ kind, field, why }) => [field ?? kind, why]),
      )
  return all
}

it('the comparison tells each difference of each event of a race, and which defect of the older system made it', async () => {
  const place = await weekend()
  const { r, db, w, raceId, marathon, half, runners } = place
  await beginShadow(db)
  await shadowedDay(place)
  const race = await told(place, marathon)
  expect(race.get(null)).toEqual(
    expect.arrayContaining([
      ['name', null],
      ['start_time', 'the older system cannot read the form of the date'],
    ]),
  )
  const newcomer = [...w.event(marathon).registrations.keys()].at(-1)!
  expect(race.get(newcomer)).toEqual([['missing_there', 'registered after the scripts last read the event']])
  expect(race.get(runners[5]!)).toEqual([['missing_there', null]])
  expect(race.get(runners[2]!)).toEqual([
    ['missing_here', 'removed at the provider, which the older system does not notice'],
  ])
  expect(race.get(runners[3]!)).toEqual([
    ['missing_here', 'it went over to another event of the race, which the older system does not notice'],
  ])
  expect(race.get(String(THEIRS))).toEqual([
    ['missing_here', 'removed at the provider, which the older system does not notice'],
  ])
  expect(race.get(runners[1]!)).toContainEqual([
    'last_name',
    'changed at the provider after the scripts last fetched it',
  ])
  expect(race.get(runners[0]!)).toEqual(
    expect.arrayContaining([
      ['last_name', null],
      ['bib_num', 'the older system overwrites a bib with an empty one'],
      ['age', 'the older system reads the age where the provider has none'],
      ['dob', "the older system's backfill does not store it"],
    ]),
  )
  expect((await told(place, half)).get(runners[3]!)).toEqual([
    ['missing_there', 'there it is in the event that it left, in another of this race'],
  ])
  // Asked for the race, it tells its events; and a chip that the older system took for a bib.
  const events: string[] = []
  for await (const { event } of shadowDifferences(db, raceId)) events.push(event.eventId)
  expect(events.sort()).toEqual([marathon, half].sort())
  edit(w, marathon, runners[4]!, { bib: null, chip: 'C77' })
  r.clock.advance(MINUTE)
  await r.sync()
  await sql`UPDATE public.runsignup_participants l SET first_name = s.first_name, middle_name = s.middle_name,
      last_name = s.last_name, email = s.email, phone = s.phone, dob = s.dob, gender = s.gender, age = s.age,
      address = s.address, chip_num = s.chip_num, bib_num = s.chip_num
    FROM startlist_shadow.runsignup_participants s
    WHERE s.registration_id = l.registration_id AND l.registration_id = ${runners[4]!}`.execute(db)
  expect((await told(place, marathon)).get(runners[4]!)).toEqual([
    ['bib_num', 'the older system takes the chip for the bib where there is none'],
  ])
})
