import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { StartlistError } from '../../../src/domain/errors.ts'
import type { JsonObject } from '../../../src/domain/json.ts'
import { type ConnectHakuOptions, connectHaku } from '../../../src/providers/haku/client.ts'
import type { AccessToken } from '../../../src/providers/haku/token.ts'
import {
  cancel,
  type EventOptions,
  type Haku,
  removeEvent,
  startHaku,
  type Traits,
  world,
} from '../../../src/simulator/index.ts'
import { memoryMeter } from '../meter.ts'

const start = Date.parse('2026-05-02T10:00:00Z')
const HOUR = 3_600_000
const CLIENT = 'client7'
const SECRET = 's3cret'
const running: Haku[] = []
afterEach(async () => {
  for (const haku of running.splice(0)) await haku.stop()
})

/** A simulated Haku with one event, and a way to connect to it as often as a test likes. */
async function setup(traits: Partial<Traits> = {}, event: EventOptions = {}) {
  const clock = new VirtualClock(start)
  const place = world({ clock, seed: 3 })
  const organization = place.addOrganization({ clientId: CLIENT, secret: SECRET })
  const race = place.addEvent(organization, { id: 'race1', participants: 30, ...event })
  const haku = await startHaku({ world: place, traits })
  running.push(haku)
  const book = memoryMeter(clock)
  let token: AccessToken | null = null
  let kept: JsonObject = {}
  const connect = (part: Partial<ConnectHakuOptions> = {}) =>
    connectHaku({
      apiUrl: haku.apiUrl,
      tokenUrl: haku.tokenUrl,
      clientId: CLIENT,
      secrets: [{ credentialId: 1, secret: SECRET }],
      clock,
      meter: book.meter,
      tokens: {
        read: async () => token,
        save: async (next) => {
          token = next
        },
        withLock: (fn) => fn(),
      },
      traits: kept,
      onTraits: (next) => {
        kept = JSON.parse(JSON.stringify(next))
      },
      ...part,
    })
  const endpoints = () => haku.calls.list().map((call) => call.endpoint)
  return { haku, place, race, clock, connect, endpoints, ...book, kept: () => kept }
}

async function errorOf(promise: Promise<unknown>): Promise<StartlistError> {
  const error = await promise.then(
    () => new Error('no error'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StartlistError)
  const told = error as StartlistError
  expect(`${told.message} ${told.stack} ${JSON.stringify(told)} ${String(told.cause)}`).not.toMatch(
    /s3cret|per_page/,
  )
  return told
}

const first = { page: 1, perPage: 100 }

describe('the three calls', () => {
  it('list events as the API notes say', async () => {
    const { connect, haku, race } = await setup()
    const page = await connect().listEvents(first)
    expect(page).toMatchObject({
      length: 1,
      keyless: [],
      date: start,
      events: [{ eventId: race.id, name: race.name }],
    })
    expect(haku.calls.list({ endpoint: 'events' })).toMatchObject([
      {
        authorization: 'bare',
        query: {
          page: '1',
          per_page: '100',
          sort_column: 'event_date',
          sort_direction: 'desc',
          show_inactive: 'true',
        },
      },
    ])
  })

  it('list participants, newest update first, with total and date', async () => {
    const { connect, haku } = await setup({ totals: 'meta' })
    const page = await connect().listParticipants('race1', { page: 2, perPage: 20 })
    expect(page).toMatchObject({ length: 10, keyless: [], total: 30, date: start })
    expect(page.rows.length).toBe(10)
    expect(haku.calls.list({ endpoint: 'participants' })[0]?.query).toEqual({
      page: '2',
      per_page: '20',
      sort_column: 'updated_at',
      sort_direction: 'desc',
    })
  })

  it('read a registration, or hear that there is none', async () => {
    const { connect, race, rows } = await setup()
    const connection = connect()
    const number = [...race.registrations.keys()][0] as string
    const detail = await connection.readDetail('race1', number)
    expect(detail).toMatchObject({ found: true, record: { registration_number: number } })
    expect(await connection.readDetail('race1', 'nobody / here?', 'removal-check')).toEqual({ found: false })
    expect(rows.map((row) => [row.purpose, row.status])).toEqual([
      ['token', 200],
      ['detail', 200],
      ['removal-check', 404],
    ])
  })

  it('share one token over connections, and every call is in the ledger', async () => {
    const { connect, endpoints, rows } = await setup()
    await connect().listEvents(first)
    await connect().listParticipants('race1', first)
    expect(endpoints()).toEqual(['token', 'events', 'participants'])
    expect(rows.map((row) => [row.purpose, row.eventId, row.status])).toEqual([
      ['token', null, 200],
      ['events', null, 200],
      ['list', 'race1', 200],
    ])
  })
})

describe('the token (Haku API notes 1.2)', () => {
  it('is renewed once when the API refuses it', async () => {
    const { connect, haku, endpoints } = await setup()
    const connection = connect()
    await connection.listEvents(first)
    haku.revokeTokens()
    await connection.listEvents(first)
    await connection.listEvents(first)
    expect(endpoints()).toEqual(['token', 'events', 'events', 'token', 'events', 'events'])
  })

  it('is sent as Bearer where the bare one is refused, and that is remembered', async () => {
    const { connect, haku, kept } = await setup({ authorization: 'bearer' })
    await connect().listEvents(first)
    expect(kept()).toMatchObject({ headerForm: 'bearer' })
    await connect().listEvents(first)
    const forms = haku.calls.list().map((call) => call.authorization)
    expect(forms).toEqual(['basic', 'bare', 'bearer', 'bearer'])
  })

  it('follows when the provider changes its mind about the form', async () => {
    const { connect, haku, kept } = await setup()
    const connection = connect()
    await connection.listEvents(first)
    haku.traits.authorization = 'bearer'
    await connection.listEvents(first)
    expect(kept()).toMatchObject({ headerForm: 'bearer' })
    expect(haku.calls.list({ since: start }).map((call) => call.authorization)).toEqual([
      'basic',
      'bare',
      'bare',
      'basic',
      'bare',
      'bearer',
    ])
  })

  it('refused in both forms is TOKEN_REFUSED, after a handful of calls', async () => {
    const { connect, haku, rows } = await setup()
    haku.faults.add({ match: { endpoint: 'events' }, fault: { kind: 'status', status: 401 } })
    expect(await errorOf(connect().listEvents(first))).toMatchObject({ code: 'TOKEN_REFUSED', status: 401 })
    expect(rows.map((row) => [row.purpose, row.status])).toEqual([
      ['token', 200],
      ['events', 401],
      ['events', 401],
      ['token', 200],
      ['events', 401],
    ])
  })

  it('survives being revoked with the very first call', async () => {
    const { connect, haku } = await setup()
    haku.faults.add({ match: { endpoint: 'events' }, times: 1, fault: { kind: 'revoke' } })
    expect((await connect().listEvents(first)).length).toBe(1)
  })

  it('is not asked for again with a refused secret', async () => {
    const refused: number[] = []
    const { connect, rows } = await setup()
    const connection = connect({
      secrets: [{ credentialId: 5, secret: 's3cret-wrong' }],
      onRefused: (id) => void refused.push(id),
    })
    expect((await errorOf(connection.listEvents(first))).code).toBe('CREDENTIAL_REFUSED')
    expect((await errorOf(connection.listEvents(first))).code).toBe('CREDENTIAL_REFUSED')
    expect([refused, rows.length]).toEqual([[5], 1])
  })

  it('proves a secret (S1)', async () => {
    const proven: number[] = []
    const { connect } = await setup()
    const connection = connect({ onProven: (id) => void proven.push(id) })
    expect((await connection.prove({ credentialId: 8, secret: SECRET })).credentialId).toBe(8)
    expect((await errorOf(connection.prove({ credentialId: 9, secret: 's3cret-not' }))).code).toBe(
      'CREDENTIAL_REFUSED',
    )
    expect(proven).toEqual([8])
  })
})

describe('statuses and faults', () => {
  it.each<[string, Parameters<Haku['faults']['add']>[0]['fault'], string, number]>([
    ['403', { kind: 'status', status: 403 }, 'FORBIDDEN', 1],
    ['404', { kind: 'status', status: 404 }, 'NOT_FOUND', 1],
    ['405', { kind: 'status', status: 405 }, 'NOT_FOUND', 1],
    ['409', { kind: 'status', status: 409 }, 'BAD_SHAPE', 1],
    ['422', { kind: 'status', status: 422 }, 'BAD_SHAPE', 3],
    ['429', { kind: 'throttle', retryAfter: 9, form: 'date' }, 'THROTTLED', 1],
    ['500', { kind: 'status', status: 500, body: 'html' }, 'PROVIDER_DOWN', 3],
    ['a reset', { kind: 'reset', when: 'at-once' }, 'NETWORK', 3],
    ['a cut in the headers', { kind: 'reset', when: 'headers' }, 'NETWORK', 3],
    ['a cut in the body', { kind: 'reset', when: 'body' }, 'NETWORK', 3],
    ['half a body', { kind: 'truncated' }, 'BAD_BODY', 3],
    ['HTML', { kind: 'html' }, 'BAD_BODY', 3],
    ['a redirect', { kind: 'redirect' }, 'REDIRECT_REFUSED', 1],
    ['an object', { kind: 'wrong-type', as: 'object' }, 'BAD_SHAPE', 1],
    ['a string', { kind: 'wrong-type', as: 'string' }, 'BAD_SHAPE', 1],
    ['null', { kind: 'wrong-type', as: 'null' }, 'BAD_SHAPE', 1],
  ])('a list answered by %s', async (_, fault, code, calls) => {
    const { connect, haku, rows } = await setup()
    haku.faults.add({ match: { endpoint: 'participants' }, fault })
    expect((await errorOf(connect().listParticipants('race1', first))).code).toBe(code)
    expect(rows.filter((row) => row.purpose === 'list').length).toBe(calls)
    expect(haku.calls.count({ endpoint: 'participants' })).toBe(calls)
    expect(haku.calls.count({ endpoint: 'other' })).toBe(0)
    expect(rows.every((row) => row.status !== undefined)).toBe(true)
  })

  it('a single read whose answer is no registration, or another one', async () => {
    const { connect, haku, race } = await setup()
    const [number, other] = [...race.registrations.keys()] as [string, string]
    haku.faults.add({ match: { endpoint: 'detail' }, times: 1, fault: { kind: 'wrong-type', as: 'object' } })
    const connection = connect()
    expect((await errorOf(connection.readDetail('race1', number))).code).toBe('BAD_SHAPE')
    const fake = (async (url: URL, init: RequestInit) =>
      fetch(new URL(String(url).replace(number, other)), init)) as unknown as typeof fetch
    expect((await errorOf(connect({ fetch: fake }).readDetail('race1', number))).message).toContain(
      'another registration',
    )
    expect((await connection.readDetail('race1', number)).found).toBe(true)
  })

  it.each(['', '.', '..', '\ud800'])('an id like %j never reaches the address', async (id) => {
    const { connect, rows } = await setup()
    expect((await errorOf(connect().readDetail('race1', id))).code).toBe('BAD_SHAPE')
    expect((await errorOf(connect().listParticipants(id, first))).code).toBe('BAD_SHAPE')
    expect(rows).toEqual([])
  })
})

describe('page size (W3)', () => {
  it('steps down when the provider refuses it, once for all', async () => {
    const { connect, haku, kept } = await setup({ pageCap: 25, pageCapMode: 'reject' })
    const connection = connect()
    expect(connection.askPageSize).toBe(100)
    expect((await connection.listParticipants('race1', first)).length).toBe(25)
    expect(connection.askPageSize).toBe(25)
    expect(kept()).toMatchObject({ askPageSize: 25 })
    expect(connect().askPageSize).toBe(25)
    expect(haku.calls.list({ endpoint: 'participants' }).map((call) => call.perPage)).toEqual([100, 50, 25])
  })
})

describe('learning which list to read (F1)', () => {
  const sweep = { ...first, learn: true }

  /** An event with some cancelled people, so that a whole list can prove itself. */
  async function learning(traits: Partial<Traits> = {}, event: EventOptions = {}) {
    const made = await setup({ pageCap: 100, ...traits }, event)
    for (const number of [...made.race.registrations.keys()].slice(0, 3)) cancel(made.place, 'race1', number)
    return made
  }

  it('adopts whole registrations by their content, and needs no details then', async () => {
    const { connect, endpoints, kept, purposes } = await learning({ registrationsList: 'whole' })
    const connection = connect()
    expect(connection.needsDetail).toBe(true)
    const page = await connection.listParticipants('race1', sweep)
    expect(connection.needsDetail).toBe(false)
    expect(page.rows[0]?.record.participant).toBeDefined()
    expect(kept()).toMatchObject({
      list: 'registrations',
      learntAt: start,
      evidence: { verdict: 'whole', eventId: 'race1', rows: 30, cancelled: 3 },
    })
    await connection.listParticipants('race1', sweep)
    expect(endpoints()).toEqual(['token', 'participants', 'registrations', 'registrations'])
    expect(purposes()).toEqual(['token', 'list', 'probe', 'list'])
  })

  it('is left to sweeps, and to their first page', async () => {
    const { connect, endpoints } = await learning({ registrationsList: 'whole' })
    const connection = connect()
    await connection.listParticipants('race1', first)
    await connection.listParticipants('race1', { ...sweep, page: 2 })
    expect(endpoints()).toEqual(['token', 'participants', 'participants'])
  })

  it('stays with participants and details where registrations are as thin, for a week', async () => {
    const { connect, endpoints, kept, clock } = await learning({ registrationsList: 'thin' })
    await connect().listParticipants('race1', sweep)
    expect(kept()).toMatchObject({ list: 'participants', evidence: { verdict: 'thin' } })
    clock.advance(7 * 24 * HOUR - 1)
    await connect().listParticipants('race1', sweep)
    expect(endpoints()).toEqual(['token', 'participants', 'registrations', 'token', 'participants'])
    clock.advance(1)
    await connect().listParticipants('race1', sweep)
    expect(endpoints().slice(5)).toEqual(['participants', 'registrations'])
  })

  it('believes a 404 of the registrations list the second time', async () => {
    const { connect, endpoints, kept } = await learning()
    for (let i = 0; i < 4; i++) await connect().listParticipants('race1', sweep)
    expect(kept()).toMatchObject({ list: 'participants', evidence: { verdict: 'missing' } })
    expect(endpoints().filter((endpoint) => endpoint === 'registrations').length).toBe(2)
  })

  it('learns nothing from an empty event, without a call', async () => {
    const { connect, endpoints, kept } = await setup({ registrationsList: 'whole' }, { participants: 0 })
    expect((await connect().listParticipants('race1', sweep)).length).toBe(0)
    expect(endpoints()).toEqual(['token', 'participants'])
    expect(kept()).toMatchObject({ list: null })
  })

  it('learns nothing from people without bibs and birth dates, and asks again with the next event', async () => {
    const { connect, race, kept, endpoints } = await learning({ registrationsList: 'whole' }, { bibs: 0 })
    for (const registration of race.registrations.values()) registration.person.dob = null
    for (let i = 0; i < 2; i++) await connect().listParticipants('race1', sweep)
    expect(kept()).toMatchObject({ list: null, learntAt: null })
    expect(endpoints().filter((endpoint) => endpoint === 'registrations').length).toBe(2)
  })

  it.each<[string, Parameters<Haku['faults']['add']>[0]['fault']]>([
    ['500', { kind: 'status', status: 500 }],
    ['401', { kind: 'status', status: 401 }],
    ['403', { kind: 'status', status: 403 }],
    ['422', { kind: 'status', status: 422 }],
    ['429', { kind: 'throttle' }],
    ['HTML', { kind: 'html' }],
    ['no list', { kind: 'wrong-type', as: 'string' }],
    ['an empty list', { kind: 'empty' }],
  ])('a probe answered by %s costs one call and an hour, never the pass', async (_, fault) => {
    const { connect, haku, endpoints, clock, kept } = await learning({ registrationsList: 'whole' })
    const rule = haku.faults.add({ match: { endpoint: 'registrations' }, fault })
    expect((await connect().listParticipants('race1', sweep)).rows.length).toBe(30)
    await connect().listParticipants('race1', sweep)
    expect(endpoints()).toEqual(['token', 'participants', 'registrations', 'participants'])
    rule.remove()
    clock.advance(HOUR)
    await connect().listParticipants('race1', sweep)
    expect(kept()).toMatchObject({ list: 'registrations' })
  })

  it('reads registrations where an account has no participants list at all', async () => {
    const { connect, kept } = await learning({ registrationsList: 'whole', participantsList: 'missing' })
    expect((await connect().listParticipants('race1', sweep)).rows.length).toBe(30)
    expect(kept()).toMatchObject({ list: 'registrations' })
  })

  it.each<[Traits['registrationsList'], string[]]>([
    ['missing', ['registrations', 'participants']],
    ['thin', ['registrations']],
  ])('forgets what it learnt when the list turns %s, and fails that pass only', async (form, calls) => {
    const { connect, haku, endpoints, kept } = await learning({ registrationsList: 'whole' })
    const connection = connect()
    await connection.listParticipants('race1', sweep)
    haku.traits.registrationsList = form
    const before = endpoints().length
    expect((await errorOf(connection.listParticipants('race1', first))).code).toBe('UNSTABLE_LIST')
    expect(endpoints().slice(before)).toEqual(calls)
    expect(kept()).toMatchObject({ list: null, learntAt: null })
    expect((await connection.listParticipants('race1', first)).rows.length).toBe(30)
  })

  it('tells an unknown event from an unknown list', async () => {
    const { connect, place, kept } = await learning({ registrationsList: 'whole' })
    const connection = connect()
    await connection.listParticipants('race1', sweep)
    removeEvent(place, 'race1')
    expect((await errorOf(connection.listParticipants('race1', first))).code).toBe('NOT_FOUND')
    expect(kept()).toMatchObject({ list: 'registrations' })
  })

  it('compares again weekly, and drops a list that began to hide the cancelled', async () => {
    const { connect, clock, kept, race } = await learning({ registrationsList: 'whole' })
    await connect().listParticipants('race1', sweep)
    clock.advance(7 * 24 * HOUR)
    const hiding = (async (url: URL, init: RequestInit) => {
      const response = await fetch(url, init)
      if (!url.pathname.endsWith('/registrations')) return response
      const rows = (await response.json()) as JsonObject[]
      return Response.json(rows.filter((row) => row.is_cancelled !== true))
    }) as unknown as typeof fetch
    expect((await errorOf(connect({ fetch: hiding }).listParticipants('race1', sweep))).code).toBe(
      'UNSTABLE_LIST',
    )
    expect(kept()).toMatchObject({ list: 'participants', evidence: { verdict: 'partial' } })
    expect((await connect().listParticipants('race1', first)).rows.length).toBe(race.registrations.size)
  })
})
