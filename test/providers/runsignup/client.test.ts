import { describe, expect, it } from 'vitest'
import { readIncludes } from '../../../src/providers/runsignup/includes.ts'
import { MAX_EVENTS } from '../../../src/providers/runsignup/registrations-call.ts'
import { errorOf, setup, start } from './connect.ts'
import { KEY, race } from './server.ts'

const first = { page: 1, perPage: 2500 }
const row = (registration_id: number, last_modified = 1_777_700_000) => ({ registration_id, last_modified })

describe('races', () => {
  it('come with their coming events, one call a page, as JSON', async () => {
    const { fake, opened, rows } = await setup()
    const connection = await opened()
    const page = await connection.listRaces({ page: 1, perPage: connection.racesPerPage })
    expect(fake.calls).toMatchObject([
      {
        path: '/races',
        query: {
          format: 'json',
          events: 'T',
          future_events_only: 'T',
          page: '1',
          results_per_page: '1000',
          rsu_api_key: KEY,
        },
      },
    ])
    expect(page).toMatchObject({ length: 2, perPage: 1000, date: start + 7000 })
    expect(page.races.flatMap((found) => found.events.map((event) => event.eventId))).toEqual([
      '10',
      '11',
      '20',
    ])
    expect(rows).toMatchObject([{ purpose: 'events', status: 200, errorCode: null }])
  })

  it('are paged, and beyond the last page are none', async () => {
    const races = Array.from({ length: 60 }, (_, i) => race(i + 1, [i + 100]))
    const { opened } = await setup({ races })
    const connection = await opened()
    const page = (number: number) => connection.listRaces({ page: number, perPage: 50 })
    expect((await page(1)).length).toBe(50)
    expect((await page(2)).length).toBe(10)
    expect((await page(3)).length).toBe(0)
  })

  it('may be null where there are none', async () => {
    const { fake, opened } = await setup()
    const connection = await opened()
    fake.next({ races: null })
    expect(await connection.listRaces(first)).toMatchObject({ races: [], length: 0 })
  })
})

describe('registrations', () => {
  it('of all events of a race come in one call, each under its own event', async () => {
    const participants = { 10: [row(101), row(102)], 11: [row(111)], 20: [row(201)] }
    const { fake, opened, rows } = await setup({ participants })
    const connection = await opened()
    const page = await connection.listParticipants('1', ['10', '11'], first)
    expect(page.rows.map(({ eventId, key }) => `${eventId}/${key}`)).toEqual(['10/101', '10/102', '11/111'])
    expect(page).toMatchObject({ length: 3, perPage: 2500, keyless: [] })
    expect(fake.calls).toMatchObject([
      {
        path: '/race/1/participants',
        query: { event_id: '10,11', results_per_page: '2500', sort: 'registration_id ASC', supports_nb: 'T' },
      },
    ])
    expect(rows).toMatchObject([{ purpose: 'list', eventId: '1' }])
  })

  it('are asked for with what timing needs, or with what was chosen', async () => {
    const { fake, opened } = await setup()
    const flags = (connection: Awaited<ReturnType<typeof opened>>) =>
      connection
        .listParticipants('1', ['10'], first)
        .then(() => Object.keys(fake.calls.at(-1)?.query ?? {}).filter((name) => name.startsWith('include_')))
    expect(await flags(await opened())).toEqual([
      'include_questions',
      'include_corrals',
      'include_checkin_data',
      'include_registration_addons',
    ])
    expect(await flags(await opened({ includes: ['corrals', 'est_finish'] }))).toEqual([
      'include_corrals',
      'include_est_finish',
    ])
    expect(await flags(await opened({ includes: [] }))).toEqual([])
  })

  it.each(['list', 'null', 'absent'] as const)(
    'of an event without anybody are none, told as %s',
    async (empty) => {
      const { opened } = await setup({ empty, participants: { 10: [], 11: [row(111)] } })
      const connection = await opened()
      const page = await connection.listParticipants('1', ['10', '11'], first)
      expect(page.rows.map((found) => found.key)).toEqual(['111'])
      expect(await connection.listParticipants('1', ['10'], first)).toMatchObject({ rows: [], length: 0 })
      expect(await connection.listRemoved('1', ['10'], first)).toMatchObject({ rows: [], length: 0 })
    },
  )

  it('can be asked for by what changed since a stamp, ten seconds of overlap included', async () => {
    const at = 1_777_700_000
    const participants = { 10: [row(1, at - 11), row(2, at - 10), row(3, at), row(4, at + 1)] }
    const { fake, opened } = await setup({ participants })
    const connection = await opened()
    const changedSince = BigInt(at) * 1_000_000n + 999_999n
    const page = await connection.listParticipants('1', ['10'], { ...first, changedSince })
    expect(fake.calls[0]?.query.modified_after_timestamp).toBe(String(at - 10))
    expect(page.rows.map((found) => found.key)).toEqual(['2', '3', '4'])
  })

  it('can be asked for from a registration on', async () => {
    const { fake, opened } = await setup()
    const connection = await opened()
    await connection.listParticipants('1', ['10'], { ...first, afterRegistrationId: '4711' })
    expect(fake.calls[0]?.query.after_registration_id).toBe('4711')
    expect(fake.calls[0]?.query).not.toHaveProperty('modified_after_timestamp')
  })

  it('are booked for their race', async () => {
    const { opened, rows } = await setup()
    await (await opened()).listParticipants('1', ['10'], first)
    expect(rows).toMatchObject([{ eventId: '1' }])
  })

  it.each<[string, string, string[]]>([
    ['no event', '1', []],
    ['too many events', '1', Array.from({ length: MAX_EVENTS + 1 }, (_, i) => String(i))],
    ['an event that is no number', '1', ['10', '1&page=9']],
    ['a race that is no number', '../races', ['10']],
  ])('are not asked for with %s', async (_, raceId, eventIds) => {
    const { fake, opened } = await setup()
    const connection = await opened()
    await expect(connection.listParticipants(raceId, eventIds, first)).rejects.toThrow(/cannot stand/)
    expect(fake.calls).toEqual([])
  })

  it('of another’s race are forbidden, of no race or event not found', async () => {
    const { opened } = await setup()
    const connection = await opened()
    const codeOf = async (raceId: string, eventId: string) =>
      (await errorOf(connection.listParticipants(raceId, [eventId], first))).code
    expect(await codeOf('900', '9000')).toBe('FORBIDDEN')
    expect(await codeOf('77', '10')).toBe('NOT_FOUND')
    expect(await codeOf('1', '99')).toBe('NOT_FOUND')
  })
})

describe('the parts that are asked for', () => {
  it('are those of the configuration, by name', () => {
    expect(readIncludes(['corrals', 'est_finish'])).toEqual(['corrals', 'est_finish'])
    expect(() => readIncludes(['corals'])).toThrow(/RUNSIGNUP_INCLUDE names "corals"/)
  })
})

describe('removals', () => {
  it('are read from inside their events', async () => {
    const removed = { 10: [{ ...row(101), removed_reason: 'removed' }], 11: [{ ...row(111) }] }
    const { fake, opened, rows } = await setup({ removed })
    const connection = await opened()
    const page = await connection.listRemoved('1', ['10', '11'], first)
    expect(page.rows.map(({ eventId, key }) => [eventId, key])).toEqual([
      ['10', '101'],
      ['11', '111'],
    ])
    const { query, path } = fake.calls[0] ?? {}
    expect(path).toBe('/race/1/removed-participants')
    expect(query).toMatchObject({ event_id: '10,11', supports_nb: 'T', sort: 'registration_id ASC' })
    expect(Object.keys(query ?? {}).filter((name) => /^include|condensed/.test(name))).toEqual([])
    expect(rows).toMatchObject([{ purpose: 'removed' }])
  })
})

describe('the page size', () => {
  it('steps down where it is refused, and is remembered by the next connection', async () => {
    const { fake, opened, connect, kept } = await setup({ largestPage: 500 })
    const connection = await opened()
    expect(connection.registrationsPerPage).toBe(2500)
    const page = await connection.listParticipants('1', ['10'], first)
    expect(fake.calls.map((call) => call.query.results_per_page)).toEqual(['2500', '1000', '500'])
    expect(page.perPage).toBe(500)
    expect(connection.registrationsPerPage).toBe(500)
    expect(connection.racesPerPage).toBe(1000)
    expect(kept()).toMatchObject({ registrationsPerPage: 500, racesPerPage: null, keyForm: 'header' })
    expect(connect().registrationsPerPage).toBe(500)
  })

  it('of races is learnt by itself', async () => {
    const { opened } = await setup({ largestPage: 250 })
    const connection = await opened()
    expect((await connection.listRaces({ page: 1, perPage: 1000 })).perPage).toBe(250)
    expect([connection.racesPerPage, connection.registrationsPerPage]).toEqual([250, 2500])
  })
})
