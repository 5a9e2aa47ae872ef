import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import {
  moveEvent,
  renameEvent,
  setEventDeleted,
  setRaceDeleted,
} from '../../../src/simulator/runsignup/index.ts'
import { codeOf, type Setup, setup } from './client.ts'

const listed = async (s: Setup, query: Record<string, string> = {}) =>
  ((await s.json('/races', query)) as unknown as { races: { race: JsonObject }[] }).races.map((r) => r.race)
const one = async (s: Setup, query: Record<string, string> = {}) =>
  ((await s.json(`/race/${s.race.id}`, query)) as unknown as { race: JsonObject }).race
function eventIds(race: JsonObject | undefined): string[] {
  if (!race) throw new Error('no race was listed')
  return (race.events as JsonObject[]).map((event) => String(event.event_id))
}

test('a race’s events start in its own zone, all its other times are Eastern', async () => {
  await using s = await setup()
  expect(await one(s)).toMatchObject({
    race_id: Number(s.race.id),
    timezone: 'America/Chicago',
    created: '4/1/2026 8:00',
    next_date: '05/02/2026',
    next_end_date: '05/02/2026',
    last_date: null,
    is_draft_race: 'F',
    events: [{ event_id: Number(s.event.id), start_time: '5/2/2026 07:30', distance: '5K' }, {}],
  })
  expect((await one(s)).events).toMatchObject([{ registration_opens: '4/1/2026 08:00' }, {}])
})

test('the list has events only when asked, and only those of the current year', async () => {
  await using s = await setup()
  const past = s.world.addEvent(s.race, { startsAt: '2025-05-03 07:30:00' })
  expect((await listed(s))[0]).not.toHaveProperty('events')
  const [race] = await listed(s, { events: 'T' })
  expect(eventIds(race)).toEqual([s.event.id, s.other.id])
  expect(race).toMatchObject({ last_date: '05/03/2025', next_date: '05/02/2026' })
  s.clock.set('2026-06-01T00:00:00Z')
  expect(eventIds((await listed(s, { events: 'T' }))[0])).toEqual([s.event.id, s.other.id])
  expect(eventIds((await listed(s, { events: 'T', future_events_only: 'T' }))[0])).toEqual([])
  expect((await one(s)).next_date).toBeNull()
  expect(eventIds(await one(s))).toEqual([s.event.id, s.other.id, past.id])
})

test('one race shows every year, or only what is still to come, the day of the race included', async () => {
  await using s = await setup()
  const past = s.world.addEvent(s.race, { startsAt: '2025-05-03 07:30:00' })
  const next = s.world.addEvent(s.race, { startsAt: '2027-05-01 07:30:00' })
  expect(eventIds(await one(s))).toEqual([s.event.id, s.other.id, past.id, next.id])
  s.clock.set('2026-05-03T04:59:00Z')
  expect(await one(s)).toMatchObject({ last_date: '05/03/2025', next_date: '05/02/2026' })
  expect(eventIds(await one(s, { future_events_only: 'T' }))).toEqual([s.event.id, s.other.id, next.id])
  s.clock.set('2026-05-03T05:00:00Z')
  expect(eventIds(await one(s, { future_events_only: 'T' }))).toEqual([next.id])
  const groups = ((await one(s)).events as JsonObject[]).map((event) => event.race_event_days_id)
  expect(new Set(groups).size).toBe(3)
})

test('pages of races: 50 unless asked, 1,000 at most', async () => {
  await using s = await setup({ participants: 0 })
  for (let i = 0; i < 1_010; i++) s.world.addRace(s.account)
  const counts = async (results_per_page?: string) => [
    (await listed(s, { ...(results_per_page && { results_per_page }) })).length,
    (await listed(s, { page: '2', ...(results_per_page && { results_per_page }) })).length,
  ]
  expect(await counts()).toEqual([50, 50])
  expect(await counts('5000')).toEqual([1_000, 11])
  expect(await listed(s, { page: '3', results_per_page: '1000' })).toEqual([])
  s.sim.traits.pageCapMode = 'reject'
  expect(codeOf(await s.json('/races', { results_per_page: '5000' }))).toBe(3)
  expect(codeOf(await s.json('/races', { page: '0' }))).toBe(3)
})

test('races can be asked for by date', async () => {
  await using s = await setup()
  const later = s.world.addRace(s.account)
  s.world.addEvent(later, { startsAt: '2026-09-01 08:00:00' })
  const found = async (query: Record<string, string>) =>
    (await listed(s, query)).map((race) => String(race.race_id))
  expect(await found({ start_date: 'today' })).toEqual([s.race.id, later.id])
  expect(await found({ start_date: '2026-05-02', end_date: '2026-05-02' })).toEqual([s.race.id])
  expect(await found({ start_date: '2026-05-03' })).toEqual([later.id])
  expect(codeOf(await s.json('/races', { start_date: '2026-02-30' }))).toBe(9)
})

test('what happens to events and races shows, and stamps the race', async () => {
  await using s = await setup()
  s.clock.set('2026-04-02T14:05:00Z')
  moveEvent(s.world, s.event.id, '2026-05-09 18:00:00')
  renameEvent(s.world, s.other.id, 'Ten')
  expect(await one(s)).toMatchObject({
    last_modified: '4/2/2026 10:05',
    next_date: '05/02/2026',
    next_end_date: '05/09/2026',
    events: [{ start_time: '5/9/2026 18:00' }, { name: 'Ten' }],
  })
  moveEvent(s.world, s.event.id, null)
  setEventDeleted(s.world, s.other.id, true)
  expect(await one(s)).toMatchObject({ next_date: null, events: [{ start_time: null }] })
  expect(codeOf((await s.elements({ event_id: s.other.id })) as never)).toBe(301)
  setRaceDeleted(s.world, s.race.id, true)
  expect([await listed(s), codeOf(await s.json(`/race/${s.race.id}`))]).toEqual([[], 201])
})

test('a bundle names its events, and a registration for it enters them all', async () => {
  await using s = await setup({ participants: 0 })
  const bundle = s.world.addEvent(s.race, { contains: [s.event.id, s.other.id], participants: 2 })
  expect((await one(s)).events).toMatchObject([{}, {}, { sub_event_ids: s.both.split(',').map(Number) }])
  const rows = await s.rows({ event_id: `${s.event.id},${bundle.id}` })
  expect(new Set(rows.map((row) => row.rsu_transaction_id)).size).toBe(2)
  expect(new Set(rows.map((row) => row.registration_id)).size).toBe(4)
  expect(await s.rows({ exclude_registrations_via_super_event: 'T' })).toEqual([])
})
