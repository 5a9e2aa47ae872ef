import { expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import { codeOf, HOUR, setup } from './client.ts'

test('the calls of one account in an hour are limited, logins and refused calls included', async () => {
  await using s = await setup({ traits: { quota: 2 } })
  const call = async () => {
    const answer = await s.get('/races')
    return [answer.status, codeOf((await answer.json()) as Json)]
  }
  await s.login()
  expect(await call()).toEqual([200, undefined])
  expect(await call()).toEqual([200, 14])
  s.sim.traits.throttle = 'status'
  expect(await call()).toEqual([429, 14])
  expect(s.sim.calls.maxInWindow({ client: s.account.id })).toBe(4)
  s.clock.advance(HOUR)
  expect(await call()).toEqual([200, undefined])
  expect(s.sim.calls.maxInWindow({ client: s.account.id })).toBe(4)
})

test('more than two calls of one account at once are refused, and counted', async () => {
  await using s = await setup()
  const giveUp = new AbortController()
  s.sim.faults.add({ times: 2, fault: { kind: 'hang' } })
  const hanging = [1, 2].map(() => s.get('/races', {}, { signal: giveUp.signal }).catch(() => 'gave up'))
  await expect.poll(() => s.sim.calls.count({ fault: 'hang' }), { interval: 1 }).toBe(2)
  expect(codeOf(await s.json('/races'))).toBe(14)
  expect(s.sim.calls.list().map((call) => call.underWay)).toEqual([1, 2, 3])
  giveUp.abort()
  expect(await Promise.all(hanging)).toEqual(['gave up', 'gave up'])
  await expect.poll(async () => codeOf(await s.json('/races')), { interval: 1 }).toBeUndefined()
})

test('errors have fitting statuses where the provider has taken to them', async () => {
  await using s = await setup({ traits: { errorStatus: 'http', wrongKeyRaces: 'refused' } })
  const status = async (path: string, query: Record<string, string> = {}) => (await s.get(path, query)).status
  expect(await status('/races', { api_secret: 'wrong' })).toBe(401)
  expect(await status('/race/1')).toBe(404)
  expect(await status(`/race/${s.race.id}/participants`)).toBe(400)
  s.sim.traits.quota = 0
  expect(await status('/races')).toBe(429)
})
