import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { isMarked } from '../../../src/simulator/index.ts'
import { setKeys } from '../../../src/simulator/runsignup/index.ts'
import { codeOf, HOUR, keyOf, setup } from './client.ts'

/** A world in which another account has a public, a private and a draft race. */
async function nation(...options: Parameters<typeof setup>) {
  const s = await setup(...options)
  const stranger = s.world.addAccount()
  const open = s.world.addRace(stranger)
  const hidden = s.world.addRace(stranger, { isPrivate: true })
  s.world.addRace(stranger, { isDraft: true })
  const theirs = s.world.addEvent(open, { participants: 1 })
  const raceIds = async (query: Record<string, string>, init?: RequestInit) => {
    const body = (await (await s.bare('/races', query, init)).json()) as { races: { race: JsonObject }[] }
    return body.races.map(({ race }) => String(race.race_id))
  }
  return Object.assign(s, { stranger, open, hidden, theirs, raceIds })
}

test('with a key of either form, races are the account’s own, drafts and private ones included', async () => {
  await using s = await nation()
  const own = [s.race.id, s.world.addRace(s.account, { isDraft: true, isPrivate: true }).id]
  const v1 = keyOf(s.account, 'v1')
  const v2 = keyOf(s.account, 'v2')
  expect(await s.raceIds({ api_key: v1.key, api_secret: v1.secret })).toEqual(own)
  const headers = { 'X-RSU-API-SECRET': v2.secret }
  expect(await s.raceIds({ rsu_api_key: v2.key }, { headers })).toEqual(own)
})

test('without a key, or with a wrong one, races are all public ones of the nation', async () => {
  await using s = await nation()
  const all = [s.race.id, s.open.id]
  const v2 = keyOf(s.account, 'v2')
  expect(await s.raceIds({})).toEqual(all)
  expect(await s.raceIds({ api_key: 'wrong', api_secret: 'wrong' })).toEqual(all)
  expect(await s.raceIds({ api_key: v2.key, api_secret: v2.secret })).toEqual(all)
  expect(await s.raceIds({ rsu_api_key: v2.key })).toEqual(all)
  s.sim.traits.wrongKeyRaces = 'none'
  expect(await s.raceIds({ api_key: 'wrong', api_secret: 'wrong' })).toEqual([])
  s.sim.traits.wrongKeyRaces = 'refused'
  expect(codeOf(await s.json('/races', { api_key: 'wrong' }))).toBe(6)
  expect(await s.raceIds({})).toEqual(all)
})

test('errors are objects with status 200: no key, wrong key, two keys, not theirs, not there', async () => {
  await using s = await nation()
  const code = async (path: string, query: Record<string, string>) => {
    const answer = await s.get(path, query)
    return [answer.status, codeOf((await answer.json()) as Json)]
  }
  const list = `/race/${s.race.id}/participants`
  const event_id = s.event.id
  const keyless = await s.bare(list, { event_id })
  expect(await keyless.json()).toEqual({ error: { error_code: 13, error_msg: 'Login required' } })
  expect(await code(list, { event_id, api_secret: 'wrong' })).toEqual([200, 6])
  expect(await code(list, { event_id, tmp_key: 'x' })).toEqual([200, 6])
  expect(await code(`/race/${s.open.id}/participants`, { event_id: s.theirs.id })).toEqual([200, 7])
  expect(await code(`/race/${s.hidden.id}`, {})).toEqual([200, 7])
  expect(await code('/race/1', {})).toEqual([200, 201])
  expect(await code(list, { event_id: s.theirs.id })).toEqual([200, 301])
  expect(await code(list, { event_id: `${s.event.id},1` })).toEqual([200, 301])
  expect(await code(list, {})).toEqual([200, 3])
  expect(await code('/nothing', {})).toEqual([200, 1])
  expect(codeOf((await (await s.get(list, { event_id }, { method: 'POST' })).json()) as Json)).toBe(2)
})

test('a public race is read without a key, by anybody’s key, and whatever the case of the path', async () => {
  await using s = await nation()
  const name = async (answer: Response) => ((await answer.json()) as { race: JsonObject }).race.name
  expect(await name(await s.bare(`/race/${s.open.id}`))).toBe(s.open.name)
  expect(await name(await s.get(`/race/${s.open.id}`))).toBe(s.open.name)
  expect(await name(await fetch(`${s.sim.apiUrl}/RACE/${s.open.id}?format=json`))).toBe(s.open.name)
})

test('a key that was replaced is refused', async () => {
  await using s = await setup()
  setKeys(s.world, s.account.id, [keyOf(s.account, 'v2')])
  expect(codeOf((await s.elements()) as unknown as Json)).toBe(6)
})

test('a login gives a pair; a new one ends it, and so does the time since its last use', async () => {
  await using s = await setup({ traits: { loginLifetime: 3600 } })
  const code = async ({ tmp_key, tmp_secret }: JsonObject) => {
    const query = { event_id: s.event.id, tmp_key: String(tmp_key), tmp_secret: String(tmp_secret) }
    return codeOf((await (await s.bare(`/race/${s.race.id}/participants`, query)).json()) as Json)
  }
  const first = await s.login()
  s.clock.advance(HOUR - 1)
  expect(await code(first)).toBeUndefined()
  s.clock.advance(HOUR - 1)
  expect(await code(first)).toBeUndefined()
  const second = await s.login()
  expect([await code(first), await code(second)]).toEqual([6, undefined])
  s.clock.advance(HOUR)
  expect(await code(second)).toBe(6)
  expect(codeOf(await s.login(s.account.email, 'wrong'))).toBe(6)
  expect(s.sim.calls.count({ endpoint: 'login', client: s.account.id })).toBe(3)
})

test('Race Entry has its own base, knows logins only, says 102 when one is over, and has no nation', async () => {
  await using s = await nation({ traits: { dialect: 'raceentry' } })
  expect(s.sim.apiUrl).toMatch(/\/rest$/)
  expect(codeOf(await s.json('/races'))).toBe(6)
  expect(codeOf((await (await s.bare('/races')).json()) as Json)).toBe(102)
  const { tmp_key, tmp_secret } = await s.login()
  const pair = { tmp_key: String(tmp_key), tmp_secret: String(tmp_secret) }
  expect(await s.raceIds(pair)).toEqual([s.race.id])
  s.sim.endLogins(s.account.id)
  expect(codeOf((await (await s.bare('/races', pair)).json()) as Json)).toBe(102)
})

test('XML comes unless JSON is asked for', async () => {
  await using s = await setup()
  const answer = await s.get('/races', { format: 'xml' })
  expect(answer.headers.get('content-type')).toBe('text/xml')
  const text = await answer.text()
  expect(text).toContain(`<race_id>${s.race.id}</race_id>`)
  expect(text).toContain('<description>&lt;p&gt;')
  expect(await (await fetch(`${s.sim.apiUrl}/nothing`)).text()).toContain('<error_code>1</error_code>')
})

test('secrets and personal data are marked, and the log of calls holds no secret', async () => {
  await using s = await setup()
  await s.elements()
  await s.bare('/login', { email: s.account.email, password: s.account.password }, { method: 'POST' })
  const { tmp_secret } = await s.login()
  await s.bare('/races', { tmp_key: 'any', tmp_secret: String(tmp_secret) })
  const secrets = [...s.account.keys.map(({ secret }) => secret), s.account.password, String(tmp_secret)]
  expect(secrets.filter((secret) => !isMarked(secret))).toEqual([])
  const log = JSON.stringify(s.sim.calls.list())
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  const personal = [...(s.sim.truth().get(s.event.id)?.registrations.values() ?? [])].flatMap((r) => [
    r.firstName,
    ...(r.lastName ? [r.lastName] : []),
    r.email,
    ...(r.phone ? [r.phone] : []),
    r.address.street,
    r.address.city,
    r.emergencyName,
    r.emergencyPhone,
  ])
  expect(personal.filter((text) => !isMarked(text))).toEqual([])
})
