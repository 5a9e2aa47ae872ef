import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import { mapEvent, toEventRows } from '../../../src/providers/haku/event.ts'
import fc from '../../helpers/fast-check.ts'
import { hakuJson } from './arbitraries.ts'

const record: JsonObject = {
  id: 'a1b2',
  name: 'Springhaven Half',
  description: null,
  event_date: '2026-05-02 07:30:00',
  event_end_date: '2026-05-02T15:00:00Z',
  location_name: 'River Park',
  location_city: 'Springhaven',
  location_state: 'NY',
  location_country: 'US',
  event_type: 'running',
  distance: 'Half Marathon',
  registration_limit: 10_000,
  base_price: '$1,085.00',
  currency: 'usd',
  status: 'active',
}

describe('mapEvent', () => {
  it('gives every field', () => {
    expect(mapEvent('a1b2', record)).toEqual({
      eventId: 'a1b2',
      name: 'Springhaven Half',
      description: null,
      starts: { kind: 'local', wall: '2026-05-02T07:30:00' },
      ends: { kind: 'instant', at: Date.parse('2026-05-02T15:00:00Z') },
      location: 'River Park, Springhaven, NY, US',
      eventType: 'running',
      distanceMiles: 13.1,
      registrationLimit: 10_000,
      registrationFee: '1085.00',
      currency: 'USD',
      status: 'active',
      timezone: null,
      raw: record,
      problems: [],
    })
  })

  it('notes what it cannot read and goes on', () => {
    const event = mapEvent('a1b2', {
      ...record,
      name: ' ',
      event_date: '2026-13-45',
      distance: '5K/10K',
      timezone: 'Eastern',
    })
    expect(event).toMatchObject({
      name: 'a1b2',
      starts: null,
      distanceMiles: null,
      timezone: null,
      status: 'active',
    })
    expect(event.problems).toEqual([
      { field: 'name', reason: 'no name', raw: ' ' },
      { field: 'starts', reason: 'not a date or time', raw: '2026-13-45' },
      { field: 'distanceMiles', reason: 'not one distance', raw: '5K/10K' },
      { field: 'timezone', reason: 'not an IANA time zone', raw: 'Eastern' },
    ])
  })

  it.each<[JsonObject, string | null]>([
    [{ status: 'draft', is_active: true }, 'draft'],
    [{ status: null, is_active: false }, 'inactive'],
    [{ status: '', is_active: 'true' }, 'active'],
    [{ status: null }, null],
  ])('%j is %s', (changes, status) => {
    expect(mapEvent('a1b2', { ...record, ...changes }).status).toBe(status)
  })
})

describe('toEventRows', () => {
  it('makes texts of ids and keeps records without one whole', () => {
    const { events, keyless } = toEventRows([{ ...record, id: 42 }, null, { name: 'No id' }, record])
    expect(events.map((event) => event.eventId)).toEqual(['42', 'a1b2'])
    expect(keyless.map(({ reason, raw }) => [reason, raw])).toEqual([
      ['not an object', 'null'],
      ['no event id', '{"name":"No id"}'],
    ])
  })

  it('takes any JSON', () => {
    fc.assert(
      fc.property(fc.array(hakuJson), (records) => {
        const { events, keyless } = toEventRows(records)
        expect(events.length + keyless.length).toBe(records.length)
        for (const event of events) expect(event.name).not.toBe('')
      }),
    )
  })
})
