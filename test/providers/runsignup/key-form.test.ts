import { describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/observe/logger.ts'
import { errorOf, setup } from './connect.ts'
import { type Arrived, apiError, KEY, race, SECRET } from './server.ts'

const mine = { credentialId: 1, secret: SECRET }
const first = { page: 1, perPage: 1000 }

/** Where key and secret were in a call. */
const placeOf = ({ query, secretHeader }: Arrived) =>
  secretHeader !== undefined ? 'header' : query.api_key !== undefined ? 'query' : 'none'
const places = (calls: Arrived[]) => calls.map(placeOf)

describe('a key of version 2', () => {
  it('is proven by two calls, and its secret never stands in an address', async () => {
    const { fake, connect, kept, proven } = await setup({ version: 2 })
    await connect().prove(mine)
    expect(places(fake.calls)).toEqual(['header', 'none'])
    expect(fake.calls[0]?.query.rsu_api_key).toBe(KEY)
    expect(JSON.stringify(fake.calls.map((call) => call.query))).not.toContain(SECRET)
    expect(kept()).toMatchObject({ keyForm: 'header' })
    expect(proven).toEqual([1])
  })

  it('is refused, and not believed, where its secret is wrong and the old place gives an empty list', async () => {
    const { fake, connect, kept, proven } = await setup({ version: 2 })
    fake.next(apiError(6))
    fake.next({ races: [] })
    const error = await errorOf(connect().prove({ credentialId: 1, secret: 'wr0ng-s3cret' }))
    expect(error.code).toBe('FORBIDDEN')
    expect(error.hint).toMatch(/key and secret/)
    expect(places(fake.calls)).toEqual(['header', 'query'])
    expect([kept(), proven]).toEqual([{}, []])
  })
})

describe('a key of version 1', () => {
  it('is learnt after one refused call', async () => {
    const { fake, connect, kept } = await setup({ version: 1 })
    await connect().prove(mine)
    expect(places(fake.calls)).toEqual(['header', 'query', 'none'])
    expect(fake.calls[1]?.query).toMatchObject({ api_key: KEY, api_secret: SECRET })
    expect(kept()).toMatchObject({ keyForm: 'query' })
  })

  it('is learnt where the header is not recognised and everybody’s races come instead', async () => {
    const { fake, connect, kept } = await setup({ version: 1, unrecognised: 'everything' })
    await connect().prove(mine)
    expect(places(fake.calls)).toEqual(['header', 'none', 'header', 'query'])
    expect(kept()).toMatchObject({ keyForm: 'query' })
  })

  it('is learnt where the header is not recognised and no race comes', async () => {
    const { connect, kept } = await setup({ version: 1, unrecognised: 'nothing' })
    await connect().prove(mine)
    expect(kept()).toMatchObject({ keyForm: 'query' })
  })

  it('may have a secret that no header takes', async () => {
    const { fake, connect } = await setup({ version: 1 })
    const error = await errorOf(connect().prove({ credentialId: 1, secret: 's3cret\nZürich' }))
    expect(error.code).toBe('CREDENTIAL_REFUSED')
    expect(places(fake.calls)).toEqual(['query'])
  })
})

describe('a wrong secret', () => {
  it.each([1, 2] as const)(
    'of a key of version %i is refused by two calls, each in the ledger',
    async (version) => {
      const { fake, connect, refused, proven, kept, rows } = await setup({ version })
      const error = await errorOf(connect().prove({ credentialId: 4, secret: 'wr0ng-s3cret' }))
      expect(error.code).toBe('CREDENTIAL_REFUSED')
      expect(places(fake.calls)).toEqual(['header', 'query'])
      expect(rows.map((row) => [row.purpose, row.errorCode])).toEqual([
        ['probe', 'CREDENTIAL_REFUSED'],
        ['probe', 'CREDENTIAL_REFUSED'],
      ])
      expect([refused, proven, kept()]).toEqual([[4], [], {}])
    },
  )

  it('is refused by one call where the form is known', async () => {
    const { fake, opened, refused } = await setup()
    const connection = await opened()
    await errorOf(connection.prove({ credentialId: 4, secret: 'wr0ng-s3cret' }))
    expect(fake.calls).toHaveLength(1)
    expect(refused).toEqual([4])
  })

  it('that lists the races of the whole nation proves nothing, with at most two refused calls', async () => {
    const { connect, refused, proven, rows } = await setup({ unrecognised: 'everything' })
    const error = await errorOf(connect().prove({ credentialId: 1, secret: 'wr0ng-s3cret' }))
    expect(error.code).toBe('CREDENTIAL_REFUSED')
    expect(error.message).toMatch(/everybody/)
    expect([refused, proven]).toEqual([[1], []])
    expect(rows.filter((row) => row.errorCode !== null).length).toBe(2)
    expect(rows.length).toBe(5)
  })

  it('is known for one although a race was added to the nation in between', async () => {
    const nation = Array.from({ length: 50 }, (_, i) => race(900 + i, [9000 + i]))
    const { fake, connect } = await setup({ unrecognised: 'everything', nation })
    fake.next({ races: nation.slice(1).map((record) => ({ race: record })) })
    expect((await errorOf(connect().prove({ credentialId: 1, secret: 'wr0ng-s3cret' }))).code).toBe(
      'CREDENTIAL_REFUSED',
    )
  })

  it('gives no second partner the account’s rows by an empty list', async () => {
    const { fake, opened, proven } = await setup()
    const connection = await opened()
    fake.next({ races: [] })
    expect((await errorOf(connection.prove({ credentialId: 2, secret: 'wr0ng-s3cret' }))).code).toBe(
      'FORBIDDEN',
    )
    expect(proven).toEqual([1])
  })
})

describe('the comparison with everybody’s races', () => {
  it('is not needed where nobody is told them without a key', async () => {
    const { fake, connect, proven } = await setup({ keyless: 'refused' })
    await connect().prove(mine)
    expect([fake.calls.length, proven]).toEqual([2, [1]])
  })

  it('lets an account pass that has all public races there are, by reading registrations of one', async () => {
    const races = [race(1, [10])]
    const { fake, connect, proven } = await setup({ races, nation: races })
    await connect().prove(mine)
    expect(fake.paths()).toEqual(['/races', '/races', '/race/1/participants'])
    expect(fake.calls[2]?.query).toMatchObject({ event_id: '10', results_per_page: '1' })
    expect(proven).toEqual([1])
  })

  it('does not condemn a key because the provider stumbled', async () => {
    const { fake, connect, refused } = await setup()
    for (let i = 0; i < 3; i++) fake.next('', 500)
    expect((await errorOf(connect().prove(mine))).code).toBe('PROVIDER_DOWN')
    expect(refused).toEqual([])
  })
})

describe('a list asked for before any proof', () => {
  it('proves the secret first, so that no list is everybody’s', async () => {
    const { connect, proven } = await setup({ version: 1, unrecognised: 'everything' })
    const { races } = await connect().listRaces(first)
    expect(races.map((found) => found.raceId)).toEqual(['1', '2'])
    expect(proven).toEqual([1])
  })

  it('goes on with the next secret, and tries no refused one again', async () => {
    const { fake, connect, refused } = await setup()
    const secrets = [{ credentialId: 8, secret: 'wr0ng-s3cret' }, mine]
    const connection = connect({ secrets })
    expect((await connection.listRaces(first)).races).toHaveLength(2)
    const before = fake.calls.length
    expect((await connection.listRaces(first)).races).toHaveLength(2)
    expect(fake.calls.length - before).toBe(1)
    expect(refused).toEqual([8])
  })

  it('makes no call at all once every secret is refused', async () => {
    const { fake, opened, refused } = await setup()
    const connection = await opened()
    fake.next(apiError(6))
    expect((await errorOf(connection.listRaces(first))).code).toBe('CREDENTIAL_REFUSED')
    expect((await errorOf(connection.listRaces(first))).code).toBe('CREDENTIAL_REFUSED')
    expect(fake.calls).toHaveLength(1)
    expect(refused).toEqual([1])
    await connection.prove(mine)
    expect((await connection.listRaces(first)).races).toHaveLength(2)
  })
})

describe('an address with a secret in it', () => {
  it('is in no error when the line breaks', async () => {
    const { fake, opened } = await setup({ version: 1 })
    const connection = await opened()
    for (let i = 0; i < 3; i++) fake.nextBreaks()
    expect((await errorOf(connection.listRaces(first))).code).toBe('NETWORK')
    expect(places(fake.calls)).toEqual(['query', 'query', 'query'])
  })

  it('is in no error when nobody listens', async () => {
    const { opened } = await setup({ version: 1 })
    const connection = await opened({ apiUrl: 'http://127.0.0.1:1/Rest' })
    expect((await errorOf(connection.listRaces(first))).code).toBe('NETWORK')
  })

  it('is scrubbed from a log line that was given one all the same', () => {
    const lines: string[] = []
    const log = createLogger({ write: (line) => lines.push(line) })
    const url = `https://runsignup.com/Rest/races?format=json&api_key=${KEY}&api_secret=${SECRET}`
    log.info({ url }, `asked ${url}`)
    log.info({ url: `https://runsignup.com/Rest/races?rsu_api_key=${KEY}` }, 'asked')
    expect(lines.join()).not.toMatch(/key-7f3a9c|s3cret/)
  })
})
