import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { mapRegistration } from '../../../src/providers/runsignup/participant-map.ts'
import { toRegistrationRows } from '../../../src/providers/runsignup/participants.ts'
import { runsignup } from '../../../src/providers/runsignup/provider.ts'
import { toRemovedRows } from '../../../src/providers/runsignup/removed.ts'
import { registration } from './records.ts'

const removal = (part: JsonObject = {}): JsonObject => ({
  ...registration({
    registration_date: '2025-09-07 15:15:00',
    last_modified: '2026-05-02 08:00:00',
    last_modified_ts: 1_777_723_200,
  }),
  removed_reason: 'removed',
  ...part,
})
const page = (...records: Json[]): Json => [{ event: { event_id: 10, participants: records } }]
const only = (part: JsonObject) => toRemovedRows(page(removal(part))).rows[0]!

describe('a page of removals', () => {
  it('has its records inside the events, the opposite of registrations', () => {
    const { rows, length } = toRemovedRows([
      { event: { event_id: 10, participants: [removal()] } },
      { event: { event_id: 11, participants: null } },
      { event: { event_id: 12, participants: [removal({ registration_id: 7 })] } },
    ])
    expect(rows.map(({ eventId, key }) => `${eventId}/${key}`)).toEqual(['10/2645624', '12/7'])
    expect(length).toBe(2)
  })

  it.each<[Json, string]>([
    ['removed', 'removed'],
    ['cleared', 'removed'],
    ['transferred', 'transferred'],
    ['deferred', 'deferred'],
    [' Transferred ', 'transferred'],
    ['for another reason', 'removed'],
    ['constructor', 'removed'],
    [null, 'removed'],
    [7, 'removed'],
  ])('says by the reason %j that a registration is %s', (removed_reason, status) => {
    const list = runsignup.afterRemoval?.(registration(), only({ removed_reason }).record) ?? {}
    expect(mapRegistration({ list, detail: null }).fields.status).toBe(status)
  })

  it('names the registration that took a transferred one’s place', () => {
    const transferred = (new_registration_id: Json) =>
      only({ removed_reason: 'transferred', new_registration_id }).successor
    expect(transferred(2700001)).toBe('2700001')
    expect(transferred('2700001')).toBe('2700001')
    for (const none of [null, 0, '', 'none', { id: 1 }]) expect(transferred(none)).toBeNull()
    expect(only({}).successor).toBeNull()
  })

  it('takes the seconds for its stamp, and else the Eastern text', () => {
    expect(only({}).stamp).toBe(1_777_723_200_000_000n)
    expect(only({ last_modified: '2026-11-01 01:30:00', last_modified_ts: 1_793_514_600 }).stamp).toBe(
      1_793_514_600_000_000n,
    )
    expect(only({ last_modified_ts: null }).stamp).toBe(BigInt(Date.parse('2026-05-02T12:00:00Z')) * 1000n)
    expect(only({ last_modified_ts: null, last_modified: 'lately' }).stamp).toBeNull()
  })

  it('keeps a removal of nobody whole (D2)', () => {
    const { rows, keyless } = toRemovedRows(page({ removed_reason: 'cleared' }))
    expect(rows).toEqual([])
    expect(keyless).toMatchObject([{ reason: 'no registration id' }])
  })

  it('is of registrations, not of persons: the same one may be in another event by then', () => {
    const moved = registration({ registration_id: 2700001, event_id: 11 })
    const { rows } = toRegistrationRows([{ event: { event_id: 11 }, participants: [moved] }])
    expect(rows[0]).toMatchObject({ key: '2700001', eventId: '11' })
    expect(only({ new_registration_id: 2700001 })).toMatchObject({ key: '2645624', eventId: '10' })
  })
})

describe('a removed record', () => {
  it('is mapped like a registration, apart from its status', () => {
    const { fields, problems } = mapRegistration({
      list: removal({ removed_reason: 'deferred' }),
      detail: null,
    })
    const listed = mapRegistration({ list: registration(), detail: null }).fields
    expect(fields).toEqual({ ...listed, status: 'deferred' })
    expect(problems).toEqual([])
  })
})
