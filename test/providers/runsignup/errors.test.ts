import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/domain/errors.ts'
import { errorOf, setup, start } from './connect.ts'
import { apiError, KEY, SECRET } from './server.ts'

const ask = { page: 1, perPage: 2500 }

describe('an error with HTTP 200', () => {
  it.each<[number, ErrorCode, number]>([
    [1, 'REQUEST_REFUSED', 1],
    [2, 'REQUEST_REFUSED', 1],
    [4, 'PROVIDER_DOWN', 3],
    [5, 'PROVIDER_DOWN', 3],
    [6, 'CREDENTIAL_REFUSED', 1],
    [7, 'FORBIDDEN', 1],
    [8, 'REQUEST_REFUSED', 1],
    [9, 'REQUEST_REFUSED', 1],
    [10, 'REQUEST_REFUSED', 1],
    [11, 'REQUEST_REFUSED', 1],
    [12, 'REQUEST_REFUSED', 1],
    [13, 'CREDENTIAL_REFUSED', 1],
    [14, 'THROTTLED', 1],
    [15, 'NOT_FOUND', 1],
    [115, 'REQUEST_REFUSED', 1],
    [201, 'NOT_FOUND', 1],
    [202, 'REQUEST_REFUSED', 1],
    [301, 'NOT_FOUND', 1],
    [305, 'REQUEST_REFUSED', 1],
    [514, 'REQUEST_REFUSED', 1],
    [901, 'REQUEST_REFUSED', 1],
    [77_777, 'REQUEST_REFUSED', 1],
  ])(
    '%i is %s, told to the ledger by each of %i calls, and never an empty list',
    async (code, expected, calls) => {
      const { fake, opened, rows } = await setup()
      const connection = await opened()
      for (let i = 0; i < 3; i++) fake.next(apiError(code, `not with ${KEY} and ${SECRET}`))
      const error = await errorOf(connection.listParticipants('1', ['10'], ask))
      expect(error.code).toBe(expected)
      expect(error.message).toContain(`GET /race/1/participants: error ${code}`)
      expect(rows).toHaveLength(calls)
      expect(rows.map((row) => [row.status, row.errorCode])).toEqual(Array(calls).fill([200, expected]))
    },
  )

  it('3 is REQUEST_REFUSED once no smaller page is left to ask for', async () => {
    const { fake, opened } = await setup()
    const connection = await opened()
    fake.next(apiError(3))
    const error = await errorOf(connection.listParticipants('1', ['10'], { page: 1, perPage: 50 }))
    expect(error.code).toBe('REQUEST_REFUSED')
    expect(fake.calls).toHaveLength(1)
  })

  it('is understood where its code is a text', async () => {
    const { fake, opened } = await setup()
    const connection = await opened()
    fake.next(apiError('7'))
    expect((await errorOf(connection.listRaces(ask))).code).toBe('FORBIDDEN')
  })

  it.each([apiError(null), { error: 'out of order' }, { error: {} }, apiError('many')])(
    'without a code (%j) is still no data',
    async (body) => {
      const { fake, opened, rows } = await setup()
      const connection = await opened()
      fake.next(body)
      expect((await errorOf(connection.listParticipants('1', ['10'], ask))).code).toBe('BAD_SHAPE')
      expect(rows).toMatchObject([{ status: 200, errorCode: 'BAD_SHAPE' }])
    },
  )

  it('14 tells until when, where the answer says so', async () => {
    const { fake, opened, rows } = await setup()
    const connection = await opened()
    fake.next(apiError(14), 200, { 'retry-after': '40' })
    expect((await errorOf(connection.listRaces(ask))).retryAt).toBe(start + 40_000)
    expect(rows).toMatchObject([{ errorCode: 'THROTTLED', retryAfterMs: 40_000 }])
  })

  it('4 and 5 are only a stumble when a later attempt succeeds', async () => {
    const { fake, opened, clock } = await setup()
    const connection = await opened()
    const before = clock.now()
    fake.next(apiError(5))
    fake.next(apiError(4))
    expect((await connection.listRaces(ask)).races).toHaveLength(2)
    expect(clock.now() - before).toBe(3000)
  })
})

describe('a refusal by a true HTTP code', () => {
  it.each<[number, ErrorCode]>([
    [400, 'REQUEST_REFUSED'],
    [401, 'CREDENTIAL_REFUSED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [405, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [429, 'THROTTLED'],
  ])('%i is %s', async (status, code) => {
    const { fake, opened, rows } = await setup()
    const connection = await opened()
    fake.next('', status)
    expect((await errorOf(connection.listParticipants('1', ['10'], ask))).code).toBe(code)
    expect(rows).toMatchObject([{ status, errorCode: code }])
  })

  it('has its own code believed before the status', async () => {
    const { fake, opened } = await setup()
    const connection = await opened()
    fake.next(apiError(301), 400)
    expect((await errorOf(connection.listParticipants('1', ['10'], ask))).code).toBe('NOT_FOUND')
  })
})

describe('what is not RunSignUp’s answer', () => {
  it.each([`<html>log in, ${KEY}</html>`, '', `[{"event":{"event_id":10`, '<?xml version="1.0"?><races/>'])(
    'with status 200 is a broken body: %s',
    async (body) => {
      const { fake, opened, rows } = await setup()
      const connection = await opened()
      for (let i = 0; i < 3; i++) fake.next(body)
      expect((await errorOf(connection.listParticipants('1', ['10'], ask))).code).toBe('BAD_BODY')
      expect(rows.map((row) => row.errorCode)).toEqual(Array(3).fill('BAD_BODY'))
    },
  )

  it('a redirect is not followed, though it repeats the address', async () => {
    const { fake, opened } = await setup()
    const connection = await opened()
    fake.next('', 302, { location: `/Rest/races?api_key=${KEY}&api_secret=${SECRET}` })
    expect((await errorOf(connection.listRaces(ask))).code).toBe('REDIRECT_REFUSED')
    expect(fake.calls).toHaveLength(1)
  })
})
