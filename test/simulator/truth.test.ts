import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import { inventory, startHaku, world } from '../../src/simulator/index.ts'
import { HOUR, NOW, numbers, setup, tokenRequest } from './client.ts'

test('the truth agrees with what the wire shows', async () => {
  await using s = await setup({ traits: { registrationsList: 'whole', pageCap: 100, money: 'number' } })
  const truth = s.sim.truth().get(s.event.id)
  const rows = await s.list(1, '&per_page=100', s.event, 'registrations')
  expect(rows).toHaveLength(truth?.registrations.size ?? 0)
  for (const row of rows) {
    const person = row.participant as JsonObject
    const tags = (row.event_categories as JsonObject[]).flatMap((category) => category.tag_number ?? [])
    expect(truth?.registrations.get(String(row.registration_number))).toMatchObject({
      firstName: person.first_name,
      lastName: person.last_name,
      email: person.email,
      phone: person.phone,
      dob: person.dob,
      gender: person.gender,
      bib: tags[0] ?? null,
      isCancelled: row.is_cancelled,
      team: (row.team as JsonObject | null)?.name ?? null,
      registeredAt: String(row.created_at).replace('Z', '.000Z'),
      updatedAt: String(row.updated_at).replace('Z', '.000Z'),
    })
    expect(Number(truth?.registrations.get(String(row.registration_number))?.amount)).toBe(
      row.transaction_amount,
    )
  }
  expect(truth?.startsAt).toBe('2026-05-02T13:00:00.000Z')
  s.sim.traits.money = 'null'
  expect(
    [...(s.sim.truth().get(s.event.id)?.registrations.values() ?? [])].every((r) => r.amount === null),
  ).toBe(true)
})

test('the log keeps every request in order, with whose it was and what came back', async () => {
  await using s = await setup()
  await s.list(2, '&per_page=10')
  await s.detail([...s.event.registrations.keys()][0] as string)
  await s.get('/events', 'made-up')
  const client = s.organization.clientId
  expect(s.sim.calls.list()).toMatchObject([
    { n: 1, endpoint: 'token', method: 'POST', client, authorization: 'basic', status: 200 },
    {
      n: 2,
      endpoint: 'participants',
      client,
      eventId: s.event.id,
      page: 2,
      perPage: 10,
      rows: 10,
      status: 200,
    },
    { n: 3, endpoint: 'detail', client, authorization: 'bare', rows: null, status: 200 },
    { n: 4, endpoint: 'events', client: null, status: 401 },
  ])
  expect(s.sim.calls.list({ endpoint: 'participants' })[0]?.query).toMatchObject({
    sort_column: 'updated_at',
  })
  expect(s.sim.calls.count({ client })).toBe(3)
  expect(s.sim.calls.count({ afterCall: 2 })).toBe(2)
})

test('the most calls in any rolling hour, token calls included', async () => {
  await using s = await setup()
  const call = () => s.get('/events')
  s.clock.advance(HOUR / 2)
  await call()
  await call()
  s.clock.advance(HOUR / 2)
  await s.renewToken()
  expect(s.sim.calls.maxInWindow({ client: s.organization.clientId })).toBe(3)
  s.clock.advance(HOUR / 2 - 1)
  await call()
  expect(s.sim.calls.maxInWindow({ client: s.organization.clientId })).toBe(4)
  expect(s.sim.calls.maxInWindow({ endpoint: 'token' }, HOUR)).toBe(1)
  expect(s.sim.calls.maxInWindow({}, 1)).toBe(2)
})

test('the inventory has five partners, seven credentials and six client ids, all of which work', async () => {
  const { world: place, credentials } = inventory({ clock: new VirtualClock(NOW), participants: 3 })
  await using sim = await startHaku({ world: place })
  expect(credentials).toHaveLength(7)
  expect(new Set(credentials.map((c) => c.partner)).size).toBe(5)
  expect(new Set(credentials.map((c) => c.clientId)).size).toBe(6)
  expect(new Set(credentials.map((c) => c.secret)).size).toBe(7)
  const organizations = Object.groupBy(credentials, (c) => c.partner)
  expect(Object.values(organizations).filter((list) => list?.length === 2)).toHaveLength(2)
  for (const { clientId, secret } of credentials)
    expect((await tokenRequest(sim.tokenUrl, clientId, secret)).status).toBe(200)
  const shared = inventory({ clock: new VirtualClock(NOW), events: 0, sharedSecret: true }).credentials
  expect(new Set(shared.map((c) => c.secret)).size).toBe(6)
})

test('registration numbers are unique per organization, or per event only', async () => {
  for (const [numbering, common] of [
    ['organization', 0],
    ['event', 5],
  ] as const) {
    const place = world({ clock: new VirtualClock(NOW), numbering })
    const organization = place.addOrganization()
    const one = place.addEvent(organization, { participants: 5 })
    const two = place.addEvent(organization, { participants: 5 })
    expect([...one.registrations.keys()].filter((n) => two.registrations.has(n))).toHaveLength(common)
  }
})

test('an event of 6,700 is paged through quickly and without a gap', async () => {
  await using s = await setup({ participants: 6_700, traits: { pageCap: 100 } })
  const seen = new Set<string>()
  for (let page = 1; page <= 68; page++)
    for (const number of numbers(await s.list(page, '&per_page=100'))) seen.add(number)
  expect(seen.size).toBe(6_700)
})
