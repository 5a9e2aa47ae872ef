import { expect, test } from 'vitest'
import { Rng } from '../../../src/simulator/index.ts'
import {
  assignBibs,
  edit,
  erase,
  randomMove,
  register,
  remove,
  restore,
  swapBibs,
  transfer,
} from '../../../src/simulator/runsignup/index.ts'
import { HOUR, ids, registrationsOf, type Setup, setup } from './client.ts'

/** An hour later, with two registrations to play with. */
async function scene(...options: Parameters<typeof setup>) {
  const s = await setup(...options)
  s.clock.advance(HOUR)
  const [id, two] = registrationsOf(s.event) as [string, string]
  return Object.assign(s, { id, two })
}

const changedSince = (s: Setup, event_id: string) =>
  s.rows({ event_id, modified_after_timestamp: String(Math.floor(s.clock.now() / 1000)) })

test('what leaves its event is in the feed of the removed, with reason and stamps as text', async () => {
  await using s = await scene()
  remove(s.world, s.event.id, s.id, 'deferred')
  expect(ids(await s.rows())).not.toContain(s.id)
  const [row] = await s.removed()
  expect(row).toMatchObject({
    registration_id: Number(s.id),
    user: { email: expect.any(String) },
    age: expect.any(Number),
    removed_reason: 'deferred',
    last_modified: '2026-04-01 09:00:00',
    last_modified_ts: Date.parse('2026-04-01T13:00:00Z') / 1000,
    registration_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  })
  expect(row).not.toHaveProperty('new_registration_id')
})

test('the feed of the removed can be condensed, sorted by change, and asked for what is new', async () => {
  await using s = await scene()
  remove(s.world, s.event.id, s.two, 'cleared')
  s.clock.advance(HOUR)
  remove(s.world, s.event.id, s.id)
  expect(await s.removed({ condensed_format: 'T', sort: 'last_modified ASC' })).toEqual([
    { registration_id: Number(s.two), removed_reason: 'cleared' },
    { registration_id: Number(s.id), removed_reason: 'removed' },
  ])
  const now = Math.floor(s.clock.now() / 1000)
  expect(ids(await s.removed({ modified_after_timestamp: String(now) }))).toEqual([s.id])
  expect(await s.removed({ modified_after_timestamp: String(now + 1) })).toEqual([])
})

test('a transfer leaves one event under its old id and enters the other under a new one', async () => {
  await using s = await scene()
  edit(s.world, s.event.id, s.id, { bib: '4321' })
  const moved = transfer(s.world, s.event.id, s.id, s.other.id)
  expect(moved.id).not.toBe(s.id)
  expect(await s.removed({ condensed_format: 'T' })).toEqual([
    {
      registration_id: Number(s.id),
      removed_reason: 'transferred',
      new_registration_id: Number(moved.id),
    },
  ])
  expect(await changedSince(s, s.other.id)).toMatchObject([
    { registration_id: Number(moved.id), event_id: Number(s.other.id), bib_num: null },
  ])
  expect(s.sim.truth().get(s.event.id)?.removed.get(s.id)?.registration.bib).toBe('4321')
})

test('or under the same id, which then is removed here and present there', async () => {
  await using s = await scene({ transferIds: 'same' })
  transfer(s.world, s.event.id, s.id, s.other.id)
  expect(ids(await s.removed())).toEqual([s.id])
  expect(ids(await s.rows({ event_id: s.other.id }))[0]).toBe(s.id)
  expect(() => restore(s.world, s.event.id, s.id)).toThrow('is in another event')
  transfer(s.world, s.other.id, s.id, s.event.id)
  expect([ids(await s.removed()), ids(await s.rows())[0]]).toEqual([[], s.id])
})

test('what was removed can come back, and then is no longer among the removed', async () => {
  await using s = await scene()
  remove(s.world, s.event.id, s.id)
  s.clock.advance(HOUR)
  restore(s.world, s.event.id, s.id)
  expect(await s.removed()).toEqual([])
  expect(ids(await changedSince(s, s.event.id))).toEqual([s.id])
  expect(() => restore(s.world, s.event.id, s.id)).toThrow('was not removed')
})

test('what is erased is gone without a word', async () => {
  await using s = await scene()
  erase(s.world, s.event.id, s.id)
  expect(ids(await s.rows())).not.toContain(s.id)
  expect(await s.removed()).toEqual([])
})

test('bulk bibs share one stamp, and a swap changes two', async () => {
  await using s = await scene()
  expect(assignBibs(s.world, s.event.id, 20)).toHaveLength(20)
  const rows = await changedSince(s, s.event.id)
  expect(new Set(rows.map((row) => row.last_modified)).size).toBe(1)
  expect(new Set(rows.map((row) => row.bib_num)).size).toBe(20)
  const [a, b] = [s.event.registrations.get(s.id)?.bib, s.event.registrations.get(s.two)?.bib]
  swapBibs(s.world, s.event.id, s.id, s.two)
  expect((await s.rows()).slice(0, 2).map((row) => String(row.bib_num))).toEqual([b, a])
})

test('moves happen before a call, before a page, and at an instant with its own stamp', async () => {
  await using s = await scene()
  s.sim.atCall(2, (world) => register(world, s.event.id, { bib: '9001' }))
  s.sim.atPage(s.other.id, 2, (world) => register(world, s.event.id, { bib: '9002' }))
  const instant = s.clock.now() + HOUR
  s.sim.at(instant, (world) => register(world, s.event.id, { bib: '9003' }))
  const bibs = async (query: Record<string, string> = {}) =>
    (await s.rows({ sort: 'registration_id DESC', ...query })).map((row) => row.bib_num)
  expect(await bibs()).not.toContain(9001)
  expect(await bibs()).toContain(9001)
  await bibs({ page: '2' })
  expect(await bibs()).not.toContain(9002)
  await bibs({ page: '2', event_id: s.both })
  expect(await bibs()).toContain(9002)
  s.clock.advance(2 * HOUR)
  expect((await s.rows({ sort: 'registration_id DESC' }))[0]).toMatchObject({
    bib_num: 9003,
    last_modified: Math.floor(instant / 1000),
  })
})

test('a seed always tells the same story, another one another', async () => {
  const story = async (seed: number) => {
    await using s = await setup({ seed })
    const rng = new Rng(seed)
    const options = { silent: 0.2, erase: true, events: true }
    const moves = Array.from({ length: 200 }, () => {
      s.clock.advance(1000)
      return randomMove(rng, s.world, options)
    })
    return { moves, truth: s.sim.truth() }
  }
  const [one, same, another] = [await story(3), await story(3), await story(4)]
  expect(same).toEqual(one)
  expect(another.truth).not.toEqual(one.truth)
  expect(new Set(one.moves.map((move) => move?.kind)).size).toBeGreaterThan(9)
})
