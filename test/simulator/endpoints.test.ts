import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/domain/json.ts'
import { isMarked, setSecrets } from '../../src/simulator/index.ts'
import { HOUR, numbers, setup, tokenRequest } from './client.ts'

test('the token endpoint takes a Basic header or a form, and speaks like Cognito', async () => {
  await using s = await setup()
  const { clientId, secrets } = s.organization
  const secret = secrets[0] as string
  const good = await tokenRequest(s.sim.tokenUrl, clientId, secret)
  expect(good.status).toBe(200)
  expect(await good.json()).toEqual({
    access_token: expect.any(String),
    expires_in: 3600,
    token_type: 'Bearer',
  })

  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret }
  const byForm = await fetch(s.sim.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
  expect(byForm.status).toBe(200)

  for (const [id, word] of [
    [clientId, 'wrong'],
    ['nobody', secret],
  ] as const) {
    const refused = await tokenRequest(s.sim.tokenUrl, id, word)
    expect([refused.status, await refused.json()]).toEqual([400, { error: 'invalid_client' }])
  }
  const grant = await tokenRequest(s.sim.tokenUrl, clientId, secret, 'password')
  expect([grant.status, await grant.json()]).toEqual([400, { error: 'unsupported_grant_type' }])
  expect((await fetch(s.sim.tokenUrl)).status).toBe(405)
})

test('two secrets may be valid at once, and a replaced one is refused', async () => {
  await using s = await setup()
  const { clientId, secrets } = s.organization
  const old = secrets[0] as string
  setSecrets(s.world, clientId, [old, 'second zqxj+/=:secret'])
  const status = async (secret: string) => (await tokenRequest(s.sim.tokenUrl, clientId, secret)).status
  expect([await status(old), await status('second zqxj+/=:secret')]).toEqual([200, 200])
  setSecrets(s.world, clientId, ['second zqxj+/=:secret'])
  expect([await status(old), await status('second zqxj+/=:secret')]).toEqual([400, 200])
})

test('a token ends with its lifetime by the simulated clock, or when it is revoked', async () => {
  await using s = await setup({ traits: { tokenLifetime: 600 } })
  const status = async () => (await s.get('/events')).status
  expect(await status()).toBe(200)
  s.clock.advance(600_000)
  expect(await status()).toBe(401)
  await s.renewToken()
  expect(await status()).toBe(200)
  s.sim.revokeTokens(s.organization.clientId)
  expect(await status()).toBe(401)
})

test('what is not there, not allowed or not theirs is refused', async () => {
  await using s = await setup()
  const other = s.world.addOrganization()
  const theirs = s.world.addEvent(other, { participants: 1 })
  const path = `/events/${s.event.id}/participants`
  expect((await s.get('/organizations')).status).toBe(404)
  expect((await s.get(path, s.token(), { method: 'POST' })).status).toBe(405)
  expect((await fetch(s.sim.apiUrl + path)).status).toBe(401)
  expect((await s.get(path, 'made-up')).status).toBe(401)
  expect((await s.get(`/events/${theirs.id}/participants`)).status).toBe(403)
  expect((await s.get('/events/unknown/participants')).status).toBe(404)
  expect((await s.get(`/events/${s.event.id}/registrations/1`)).status).toBe(404)
})

test('every answer carries the simulated Date', async () => {
  await using s = await setup()
  expect((await s.get('/events')).headers.get('date')).toBe('Wed, 01 Apr 2026 12:00:00 GMT')
  s.clock.advance(30 * 24 * HOUR)
  expect((await s.get('/nowhere')).headers.get('date')).toBe('Fri, 01 May 2026 12:00:00 GMT')
})

test('events come by date, inactive ones only when asked for', async () => {
  await using s = await setup()
  const later = s.world.addEvent(s.organization, { startsAt: '2026-09-01 08:00:00' })
  const off = s.world.addEvent(s.organization, { startsAt: '2026-07-01 08:00:00', inactive: true })
  const ids = async (query: string) =>
    ((await s.json(`/events?${query}`)) as JsonObject[]).map((event) => event.id)
  const desc = 'sort_column=event_date&sort_direction=desc'
  expect(await ids(`${desc}&show_inactive=true`)).toEqual([later.id, off.id, s.event.id])
  expect(await ids(desc)).toEqual([later.id, s.event.id])
  expect(await ids(`${desc}&show_inactive=true&per_page=1&page=2`)).toEqual([off.id])
})

test('the list has names but no bib, the detail has all groups of fields', async () => {
  await using s = await setup({ participants: 3 })
  const rows = await s.list(1)
  expect(Object.keys(rows[0] as JsonObject).sort()).toEqual([
    'age',
    'email',
    'event_category_info',
    'gender',
    'is_cancelled',
    'person_full_name',
    'registered_at',
    'registration_number',
    'team',
    'transaction_amount',
    'updated_at',
  ])
  const record = await s.detail(numbers(rows)[0] as string)
  expect(record).toMatchObject({
    participant: { first_name: expect.any(String), address: { zip_code: expect.any(String) } },
    event_categories: [{ tag_number: expect.toBeOneOf([expect.any(String), null]), is_active: true }],
  })
  expect(record).toHaveProperty('emergency_contact_phone_number')
  expect(Object.keys(record).length).toBeGreaterThan(30)
})

test('every name, e-mail, phone, street, secret and token is found by the one pattern', async () => {
  await using s = await setup({ participants: 400 })
  const personal = [...(s.sim.truth().get(s.event.id)?.registrations.values() ?? [])].flatMap((r) => [
    r.firstName,
    ...(r.lastName ? [r.lastName] : []),
    r.email,
    ...(r.phone ? [r.phone] : []),
    r.address.line1,
    r.address.city,
    r.emergencyName,
    r.emergencyPhone,
  ])
  expect(personal.filter((text) => !isMarked(text))).toEqual([])
  expect(isMarked(s.organization.secrets[0] as string)).toBe(true)
  expect(isMarked(s.token().slice(7, 18))).toBe(true)
  const { clientId, secrets } = s.organization
  expect(isMarked(`Basic ${Buffer.from(`${clientId}:${secrets[0]}`).toString('base64')}`)).toBe(true)
  for (const harmless of [
    clientId,
    s.event.id,
    s.event.name,
    s.organization.name,
    'Wed, 01 Apr 2026 12:00:00 GMT',
  ])
    expect(isMarked(harmless)).toBe(false)
})
