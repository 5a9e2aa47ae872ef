import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { DEFECTS, type Fault } from '../../../src/simulator/index.ts'
import { remove } from '../../../src/simulator/runsignup/index.ts'
import { codeOf, type Element, ids, registrationsOf, setup } from './client.ts'

/** A simulator whose first list of participants goes wrong once. */
async function spoilt(fault: Fault) {
  const s = await setup({ faults: [{ match: { endpoint: 'participants' }, times: 1, fault }] })
  const path = `/race/${s.race.id}/participants`
  return Object.assign(s, { page: () => s.get(path, { event_id: s.event.id }) })
}

test.each([500, 502, 503])('status %i, then all is well', async (status) => {
  await using s = await spoilt({ kind: 'status', status })
  const answer = await s.page()
  expect([answer.status, codeOf((await answer.json()) as Json)]).toEqual([status, 4])
  expect((await s.page()).status).toBe(200)
  expect(s.sim.calls.list({ fault: 'status' })).toMatchObject([{ status, rows: null }])
})

test('an error code of choice with the status 200', async () => {
  await using s = await spoilt({ kind: 'status', status: 200, code: 5 })
  const answer = await s.page()
  expect([answer.status, codeOf((await answer.json()) as Json)]).toEqual([200, 5])
})

test('throttled with code 14 or with 429, and a time to wait', async () => {
  await using s = await spoilt({ kind: 'throttle', retryAfter: 90 })
  const told = async () => {
    const answer = await s.page()
    return [answer.status, codeOf((await answer.json()) as Json), answer.headers.get('retry-after')]
  }
  expect(await told()).toEqual([200, 14, '90'])
  s.sim.traits.throttle = 'status'
  s.sim.faults.add({ times: 1, fault: { kind: 'throttle' } })
  expect(await told()).toEqual([429, 14, null])
})

test('the connection is cut, the body broken off, or HTML sent', async () => {
  await using s = await spoilt({ kind: 'reset', when: 'at-once' })
  await expect(s.page()).rejects.toThrow()
  s.sim.faults.add({ times: 1, fault: { kind: 'truncated' } })
  await expect((await s.page()).json()).rejects.toThrow(SyntaxError)
  s.sim.faults.add({ times: 1, fault: { kind: 'html' } })
  expect((await s.page()).headers.get('content-type')).toBe('text/html')
})

test('slow takes virtual time only', async () => {
  await using s = await spoilt({ kind: 'slow', ms: 45_000 })
  const before = s.clock.now()
  expect((await s.page()).status).toBe(200)
  expect(s.clock.now() - before).toBe(45_000)
})

test('an ended login is refused until there is another', async () => {
  await using s = await setup({
    faults: [{ match: { path: '/races' }, times: 1, fault: { kind: 'revoke' } }],
  })
  const races = async ({ tmp_key, tmp_secret }: JsonObject) => {
    const pair = { tmp_key: String(tmp_key), tmp_secret: String(tmp_secret) }
    return codeOf((await (await s.bare('/races', pair)).json()) as Json)
  }
  const pair = await s.login()
  expect([await races(pair), await races(pair), await races(await s.login())]).toEqual([6, 6, undefined])
})

test('an empty list, rows twice, and the list of another race', async () => {
  await using s = await spoilt({ kind: 'empty' })
  const shown = async () =>
    ((await (await s.page()).json()) as unknown as Element[]).flatMap((element) => element.participants ?? [])
  expect(await shown()).toEqual([])
  s.sim.faults.add({ times: 1, fault: { kind: 'duplicate', rows: 2 } })
  const own = registrationsOf(s.event)
  expect(ids(await shown())).toEqual([...own, ...own.slice(0, 2)])
  const foreign = s.world.addEvent(s.world.addRace(s.account), { participants: 3 })
  s.sim.faults.add({ times: 1, fault: { kind: 'foreign' } })
  expect(ids(await shown())).toEqual(registrationsOf(foreign))
})

test('each defect breaks one row, in its own event, and leaves the others', async () => {
  await using s = await setup()
  const query = { event_id: s.both, results_per_page: '100' }
  const sound = await s.elements(query)
  s.sim.faults.add({ times: 1, fault: { kind: 'malformed', defects: DEFECTS } })
  const [first, second] = await s.elements(query)
  const broken = (first?.participants ?? []) as Json[]
  expect(broken.slice(DEFECTS.length)).toEqual(sound[0]?.participants?.slice(DEFECTS.length))
  expect(second).toEqual(sound[1])
  expect(broken.slice(0, 4)).toEqual([
    null,
    'not a record',
    [sound[0]?.participants?.[2]],
    expect.not.objectContaining({ registration_id: expect.anything() }),
  ])
  expect(broken[DEFECTS.indexOf('bad-values')]).toMatchObject({ age: -7, bib_num: 1.5 })
})

test('rows can be broken by their ids, in the feed of the removed too', async () => {
  await using s = await setup()
  const [one, two] = registrationsOf(s.event) as [string, string]
  remove(s.world, s.event.id, one)
  remove(s.world, s.event.id, two)
  s.sim.faults.add({ fault: { kind: 'malformed', defects: ['null'], numbers: [two] } })
  expect(await s.removed()).toMatchObject([{ registration_id: Number(one) }, null])
})

test('a fault can be for one race’s calls, one event’s, or one account’s', async () => {
  await using s = await setup()
  const fault: Fault = { kind: 'status', status: 200, code: 5 }
  const code = async (event_id: string) => codeOf((await s.elements({ event_id })) as unknown as Json)
  for (const match of [{ raceId: s.race.id }, { eventId: s.other.id }, { client: s.account.id }])
    s.sim.faults.add({ match, times: 1, fault })
  s.sim.faults.add({ match: { raceId: '1' }, fault })
  expect([await code(s.event.id), await code(s.both), await code(s.event.id)]).toEqual([5, 5, 5])
  expect(await code(s.both)).toBeUndefined()
})
