import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { toRaces } from '../../../src/providers/runsignup/races.ts'

const event = (part: JsonObject = {}): JsonObject => ({
  event_id: 205,
  race_event_days_id: 77,
  name: 'Half Marathon',
  details: 'Flat and fast',
  start_time: '3/20/2027 09:00',
  end_time: null,
  age_calc_base_date: '12/31/2027',
  registration_opens: '12/10/2026 07:00',
  event_type: 'running_race',
  distance: '13.1 Miles',
  volunteer: 'F',
  require_dob: 'T',
  require_phone: 'F',
  giveaway: 'Shirt',
  registration_periods: [{ race_fee: '$85.00', processing_fee: '$2.00' }, { race_fee: '$95.00' }],
  ...part,
})

const race = (part: JsonObject = {}): JsonObject => ({
  race_id: 100,
  name: 'Springhaven River Run',
  next_date: '03/20/2027',
  last_date: null,
  is_draft_race: 'F',
  is_private_race: 'F',
  is_registration_open: 'T',
  created: '1/5/2020 13:05',
  last_modified: '7/1/2026 9:30',
  description: '<p>Along the river</p>',
  url: 'https://example.com/r',
  address: { street: '1 Main St', city: 'Springhaven', state: 'TX', zipcode: '73301', country_code: 'US' },
  timezone: 'America/Chicago',
  real_time_notifications_enabled: 'F',
  events: [event()],
  ...part,
})

const racesOf = (...records: Json[]) => toRaces({ races: records.map((record) => ({ race: record })) })
const raceOf = (part: JsonObject) => racesOf(race(part)).races[0]!
const eventOf = (part: JsonObject, of: JsonObject = {}) => raceOf({ ...of, events: [event(part)] }).events[0]!

describe('a race', () => {
  it('is read with what its events share', () => {
    const { events, ...shared } = racesOf(race()).races[0]!
    const { events: sent, ...raw } = race()
    expect(shared).toEqual({
      raceId: '100',
      name: 'Springhaven River Run',
      description: '<p>Along the river</p>',
      url: 'https://example.com/r',
      externalUrl: null,
      resultsUrl: null,
      logoUrl: null,
      facebookPage: null,
      facebookEvent: null,
      timezone: 'America/Chicago',
      isDraft: false,
      isPrivate: false,
      isRegistrationOpen: true,
      notifiesInRealTime: false,
      nextDate: '2027-03-20',
      nextEndDate: null,
      lastDate: null,
      lastEndDate: null,
      createdAt: '2020-01-05T18:05:00.000000Z',
      modifiedAt: '2026-07-01T13:30:00.000000Z',
      address: race().address,
      raw,
      problems: [],
    })
    expect(events.map((found) => found.raw)).toEqual(sent)
  })

  it('without a name is called by its id, and has a problem', () => {
    expect(raceOf({ name: null })).toMatchObject({ name: '100', problems: [{ field: 'name' }] })
  })

  it.each<[Json, number]>([
    [null, 0],
    [[], 0],
    [undefined as unknown as Json, 0],
    ['none', 1],
  ])('may have %j for its events', (events, problems) => {
    expect(raceOf({ events })).toMatchObject({ events: [] })
    expect(raceOf({ events }).problems).toHaveLength(problems)
  })

  it('without an id is kept whole, and so is an event without one', () => {
    const { races, keyless, length } = racesOf(
      race({ race_id: null }),
      'nothing',
      race({ events: [event({ event_id: 'x' }), null, event()] }),
    )
    expect(length).toBe(3)
    expect(races.map((found) => found.events.map(({ eventId }) => eventId))).toEqual([['205']])
    expect(keyless.map((row) => row.reason)).toEqual([
      'no race id',
      'not an object',
      'event id is not a whole number',
      'not an object',
    ])
  })

  it('may stand in the list without its wrapper', () => {
    expect(toRaces({ races: [race()] }).races.map((found) => found.raceId)).toEqual(['100'])
  })

  it.each<[string, Json]>([
    ['null', null],
    ['a bare list', [race()]],
    ['an object about nothing', {}],
    ['one race', { race: race() }],
    ['races that are no list', { races: { 0: race() } }],
  ])('is not in %s', (_, body) => {
    expect(() => toRaces(body)).toThrow(expect.objectContaining({ code: 'BAD_SHAPE' }))
  })
})

describe('an event', () => {
  it('is read as the event of any provider, and more', () => {
    expect(eventOf({})).toEqual({
      eventId: '205',
      raceId: '100',
      name: 'Half Marathon',
      description: 'Flat and fast',
      starts: { kind: 'local', wall: '2027-03-20T09:00:00' },
      ends: null,
      location: 'Springhaven, TX, US',
      eventType: 'running_race',
      distanceMiles: 13.1,
      registrationLimit: null,
      registrationFee: '85.00',
      currency: null,
      status: 'open',
      timezone: 'America/Chicago',
      ageBaseDate: '2027-12-31',
      registrationOpens: '2026-12-10T12:00:00.000000Z',
      volunteer: false,
      requiresBirthDate: true,
      requiresPhone: false,
      giveaway: 'Shirt',
      raw: event(),
      problems: [],
    })
  })

  it('starts by the clocks of its race, while registration opens by Eastern time', () => {
    const told = { start_time: '6/1/2027 07:00', registration_opens: '6/1/2027 07:00' }
    expect(eventOf(told, { timezone: 'Pacific/Honolulu' })).toMatchObject({
      starts: { kind: 'local', wall: '2027-06-01T07:00:00' },
      timezone: 'Pacific/Honolulu',
      registrationOpens: '2027-06-01T11:00:00.000000Z',
    })
  })

  it('at midnight has a date without a time (T2)', () => {
    expect(eventOf({ start_time: '3/20/2027 00:00' }).starts).toEqual({ kind: 'date', date: '2027-03-20' })
  })

  it('of an unknown zone has none, and says so', () => {
    expect(eventOf({}, { timezone: 'Chicago time' })).toMatchObject({
      timezone: null,
      problems: [{ field: 'timezone', reason: 'not an IANA time zone', raw: 'Chicago time' }],
    })
  })

  it.each<[JsonObject, string | null]>([
    [{ is_draft_race: 'T', is_registration_open: 'T' }, 'draft'],
    [{ is_draft_race: 'F', is_registration_open: 'T' }, 'open'],
    [{ is_draft_race: 'F', is_registration_open: 'F' }, 'closed'],
    [{ is_draft_race: null, is_registration_open: null }, null],
  ])('of a race with %j is %s', (flags, status) => {
    expect(eventOf({}, flags).status).toBe(status)
  })

  it('costs what its first period asks that can be read', () => {
    const fee = (registration_periods: Json) => eventOf({ registration_periods }).registrationFee
    expect(fee([{ race_fee: 'ask us' }, { race_fee: '$20.00' }])).toBe('20.00')
    expect(fee(null)).toBeNull()
  })

  it.each<[string, JsonObject, string]>([
    ['start', { start_time: 'at dawn' }, 'starts'],
    ['distance', { distance: 'some miles' }, 'distanceMiles'],
    ['flag', { volunteer: 'maybe' }, 'volunteer'],
  ])('with an unreadable %s keeps the rest', (_, part, field) => {
    expect(eventOf(part)).toMatchObject({ name: 'Half Marathon', problems: [{ field }] })
  })
})
