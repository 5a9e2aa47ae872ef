import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { assignBibs, editPerson, moveEvent, register, remove, world } from '../../src/simulator/index.ts'
import { type Installation, install, START } from '../helpers/installation.ts'
import { differences } from '../helpers/truth.ts'

let installation: Installation | undefined
afterEach(async () => {
  await installation?.stop()
  installation = undefined
})

/** One partner, one account, one event; discovered and synced once. */
async function oneEvent(participants: number, traits: Parameters<typeof install>[0]['traits'] = {}) {
  const clock = new VirtualClock(START)
  const w = world({ clock, seed: 1 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const event = w.addEvent(organization, { startsAt: '2026-05-02T07:00:00', participants })
  installation = await install({ clock, world: w, traits })
  const partnerId = await installation.addPartner('Alder Timing')
  await installation.addCredential(partnerId, organization.clientId, organization.secrets[0] ?? '')
  await installation.discover(organization.clientId)
  const { haku, db } = installation
  return {
    installation,
    clock,
    world: w,
    event,
    partnerId,
    clientId: organization.clientId,
    sync: (request = {}) => (installation as Installation).sync(organization.clientId, request),
    differences: () => differences(db, haku.truth().get(event.id) ?? fail(), { partnerId }),
    /** Calls that `work` makes, by endpoint. */
    async callsOf(work: () => Promise<unknown>) {
      const { last } = haku.calls
      await work()
      const made = haku.calls.list({ afterCall: last })
      const count = (endpoint: string) => made.filter((call) => call.endpoint === endpoint).length
      return {
        list: count('participants') + count('registrations'),
        detail: count('detail'),
        all: made.length,
      }
    },
  }
}

function fail(): never {
  throw new Error('the event is not in the truth')
}

describe('a first sync', () => {
  it('stores every registration with its details', async () => {
    const race = await oneEvent(60)
    const outcome = await race.sync()
    expect(outcome).toMatchObject({ stopped: null, events: [{ error: null, held: false }] })
    expect(await race.differences()).toEqual([])
  })

  it('needs no details where the registrations list has whole records', async () => {
    const race = await oneEvent(60, { registrationsList: 'whole' })
    const calls = await race.callsOf(() => race.sync())
    expect(await race.differences()).toEqual([])
    expect(calls.detail).toBe(0)
  })
})

describe('a poll', () => {
  it('of a settled event without news costs one call', async () => {
    const race = await oneEvent(60)
    await race.sync()
    race.clock.advance(60_000)
    await race.sync()
    race.clock.advance(60_000)
    expect(await race.callsOf(() => race.sync())).toEqual({ list: 1, detail: 0, all: 1 })
  })

  it.each([1, 3, 24, 25, 26])(
    'of %i changes costs floor(k / page) + 1 list calls and k details',
    async (k) => {
      const race = await oneEvent(100)
      await race.sync()
      race.clock.advance(60_000)
      await race.sync()
      race.clock.advance(60_000)
      const numbers = [...race.event.registrations.keys()].slice(0, k)
      for (const number of numbers) editPerson(race.world, race.event.id, number, { phone: '555-000-1111' })
      race.clock.advance(20_000)
      expect(await race.callsOf(() => race.sync())).toMatchObject({ list: Math.floor(k / 25) + 1, detail: k })
      expect(await race.differences()).toEqual([])
    },
  )

  it('after 400 bibs in one second reads 17 pages, then one at a time', async () => {
    const race = await oneEvent(450, { registrationsList: 'whole' })
    await race.sync()
    race.clock.advance(60_000)
    await race.sync()
    race.clock.advance(60_000)
    assignBibs(race.world, race.event.id, 400)
    race.clock.advance(20_000)
    const lists = async () => (await race.callsOf(() => race.sync())).list
    expect(await lists()).toBe(17)
    for (let i = 0; i < 3; i++) {
      race.clock.advance(60_000)
      expect(await lists()).toBe(1)
    }
    expect(await race.differences()).toEqual([])
  })

  it('stores new registrations and leaves removals to the next sweep', async () => {
    const race = await oneEvent(60)
    await race.sync()
    race.clock.advance(60_000)
    register(race.world, race.event.id)
    remove(race.world, race.event.id, [...race.event.registrations.keys()][5] ?? '')
    race.clock.advance(20_000)
    await race.sync()
    expect((await race.differences()).map((d) => [d.what, d.stored])).toEqual([['row', 'present']])
    race.clock.advance(60_000)
    const outcome = await race.sync({ full: true })
    expect(outcome.events[0]?.lines[0]).toMatchObject({ kind: 'sweep', removed: 1, complete: true })
    expect(await race.differences()).toEqual([])
  })
})

describe('the counts of a run', () => {
  it('count people: one added and completed was added, one edited in list and detail was updated once', async () => {
    const race = await oneEvent(30)
    const first = await race.sync()
    expect(first.events[0]?.lines[0]).toMatchObject({ inserted: 30, updated: 0, removed: 0 })
    race.clock.advance(60_000)
    const [number = ''] = race.event.registrations.keys()
    editPerson(race.world, race.event.id, number, { email: 'new@example.org', phone: '555-000-2222' })
    race.clock.advance(20_000)
    const second = await race.sync()
    expect(second.events[0]?.lines[0]).toMatchObject({ inserted: 0, updated: 1 })
  })
})

describe('a zone given by a person', () => {
  it('is kept when discovery sees the event changed (T3)', async () => {
    const race = await oneEvent(3)
    const { db } = race.installation
    await db
      .updateTable('haku_events')
      .set({ override_timezone: 'America/Denver', timezone: 'America/Denver', timezone_source: 'override' })
      .execute()
    moveEvent(race.world, race.event.id, '2026-05-03T08:00:00')
    await race.installation.discover(race.clientId)
    const row = await db
      .selectFrom('haku_events')
      .select(['timezone', 'timezone_source', 'starts_at'])
      .executeTakeFirst()
    expect(row).toMatchObject({ timezone: 'America/Denver', timezone_source: 'override' })
    expect(Date.parse(row?.starts_at ?? '')).toBe(Date.parse('2026-05-03T08:00:00-06:00'))
  })
})
