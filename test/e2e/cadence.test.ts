import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addPartner } from '../../src/store/partners.ts'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'

let startlist: Program

beforeAll(async () => {
  const { db, url } = await testDatabase()
  await addPartner(db, { partnerId: 1, name: 'Lantern Timing', timezone: null })
  await sql`INSERT INTO haku_events (timing_partner_id, event_id, event_name) VALUES (1, 'half', 'Harbor Half')`.execute(
    db,
  )
  startlist = new Program({ DATABASE_URL: url, STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64') })
})

afterAll(() => startlist?.dispose())

const inForce = async () => {
  const [event] = (await startlist.json(['events', 'list'])).lines
  return [event?.cadence, event?.cadenceSource]
}

it('a cadence is set for a partner and for an event, shown, and taken back', async () => {
  expect(await inForce()).toEqual(['4h, 24h: 15m, 4h: 1m, stop: 1h', 'default'])

  const partner = await startlist.json(['partners', 'set', '1', '--cadence', '2h, 1d: 10m'])
  expect(partner).toMatchObject({ code: 0, lines: [{ id: 1, cadence: '2h, 24h: 10m, stop: 1h' }] })
  expect(await inForce()).toEqual(['2h, 24h: 10m, stop: 1h', 'partner'])

  const event = await startlist.json(['events', 'set', '--event', 'half', '--cadence', '90m,stop:0m'])
  expect(event).toMatchObject({ code: 0, lines: [{ cadence: '90m, stop: 0s', cadenceSource: 'event' }] })
  expect((await startlist.run(['partners', 'list'])).stdout).toMatch(/Cadence.*\n.*2h, 24h: 10m, stop: 1h/)

  await startlist.json(['events', 'set', '--event', 'half', '--cadence', 'default'])
  await startlist.json(['partners', 'set', '1', '--cadence', 'default'])
  expect(await inForce()).toEqual(['4h, 24h: 15m, 4h: 1m, stop: 1h', 'default'])
})

it.each([
  [['events', 'set', '--event', 'half', '--cadence', '4h, near: 1m'], 'BAD_INPUT', /"near"/],
  [['partners', 'set', '1', '--cadence', '4h, 24h: 5s'], 'BAD_INPUT', /5s is too short: the least is 30s/],
  [['partners', 'set', '1', '--cadence=-4h'], 'BAD_INPUT', /"-4h" is no interval/],
  [['partners', 'set', '1'], 'USAGE', /--timezone, --cadence/],
  [['partners', 'set', '9', '--cadence', '4h'], 'NO_SUCH_PARTNER', /9/],
])('startlist %s ends with 2', async (args, code, text) => {
  const ended = await startlist.json(args)
  expect(ended).toMatchObject({ code: 2, lines: [{ error: { code, message: expect.stringMatching(text) } }] })
})
