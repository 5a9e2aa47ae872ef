import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import {
  assignBibs,
  type EventDateForm,
  moveEvent,
  setBib,
  type Traits,
  writeEventDate,
} from '../../src/simulator/index.ts'
import { numbers, setup } from './client.ts'

describe('pages', () => {
  test.each([25, 100, 500])('never show more than %i rows', async (pageCap) => {
    await using s = await setup({ participants: 520, traits: { pageCap } })
    expect(await s.list(1, '&per_page=1000')).toHaveLength(pageCap)
    expect(await s.list(1, '&per_page=3')).toHaveLength(3)
  })

  test('refuse what is above the cap, where they do', async () => {
    await using s = await setup({ traits: { pageCapMode: 'reject' } })
    const path = `/events/${s.event.id}/participants?per_page=`
    expect((await s.get(`${path}26`)).status).toBe(422)
    expect((await s.get(`${path}25`)).status).toBe(200)
  })

  test('may change their cap in the middle of a pass', async () => {
    await using s = await setup({ participants: 120, traits: { pageCap: 50 } })
    s.sim.atPage(s.event.id, 2, () => {
      s.sim.traits.pageCap = 20
    })
    expect(await s.list(1, '&per_page=50')).toHaveLength(50)
    expect(await s.list(2, '&per_page=50')).toHaveLength(20)
  })

  test('behind the last are empty, or the last again', async () => {
    await using s = await setup({ participants: 30 })
    expect(await s.list(3)).toEqual([])
    s.sim.traits.pastEnd = 'clamp'
    expect(await s.list(3)).toEqual(await s.list(2))
    expect(await s.list(2)).toHaveLength(5)
  })
})

describe('envelope', () => {
  const cases: [Partial<Traits>, (body: Json) => unknown][] = [
    [{ envelope: 'bare' }, (body) => body],
    [{ envelope: 'own' }, (body) => (body as JsonObject).participants],
    [{ envelope: 'events' }, (body) => (body as JsonObject).events],
    [{ envelope: 'registrations' }, (body) => (body as JsonObject).registrations],
    [{ envelope: 'data' }, (body) => (body as JsonObject).data],
    [{ envelope: 'bare', totals: 'root' }, (body) => (body as JsonObject).participants],
  ]
  test.each(cases)('%o', async (traits, read) => {
    await using s = await setup({ traits })
    expect(read(await s.json(`/events/${s.event.id}/participants`))).toHaveLength(25)
  })

  test('totals stand where the trait says, and may be wrong', async () => {
    await using s = await setup({ traits: { envelope: 'own' } })
    const body = async (traits: Partial<Traits>) => {
      Object.assign(s.sim.traits, traits)
      return s.json(`/events/${s.event.id}/participants`)
    }
    expect(await body({ totals: 'root' })).toMatchObject({ total: 60 })
    expect(await body({ totals: 'meta' })).toMatchObject({ meta: { total: 60, page: 1, per_page: 25 } })
    expect(await body({ totals: 'pagination', totalError: -7 })).toMatchObject({ pagination: { total: 53 } })
  })
})

test('the registrations list is missing, thin or whole', async () => {
  await using s = await setup()
  const path = `/events/${s.event.id}/registrations`
  expect((await s.get(path)).status).toBe(404)
  s.sim.traits.registrationsList = 'thin'
  expect(((await s.json(path)) as JsonObject[])[0]).not.toHaveProperty('participant')
  s.sim.traits.registrationsList = 'whole'
  const rows = (await s.json(path)) as JsonObject[]
  expect(rows[0]).toEqual(await s.detail(numbers(rows)[0] as string))
  s.sim.traits.participantsList = 'missing'
  expect((await s.get(`/events/${s.event.id}/participants`)).status).toBe(404)
})

test('the single read may not exist', async () => {
  await using s = await setup({ traits: { detail: 'missing' } })
  const [number] = numbers(await s.list(1))
  expect((await s.get(`/events/${s.event.id}/registrations/${number}`)).status).toBe(404)
})

test('stamps are absent, coarse or fine, in three spellings of their zone', async () => {
  await using s = await setup()
  s.clock.set('2026-04-01T12:00:00.250Z')
  const number = numbers(await s.list(1))[5] as string
  setBib(s.world, s.event.id, number, '9001')
  const stamp = async (traits: Partial<Traits>) => {
    Object.assign(s.sim.traits, traits)
    return (await s.list(1))[0]?.updated_at
  }
  expect(await stamp({})).toBe('2026-04-01T12:00:00Z')
  expect(await stamp({ stampPrecision: 'millis' })).toBe('2026-04-01T12:00:00.250Z')
  expect(await stamp({ stampZone: 'offset' })).toBe('2026-04-01T06:00:00.250-06:00')
  expect(await stamp({ stampZone: 'none', stampPrecision: 'seconds' })).toBe('2026-04-01T12:00:00')
  expect(await stamp({ listStamp: false })).toBeUndefined()
  expect(numbers(await s.list(1))[0]).toBe(number)
})

test('the order is honoured, ignored, or without a rule among equals', async () => {
  await using s = await setup()
  const stamps = (await s.list(1)).map((row) => String(row.updated_at))
  expect(stamps).toEqual([...stamps].sort().reverse())
  assignBibs(s.world, s.event.id)
  const first = numbers(await s.list(1))
  expect(numbers(await s.list(1))).toEqual(first)
  s.sim.traits.ties = 'shuffled'
  expect(numbers(await s.list(1))).not.toEqual(first)
  s.sim.traits.sort = 'ignored'
  expect(numbers(await s.list(1))).toEqual([...s.event.registrations.keys()].slice(0, 25))
})

test('the token stands bare, behind Bearer, or either way', async () => {
  await using s = await setup()
  const statuses = async (authorization: Traits['authorization']) => {
    s.sim.traits.authorization = authorization
    return [(await s.get('/events')).status, (await s.get('/events', `Bearer ${s.token()}`)).status]
  }
  expect(await statuses('bare')).toEqual([200, 401])
  expect(await statuses('bearer')).toEqual([401, 200])
  expect(await statuses('both')).toEqual([200, 200])
})

const DATES: [EventDateForm, string | null][] = [
  ['local', '2026-05-02 07:00:00'],
  ['localIso', '2026-05-02T07:00:00'],
  ['localFraction', '2026-05-02 07:00:00.000'],
  ['utc', '2026-05-02T13:00:00Z'],
  ['utcFraction', '2026-05-02T13:00:00.000Z'],
  ['offset', '2026-05-02T07:00:00-06:00'],
  ['date', '2026-05-02'],
  ['midnight', '2026-05-02 00:00:00'],
  ['midnightIso', '2026-05-02T00:00:00'],
  ['midnightUtc', '2026-05-02T00:00:00Z'],
  ['null', null],
]
test.each(DATES)('event dates are written in the form %s', async (eventDate, expected) => {
  await using s = await setup({ participants: 0, traits: { eventDate } })
  const date = async () => ((await s.json('/events')) as JsonObject[])[0]?.event_date
  expect(await date()).toBe(expected)
  writeEventDate(s.world, s.event.id, '2026-03-08 02:30:00')
  expect(await date()).toBe('2026-03-08 02:30:00')
  moveEvent(s.world, s.event.id, null)
  expect(await date()).toBeNull()
})

test('money, category, number, distance and the emergency phone take their other forms', async () => {
  await using s = await setup({ participants: 1 })
  const [registration] = [...s.event.registrations.values()]
  if (!registration) throw new Error('nobody registered')
  registration.amount = '1234.50'
  const row = async (traits: Partial<Traits>) => {
    Object.assign(s.sim.traits, traits)
    return (await s.list(1))[0]
  }
  const category = registration.categories[0]
  expect(await row({})).toMatchObject({
    transaction_amount: '$1,234.50',
    event_category_info: category?.name,
  })
  expect(await row({ money: 'number' })).toMatchObject({ transaction_amount: 1234.5 })
  expect(await row({ money: 'null' })).toMatchObject({ transaction_amount: null })
  expect(await row({ categoryInfo: 'object' })).toMatchObject({
    event_category_info: { name: category?.name },
  })
  expect(await row({ registrationNumber: 'number' })).toMatchObject({
    registration_number: Number(registration.number),
  })
  s.sim.traits.emergencyPhoneField = 'emergency_contact_phone'
  expect(await s.detail(registration.number)).toHaveProperty('emergency_contact_phone')
  for (const distance of ['5K', '15K', 'Half Marathon', '10 km', 13.1, null]) {
    s.sim.traits.distance = distance
    expect(await s.json('/events')).toMatchObject([{ distance }])
  }
})

test('a trait can differ for one client or one event', async () => {
  await using s = await setup()
  const other = s.world.addEvent(s.organization, { participants: 30 })
  s.sim.traitsOf(s.organization.clientId).pageCap = 10
  s.sim.traitsOf(other.id).pageCap = 3
  expect([(await s.list(1)).length, (await s.list(1, '', other)).length]).toEqual([10, 3])
})

test('an enforced quota answers 429 from the call over the limit on', async () => {
  await using s = await setup({ traits: { quota: { limit: 3, retryAfter: 'seconds', headers: true } } })
  expect((await s.get('/events')).headers.get('x-ratelimit-remaining')).toBe('1')
  expect((await s.get('/events')).status).toBe(200)
  const refused = await s.get('/events')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  s.clock.advance(3_600_000)
  await s.renewToken()
  expect((await s.get('/events')).status).toBe(200)
})
