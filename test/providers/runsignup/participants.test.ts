import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import { registrationFingerprint, toRegistrationRows } from '../../../src/providers/runsignup/participants.ts'
import { registration } from './records.ts'

/** An element of the array, as it comes. */
const element = (event_id: Json, participants?: Json): Json => ({
  event: { event_id, participants: [] },
  ...(participants === undefined ? {} : { participants }),
})
const keys = (body: Json) => toRegistrationRows(body).rows.map(({ eventId, key }) => `${eventId}/${key}`)
const row = (registration_id: Json, part = {}) => ({ registration_id, ...part })

describe('a page of registrations', () => {
  it('has key, event, stamp in microseconds and fingerprint of each record', () => {
    const record = registration()
    expect(toRegistrationRows([element(10, [record])])).toEqual({
      rows: [
        {
          key: '2645624',
          eventId: '10',
          stamp: 1_777_700_000_000_000n,
          fingerprint: registrationFingerprint(record),
          record,
        },
      ],
      keyless: [],
      length: 1,
    })
  })

  it('is read in every element, not in the first alone', () => {
    expect(keys([element(10, [row(1)]), element(11, []), element(12, [row(2), row(3)])])).toEqual([
      '10/1',
      '12/2',
      '12/3',
    ])
  })

  it('may be the one element that the vendor’s page shows', () => {
    expect(keys(element(10, [row(1)]))).toEqual(['10/1'])
  })

  it.each<[string, Json]>([
    ['an empty array', []],
    ['an empty list', [element(10, [])]],
    ['null', [element(10, null)]],
    ['no list', [element(10)]],
  ])('may be of nobody: %s', (_, body) => {
    expect(toRegistrationRows(body)).toEqual({ rows: [], keyless: [], length: 0 })
  })

  it.each<[string, Json]>([
    ['null', null],
    ['a text', 'none'],
    ['an object about nothing', {}],
    ['elements that are none', [[row(1)]]],
    ['an element without an event and a list', [{ participants: null }]],
    ['participants that are no list', [element(10, { 0: row(1) })]],
  ])('is none when it is %s', (_, body) => {
    expect(() => toRegistrationRows(body)).toThrow(expect.objectContaining({ code: 'BAD_SHAPE' }))
  })

  it('leaves the template out, and counts it as a record of the page', () => {
    const page = toRegistrationRows([element(10, [row(-1), row(1), row('-1'), row(' -1 ')])])
    expect(page).toMatchObject({ rows: [{ key: '1' }], keyless: [], length: 4 })
  })

  it('keeps a record that came twice twice: what is stored is decided by key', () => {
    const page = toRegistrationRows([element(10, [row(1), row(1), row('1')])])
    expect(page.rows.map((found) => found.key)).toEqual(['1', '1', '1'])
    expect(page.length).toBe(3)
    expect(page.rows[0]!.fingerprint).toEqual(page.rows[1]!.fingerprint)
  })

  it('puts a registration under the event that lists it, and under its own word where none is named', () => {
    expect(keys([element(10, [row(1, { event_id: 99 })])])).toEqual(['10/1'])
    expect(keys([{ participants: [row(1, { event_id: 99 })] }])).toEqual(['99/1'])
    expect(toRegistrationRows([{ participants: [row(1)] }]).keyless).toMatchObject([
      { reason: 'no event id' },
    ])
  })

  it.each<[Json, string]>([
    [null, 'not an object'],
    [{}, 'no registration id'],
    [row(null), 'no registration id'],
    [row('A12'), 'registration id is not a whole number'],
    [row(1.5), 'registration id is not a whole number'],
    [row(-2), 'registration id is not a whole number'],
    [row({ id: 1 }), 'registration id is not a text or number'],
  ])('keeps %j whole without a key (D2)', (record, reason) => {
    const page = toRegistrationRows([element(10, [record, row(5)])])
    expect(page.rows.map((found) => found.key)).toEqual(['5'])
    expect(page.keyless).toMatchObject([{ reason, raw: JSON.stringify(record) }])
    expect(page.length).toBe(2)
  })

  it('keeps all digits of an id that came as a text', () => {
    expect(keys([element('10', [row('1234567890123456789')])])).toEqual(['10/1234567890123456789'])
  })

  it.each<[Json, bigint | null]>([
    [1_777_700_000, 1_777_700_000_000_000n],
    ['1777700000', 1_777_700_000_000_000n],
    [null, null],
    [0, null],
    ['soon', null],
    [true, null],
    ['5/2/2026 08:00', BigInt(Date.parse('2026-05-02T12:00:00Z')) * 1000n],
  ])('reads %j as its stamp (W7)', (last_modified, stamp) => {
    expect(toRegistrationRows([element(10, [row(1, { last_modified })])]).rows[0]!.stamp).toBe(stamp)
  })

  it('shows any visible change by the fingerprint, and none by the order of keys', () => {
    const print = (part: Record<string, Json>) => registrationFingerprint(registration(part)).toString('hex')
    expect(print({ bib_num: 102 })).not.toBe(print({}))
    expect(print({ checkin: { time: 1 } })).not.toBe(print({}))
    const reversed = Object.fromEntries(Object.entries(registration()).reverse())
    expect(registrationFingerprint(reversed).toString('hex')).toBe(print({}))
  })
})
