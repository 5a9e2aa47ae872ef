import { expect, test } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import { DEFECTS, type Fault } from '../../src/simulator/index.ts'
import { numbers, setup } from './client.ts'

/** A simulator whose first list page goes wrong once. */
async function spoilt(fault: Fault) {
  const s = await setup({ faults: [{ match: { endpoint: 'participants' }, times: 1, fault }] })
  const other = s.world.addEvent(s.organization, { participants: 5 })
  return Object.assign(s, { other, page: () => s.get(`/events/${s.event.id}/participants?page=1`) })
}

test.each([401, 403, 500, 502, 503])('status %i, then all is well', async (status) => {
  await using s = await spoilt({ kind: 'status', status })
  const answer = await s.page()
  expect([answer.status, await answer.json()]).toEqual([status, { message: expect.any(String) }])
  expect((await s.page()).status).toBe(200)
  expect(s.sim.calls.list({ fault: 'status' })).toMatchObject([
    { status, rows: null, endpoint: 'participants' },
  ])
})

test('a status with HTML or without a body', async () => {
  await using s = await spoilt({ kind: 'status', status: 502, body: 'html' })
  expect(await (await s.page()).text()).toContain('<html>')
  s.sim.faults.add({ times: 1, fault: { kind: 'status', status: 503, body: 'empty' } })
  expect(await (await s.page()).text()).toBe('')
})

test('429 with seconds, with a date, and without either', async () => {
  await using s = await spoilt({ kind: 'throttle', retryAfter: 90 })
  const told = async () => {
    const answer = await s.page()
    return [answer.status, answer.headers.get('retry-after')]
  }
  expect(await told()).toEqual([429, '90'])
  s.sim.faults.add({ times: 1, fault: { kind: 'throttle', retryAfter: 90, form: 'date' } })
  expect(await told()).toEqual([429, 'Wed, 01 Apr 2026 12:01:30 GMT'])
  s.sim.faults.add({ times: 1, fault: { kind: 'throttle' } })
  expect(await told()).toEqual([429, null])
})

test.each(['at-once', 'headers'] as const)('the connection is cut: %s', async (when) => {
  await using s = await spoilt({ kind: 'reset', when })
  await expect(s.page()).rejects.toThrow()
  expect(s.sim.calls.list({ fault: 'reset' })).toMatchObject([{ status: null }])
  expect((await s.page()).status).toBe(200)
})

test('the connection is cut amid the body', async () => {
  await using s = await spoilt({ kind: 'reset', when: 'body' })
  const answer = await s.page()
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
})

test('slow takes virtual time only', async () => {
  await using s = await spoilt({ kind: 'slow', ms: 45_000 })
  const before = s.clock.now()
  expect((await s.page()).status).toBe(200)
  expect(s.clock.now() - before).toBe(45_000)
})

test('slow on the machine’s clock waits that long', async () => {
  await using s = await setup({
    clock: systemClock,
    faults: [{ match: { path: /^\/events$/ }, fault: { kind: 'slow', ms: 30 } }],
  })
  const before = performance.now()
  await s.get('/events')
  expect(performance.now() - before).toBeGreaterThanOrEqual(25)
})

test('a hanging call ends when the client gives up, or with the simulator', async () => {
  await using s = await spoilt({ kind: 'hang' })
  const path = `/events/${s.event.id}/participants`
  await expect(s.get(path, s.token(), { signal: AbortSignal.timeout(30) })).rejects.toThrow()
  s.sim.faults.add({ fault: { kind: 'hang' } })
  const hung = s.get(path)
  const reached = s.sim.calls.last
  await expect.poll(() => s.sim.calls.last, { interval: 1 }).toBe(reached + 1)
  await Promise.all([expect(hung).rejects.toThrow(), s.sim.stop()])
})

test('broken bodies with 200: half of the JSON, HTML, the wrong type', async () => {
  await using s = await spoilt({ kind: 'truncated' })
  const cut = await s.page()
  expect(cut.status).toBe(200)
  await expect(cut.json()).rejects.toThrow(SyntaxError)
  s.sim.faults.add({ times: 1, fault: { kind: 'html' } })
  const html = await s.page()
  expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html'])
  const wrong = { object: { status: 'ok' }, string: 'temporarily unavailable', number: 42, null: null }
  for (const as of ['object', 'string', 'number', 'null'] as const) {
    s.sim.faults.add({ times: 1, fault: { kind: 'wrong-type', as } })
    expect(await (await s.page()).json()).toEqual(wrong[as])
  }
})

test('an empty list keeps its envelope', async () => {
  await using s = await spoilt({ kind: 'empty' })
  s.sim.traits.envelope = 'data'
  expect(await (await s.page()).json()).toEqual({ data: [] })
  expect(s.sim.calls.list({ fault: 'empty' })).toMatchObject([{ rows: 0, status: 200 }])
})

test('another event’s list', async () => {
  await using s = await spoilt({ kind: 'foreign' })
  expect(await (await s.page()).json()).toEqual(await s.json(`/events/${s.other.id}/participants`))
})

test('rows twice on a page', async () => {
  await using s = await spoilt({ kind: 'duplicate', rows: 2 })
  const rows = numbers((await (await s.page()).json()) as JsonObject[])
  expect(rows).toHaveLength(27)
  expect(rows.slice(25)).toEqual(rows.slice(0, 2))
})

test('a redirect leads to a path that is counted', async () => {
  await using s = await spoilt({ kind: 'redirect' })
  const answer = await s.page()
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/elsewhere'])
  await s.get('/elsewhere')
  expect(s.sim.calls.count({ endpoint: 'other' })).toBe(1)
})

test('a revoked token is refused until another is asked for', async () => {
  await using s = await spoilt({ kind: 'revoke' })
  expect((await s.page()).status).toBe(401)
  expect((await s.page()).status).toBe(401)
  await s.renewToken()
  expect((await s.page()).status).toBe(200)
})

test('each defect breaks one row and leaves the others', async () => {
  await using s = await setup()
  const sound = await s.list(1)
  s.sim.faults.add({ fault: { kind: 'malformed', defects: DEFECTS } })
  const rows = (await s.list(1)) as Json[]
  expect(rows).toHaveLength(25)
  expect(rows.slice(DEFECTS.length)).toEqual(sound.slice(DEFECTS.length))
  const by = Object.fromEntries(DEFECTS.map((defect, i) => [defect, rows[i]]))
  expect(by.null).toBeNull()
  expect(by.text).toBeTypeOf('string')
  expect(by.array).toBeInstanceOf(Array)
  expect(by['no-number']).not.toHaveProperty('registration_number')
  expect(by['null-number']).toMatchObject({ registration_number: null })
  expect((by.nul as JsonObject).email).toContain('\u0000')
  expect(((by.surrogate as JsonObject).email as string).isWellFormed()).toBe(false)
  expect(((by.huge as JsonObject).person_full_name as string).length).toBe(100_000)
  expect(by['wrong-types']).toMatchObject({ age: expect.any(String), is_cancelled: 'maybe' })
  expect(by['bad-values']).toMatchObject({ transaction_amount: 'abc', age: 'x', team: 'a team as text' })
})

test('a defect can stick to certain registrations, in lists and single reads', async () => {
  await using s = await setup()
  const [, bad = ''] = numbers(await s.list(1))
  s.sim.faults.add({ fault: { kind: 'malformed', defects: ['bad-values'], numbers: [bad] } })
  expect((await s.list(1)).filter((row) => row.transaction_amount === 'abc')).toHaveLength(1)
  expect(await s.detail(bad)).toMatchObject({ participant: { dob: '31/31/1999' }, registration_number: bad })
})

test('rules: after, times, share, instants, client, page; a fault without effect is kept', async () => {
  await using s = await setup({ traits: { pageCap: 5 } })
  const fault: Fault = { kind: 'status', status: 500 }
  const rule = s.sim.faults.add({ match: { path: '/participants', page: 2 }, after: 1, times: 2, fault })
  const status = async (page: number) =>
    (await s.get(`/events/${s.event.id}/participants?page=${page}`)).status
  expect([await status(1), await status(2), await status(2), await status(2), await status(2)]).toEqual([
    200, 200, 500, 500, 200,
  ])
  expect(rule.played).toBe(2)

  const now = s.clock.now()
  s.sim.faults.add({ match: { client: s.organization.clientId }, from: now + 1000, until: now + 2000, fault })
  expect(await status(1)).toBe(200)
  s.clock.advance(1000)
  expect(await status(1)).toBe(500)
  s.clock.advance(1000)
  expect(await status(1)).toBe(200)

  const kept = s.sim.faults.add({ times: 1, fault: { kind: 'duplicate', rows: 1 } })
  expect((await s.get('/events', 'made-up')).status).toBe(401)
  expect(kept.played).toBe(0)
  expect(await s.list(1)).toHaveLength(6)

  s.sim.faults.clear()
  const some = s.sim.faults.add({ share: 0.5, fault })
  for (let i = 0; i < 40; i++) await status(1)
  expect(some.played).toBeGreaterThan(8)
  expect(some.played).toBeLessThan(32)
})

test('events can be broken too', async () => {
  await using s = await setup({ participants: 0 })
  s.sim.faults.add({ fault: { kind: 'malformed', defects: ['nul', 'no-number'], rows: 2 } })
  s.world.addEvent(s.organization, { id: 'fffffffffffffffffffg' })
  const [first, second] = (await s.json('/events')) as JsonObject[]
  expect(first).toMatchObject({ id: s.event.id, name: expect.stringContaining('\u0000') })
  expect(second).not.toHaveProperty('id')
})
