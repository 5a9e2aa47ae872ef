import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import {
  assignBibs,
  breakStamp,
  cancel,
  editPerson,
  hide,
  inventory,
  moveEvent,
  Rng,
  randomMove,
  register,
  remove,
  removeEvent,
  renameEvent,
  restore,
  restoreEvent,
  setBib,
  setInactive,
  stampAt,
  swapBibs,
  transferInPlace,
  transferToNew,
} from '../../src/simulator/index.ts'
import { HOUR, NOW, numbers, setup } from './client.ts'

/** Two registrations at the bottom of the list, and ways to look at them. */
async function scene() {
  const s = await setup({ traits: { tokenLifetime: 86_400 } })
  s.clock.advance(HOUR)
  const bottom = numbers(await s.list(3))
  const number = bottom.at(-1) as string
  const other = bottom.at(-2) as string
  const bib = (of = number) => s.sim.truth().get(s.event.id)?.registrations.get(of)?.bib
  const top = async () => numbers(await s.list(1))[0]
  return Object.assign(s, { id: s.event.id, number, other, bib, top })
}

test('a new registration and an edit come to the top with the present as stamp', async () => {
  await using s = await scene()
  const fresh = register(s.world, s.id, { person: { firstName: 'Zqxjnew' } })
  expect((await s.list(1))[0]).toMatchObject({
    registration_number: fresh.number,
    updated_at: '2026-04-01T13:00:00Z',
  })
  s.clock.advance(1000)
  editPerson(s.world, s.id, s.number, { lastName: 'Zqxjedited' })
  expect(await s.top()).toBe(s.number)
  expect(await s.detail(s.number)).toMatchObject({
    participant: { last_name: 'Zqxjedited', updated_at: '2026-04-01T13:00:01Z' },
  })
})

test('a bib swap shows in the list, in the detail alone, or in a nested stamp only', async () => {
  await using s = await scene()
  setBib(s.world, s.id, s.number, '7', 'nested')
  setBib(s.world, s.id, s.other, '8', 'nested')
  const quiet = await s.list(3)
  const before = await s.detail(s.number)
  swapBibs(s.world, s.id, s.number, s.other, 'nested')
  expect([s.bib(), s.bib(s.other)]).toEqual(['8', '7'])
  expect(await s.list(3)).toEqual(quiet)
  expect((await s.detail(s.number)).updated_at).toBe(before.updated_at)
  swapBibs(s.world, s.id, s.number, s.other, 'detail')
  expect(await s.list(3)).toEqual(quiet)
  expect((await s.detail(s.number)).updated_at).toBe('2026-04-01T13:00:00Z')
  swapBibs(s.world, s.id, s.number, s.other)
  expect(
    numbers(await s.list(1))
      .slice(0, 2)
      .sort(),
  ).toEqual([s.number, s.other].sort())
})

test('bulk bibs share one stamp', async () => {
  await using s = await scene()
  expect(assignBibs(s.world, s.id, 30)).toHaveLength(30)
  const rows = [...(await s.list(1)), ...(await s.list(2))]
  expect(rows.filter((row) => row.updated_at === '2026-04-01T13:00:00Z')).toHaveLength(30)
  const bibs = [...(s.sim.truth().get(s.id)?.registrations.values() ?? [])].flatMap((r) => r.bib ?? [])
  expect(new Set(bibs).size).toBe(bibs.length)
})

test('cancelled stays listed; hidden answers alone; removed answers 404; all can come back', async () => {
  await using s = await scene()
  const listed = async () => {
    const rows = [...(await s.list(1)), ...(await s.list(2)), ...(await s.list(3))]
    return rows.find((row) => row.registration_number === s.number)
  }
  const status = async () => (await s.get(`/events/${s.id}/registrations/${s.number}`)).status
  cancel(s.world, s.id, s.number)
  expect([(await listed())?.is_cancelled, await status()]).toEqual([true, 200])
  hide(s.world, s.id, s.number)
  expect([await listed(), await status()]).toEqual([undefined, 200])
  remove(s.world, s.id, s.number)
  expect([await listed(), await status()]).toEqual([undefined, 404])
  expect(s.sim.truth().get(s.id)?.deletedRegistrations.has(s.number)).toBe(true)
  restore(s.world, s.id, s.number)
  expect([(await listed())?.is_cancelled, await status()]).toEqual([false, 200])
})

test('a transfer keeps the number, or leaves the old one cancelled or deferred', async () => {
  await using s = await scene()
  const before = await s.detail(s.number)
  transferInPlace(s.world, s.id, s.number)
  expect((await s.detail(s.number)).participant).not.toEqual(before.participant)
  setBib(s.world, s.id, s.other, '4321')
  const fresh = transferToNew(s.world, s.id, s.other, 'deferred')
  const truth = s.sim.truth().get(s.id)?.registrations
  expect(truth?.get(s.other)).toMatchObject({ isCancelled: true, deferred: true, bib: null })
  expect(truth?.get(fresh.number)).toMatchObject({ isCancelled: false, bib: '4321' })
})

test('stamps from the future, null and unreadable', async () => {
  await using s = await scene()
  stampAt(s.world, s.id, s.number, Date.parse('2099-01-01T00:00:00Z'))
  expect((await s.list(1))[0]).toMatchObject({
    registration_number: s.number,
    updated_at: '2099-01-01T00:00:00Z',
  })
  for (const text of [null, 'soon']) {
    breakStamp(s.world, s.id, s.number, text)
    expect((await s.list(1))[0]?.updated_at).toBe(text)
  }
  setBib(s.world, s.id, s.number, '1')
  expect((await s.list(1))[0]?.updated_at).toBe('2026-04-01T13:00:00Z')
})

test('events move, are renamed, added, made inactive, removed and brought back', async () => {
  await using s = await scene()
  const events = async () => (await s.json('/events?sort_column=event_date')) as JsonObject[]
  moveEvent(s.world, s.id, '2026-05-03 06:30:00')
  renameEvent(s.world, s.id, 'Moved Classic')
  const added = s.world.addEvent(s.organization, { startsAt: '2026-06-01T12:00:00Z' })
  expect(await events()).toMatchObject([
    { id: s.id, name: 'Moved Classic', event_date: '2026-05-03 06:30:00' },
    { id: added.id, event_date: '2026-06-01 06:00:00' },
  ])
  setInactive(s.world, added.id, true)
  removeEvent(s.world, s.id)
  expect(await events()).toEqual([])
  expect((await s.get(`/events/${s.id}/participants`)).status).toBe(404)
  restoreEvent(s.world, s.id)
  expect((await events()).map((event) => event.id)).toEqual([s.id])
})

test('moves happen before a call, before a page, or at their instant, and are stamped so', async () => {
  await using s = await scene()
  const k = s.sim.calls.last
  s.sim.atCall(k + 2, (world) => renameEvent(world, s.id, 'Renamed'))
  const name = async () => ((await s.json('/events')) as JsonObject[])[0]?.name
  expect(await name()).not.toBe('Renamed')
  expect(await name()).toBe('Renamed')

  s.sim.atPage(s.id, 2, (world) => setBib(world, s.id, s.number, '77'))
  const page1 = numbers(await s.list(1))
  const page2 = numbers(await s.list(2))
  expect(page2[0]).toBe(page1.at(-1))
  expect(await s.top()).toBe(s.number)

  s.sim.at(s.clock.now() + 60_000, (world) => setBib(world, s.id, s.other, '78'))
  expect(await s.top()).toBe(s.number)
  s.clock.advance(HOUR)
  expect((await s.list(1))[0]).toMatchObject({
    registration_number: s.other,
    updated_at: '2026-04-01T13:01:00Z',
  })
})

test('the same seed makes the same world and the same moves', () => {
  const run = (seed: number) => {
    const { world, credentials } = inventory({ seed, clock: new VirtualClock(NOW) })
    const rng = new Rng(seed)
    const made = Array.from({ length: 300 }, () => randomMove(rng, world, { invisible: 0.3, events: true }))
    return JSON.stringify([credentials, made, [...world.events.values()].map((e) => [...e.registrations])])
  }
  expect(run(3)).toBe(run(3))
  expect(run(3)).not.toBe(run(4))
})

test('random moves reach every kind', () => {
  const { world } = inventory({ clock: new VirtualClock(NOW) })
  const rng = new Rng(1)
  const kinds = Array.from({ length: 1500 }, () => randomMove(rng, world, { events: true })?.kind)
  expect(new Set(kinds).size).toBe(14)
})
