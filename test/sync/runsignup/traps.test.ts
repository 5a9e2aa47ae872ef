import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { erase, register, setEventDeleted, setKeys } from '../../../src/simulator/runsignup/index.ts'
import { eventsOfAccount } from '../../../src/store/events.ts'
import { installRunSignUp, type RaceInstallation, type RaceOptions } from '../../helpers/runsignup.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** Two races of two events each, discovered. */
async function twoRaces(options: Partial<RaceOptions> = {}) {
  const r = await installRunSignUp({ clock: new VirtualClock('2026-05-01T16:00:00Z'), ...options })
  running = r
  const races = ['2026-05-09T07:00:00', '2026-06-06T07:00:00'].map((startsAt) => {
    const race = r.world.addRace(r.account)
    return { race, events: [12, 8].map((participants) => r.world.addEvent(race, { startsAt, participants })) }
  })
  const [spring, summer] = races
  if (spring === undefined || summer === undefined) throw new Error('no races')
  await r.discover()
  return { ...r, spring, summer }
}

describe('a key that the provider no longer recognises', () => {
  it('is found out before a race of the nation is stored', async () => {
    const r = await twoRaces({ traits: { wrongKeyRaces: 'nation' } })
    const stranger = r.world.addAccount()
    for (let i = 0; i < 40; i++) r.world.addEvent(r.world.addRace(stranger), { participants: 1 })
    setKeys(r.world, r.account.id, [{ form: 'v2', key: 'another-key', secret: 'another-secret' }])
    await expect(r.discover()).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' })
    const { rows } = await sql<{ races: number }>`SELECT count(*)::int AS races FROM runsignup_races`.execute(
      r.db,
    )
    expect(rows[0]?.races).toBe(2)
  })
})

describe('discovery', () => {
  it('takes one call a page for all races, and the one that ends them', async () => {
    const r = await twoRaces()
    expect(await r.callsOf(() => r.discover())).toEqual({ races: 2 })
  })

  it('leaves out a deleted event, whose number spoils the call for its whole race', async () => {
    const r = await twoRaces()
    await r.sync()
    const [gone, left] = r.spring.events
    setEventDeleted(r.world, gone?.id ?? '', true)
    register(r.world, left?.id ?? '')
    r.clock.advance(MINUTE)
    const failed = await r.sync()
    expect(failed.events.map(({ error }) => error?.code ?? 'ok').sort()).toEqual(['NOT_FOUND', 'ok'])
    await r.discover()
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it('says nothing of events that are past, which are no longer listed', async () => {
    const r = await twoRaces()
    await r.sync()
    r.clock.advance(20 * DAY)
    await r.discover()
    const { rows } = await sql<{ missing: number }>`
      SELECT count(*)::int AS missing FROM runsignup_events WHERE missing_since IS NOT NULL`.execute(r.db)
    expect(rows[0]?.missing).toBe(0)
  })

  it('asks for the present edition of a race that is held every year', async () => {
    const r = await twoRaces()
    const editions = async () =>
      (await eventsOfAccount(r.db, r.accountId, { eventIds: [r.spring.race.id] })).map(({ events }) =>
        events.map(({ eventId }) => eventId),
      )
    expect(await editions()).toEqual([r.spring.events.map(({ id }) => id)])
    r.clock.advance(30 * DAY)
    expect(await editions()).toEqual([r.spring.events.map(({ id }) => id)])
    const next = r.world.addEvent(r.spring.race, { startsAt: '2027-05-08T07:00:00', participants: 3 })
    await r.discover()
    expect(await editions()).toEqual([[next.id]])
    await r.sync()
    expect(await r.callsOf(() => r.sync({ eventId: next.id }))).toEqual({ participants: 1 })
  })
})

describe('registrations that are deleted for good', () => {
  it('are asked for singly by the next sweep, and then removed', async () => {
    const r = await twoRaces()
    await r.sync()
    const [event] = r.spring.events
    const [one = ''] = event?.registrations.keys() ?? []
    erase(r.world, event?.id ?? '', one)
    r.clock.advance(MINUTE)
    await r.sync({ full: true })
    expect(await r.differences()).toEqual([])
  })

  it('wait for a decision when they are many', async () => {
    const r = await twoRaces()
    await r.sync()
    const [event] = r.spring.events
    for (const id of [...(event?.registrations.keys() ?? [])]) erase(r.world, event?.id ?? '', id)
    r.clock.advance(MINUTE)
    const { events } = await r.sync({ full: true })
    expect(events.map(({ held }) => held)).toEqual([true, false])
  })
})

describe('two timing partners with one key', () => {
  it('cost one reading, written for both', async () => {
    const r = await twoRaces()
    const other = await r.addPartner('Birch Timing')
    await r.addKey(other)
    await r.discover()
    expect(await r.callsOf(() => r.sync())).toEqual({ participants: 4, removed: 2 })
    expect([await r.differences(), await r.differences(other)]).toEqual([[], []])
  })
})

it('no row tells the key', async () => {
  const r = await twoRaces()
  await r.sync()
  const { rows } = await sql<{ row: string }>`
    SELECT t::text AS row FROM runsignup_participants t UNION ALL SELECT t::text FROM runsignup_events t
    UNION ALL SELECT t::text FROM runsignup_races t UNION ALL SELECT t::text FROM api_calls t`.execute(r.db)
  const all = rows.map(({ row }) => row).join('\n')
  for (const { key, secret } of r.account.keys) {
    expect(all).not.toContain(key)
    expect(all).not.toContain(secret)
  }
})

it('readers of all providers find the races in the unified views', async () => {
  const r = await twoRaces()
  await r.sync()
  const { rows } = await sql`
    SELECT source_provider AS provider, count(*)::int AS people, count(DISTINCT event_id)::int AS events,
      bool_and(category IS NOT NULL AND age_on_race_day = age AND fresh_at IS NOT NULL AND starts_at IS NOT NULL) AS whole
    FROM unified_participants GROUP BY 1`.execute(r.db)
  expect(rows).toEqual([{ provider: 'runsignup', people: 40, events: 4, whole: true }])
})
