import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { isWhole, mapParticipant } from '../../../src/providers/haku/participant.ts'
import fc from '../../helpers/fast-check.ts'
import { hakuJson, hakuRecord } from './arbitraries.ts'

const list: JsonObject = {
  registration_number: 'R1',
  person_full_name: 'Alma Maria Testperson',
  email: 'alma@example.com',
  age: 36,
  gender: 'F',
  event_category_info: '10K',
  team: { name: 'Sample Striders' },
  registered_at: '2026-01-05 10:00:00',
  is_cancelled: false,
  transaction_amount: '$85.00',
  updated_at: '2026-04-01T10:00:00Z',
}

const detail: JsonObject = {
  registration_number: 'R1',
  created_at: '2026-01-05T10:00:01Z',
  updated_at: '2026-04-01T10:00:00Z',
  is_cancelled: false,
  cancelled_at: null,
  transaction_amount: 85,
  team: { name: 'Sample Striders' },
  emergency_contact_name: 'Bo Sample',
  emergency_contact_phone_number: '555-0100',
  emergency_contact_relationship: 'Friend',
  participant: {
    first_name: 'Alma',
    last_name: 'Maria Testperson',
    email: 'alma@example.com',
    phone: '555-0101',
    dob: '1990-02-28T00:00:00Z',
    gender: 'F',
    address: { line1: '1 Example Way', country: 'US' },
  },
  event_categories: [
    category({
      id: 11,
      name: '10K',
      tag_number: null,
      chip_number: 'CHIP11',
      wave_name: null,
      corral_name: 'B',
    }),
    category({ id: 12, name: 'Relay', tag_number: 412, chip_number: 'CHIP12', wave_name: 'Wave 2' }),
  ],
}

function category(fields: JsonObject): JsonObject {
  return { id: null, name: null, is_active: true, tag_number: null, chip_number: null, ...fields }
}

const withDetail = (changes: JsonObject) => ({ ...detail, ...changes })
const withPerson = (changes: JsonObject) =>
  withDetail({ participant: { ...(detail.participant as JsonObject), ...changes } })
const fieldsOf = (changes: JsonObject) => mapParticipant({ list, detail: withDetail(changes) }, false).fields

describe('a detail beside its list row', () => {
  it('gives every field', () => {
    expect(mapParticipant({ list, detail }, false)).toEqual({
      fields: {
        eventId: null,
        firstName: 'Alma',
        lastName: 'Maria Testperson',
        email: 'alma@example.com',
        phone: '555-0101',
        dateOfBirth: '1990-02-28',
        gender: 'F',
        nationality: 'US',
        emergencyContact: { name: 'Bo Sample', phone: '555-0100', relationship: 'Friend' },
        team: 'Sample Striders',
        category: '10K',
        categories: [
          { id: '11', name: '10K', bib: null, chip: 'CHIP11', wave: null, corral: 'B' },
          { id: '12', name: 'Relay', bib: '412', chip: 'CHIP12', wave: 'Wave 2', corral: null },
        ],
        wave: 'Wave 2',
        corral: 'B',
        providerBib: '412',
        chipNumber: 'CHIP11',
        listedAge: 36,
        registeredAt: '2026-01-05T10:00:00.000000Z',
        paymentStatus: null,
        amountPaid: '85.00',
        specialRequirements: null,
        status: 'active',
        successor: null,
      },
      problems: [],
    })
  })

  it('a chip code is never a bib (defect 17)', () => {
    const fields = fieldsOf({ event_categories: [category({ name: '10K', chip_number: 'CHIP11' })] })
    expect(fields).toMatchObject({ providerBib: null, chipNumber: 'CHIP11' })
  })

  it('prefers active categories and keeps all in order (defect 16)', () => {
    const fields = fieldsOf({
      event_categories: [
        category({ name: 'Old', is_active: 'false', tag_number: '1', wave_name: 'W1' }),
        category({ name: 'New', tag_number: '2', wave_code: 'W2' }),
      ],
    })
    expect(fields).toMatchObject({ providerBib: '2', category: 'New', wave: 'W2' })
    const moved = fieldsOf({
      event_categories: [
        category({ name: 'Old', is_active: false, tag_number: '1', wave_name: 'W1', corral_name: 'A' }),
        category({ name: 'New' }),
      ],
    })
    // A bib goes along until there is another; where somebody starts does not.
    expect(moved).toMatchObject({ providerBib: '1', category: 'New', wave: null, corral: null })
    expect(fields.categories?.map((c) => c.bib)).toEqual(['1', '2'])
  })

  it('reads both spellings of the emergency phone', () => {
    const { emergency_contact_phone_number: _, ...rest } = detail
    const { fields } = mapParticipant(
      { list, detail: { ...rest, emergency_contact_phone: '555-0199' } },
      false,
    )
    expect(fields.emergencyContact).toMatchObject({ phone: '555-0199' })
  })

  it('an empty emergency contact is none', () => {
    const blank = {
      emergency_contact_name: '',
      emergency_contact_phone_number: null,
      emergency_contact_relationship: ' ',
    }
    expect(fieldsOf(blank).emergencyContact).toBeNull()
  })

  it.each<[JsonObject, string]>([
    [{ is_cancelled: true }, 'cancelled'],
    [{ is_cancelled: 'true' }, 'cancelled'],
    [{ is_cancelled: 1 }, 'cancelled'],
    [{ cancelled_at: '2026-04-01 10:00:00' }, 'cancelled'],
    [{ is_cancelled: 'false' }, 'active'],
    [{ status: 'Transferred', is_cancelled: true }, 'transferred'],
    [{ registration_status: 'deferred' }, 'deferred'],
    [{ status: 'transfer requested' }, 'active'],
    [{ status: 'Canceled' }, 'cancelled'],
    [{ status: 'active', is_cancelled: true }, 'cancelled'],
  ])('%j is %s (defects 8, 9)', (changes, status) => {
    expect(fieldsOf(changes).status).toBe(status)
  })

  it('the day of birth is the day as written, and not after the registration', () => {
    const born = (dob: Json) => mapParticipant({ list, detail: withPerson({ dob }) }, false)
    expect(born('1990-02-28T23:30:00-05:00').fields.dateOfBirth).toBe('1990-02-28')
    expect(born('2030-01-01')).toMatchObject({
      fields: { dateOfBirth: null },
      problems: [{ field: 'dateOfBirth', reason: 'not a date of birth', raw: '2030-01-01' }],
    })
  })
})

describe('a list row alone', () => {
  it('has names by guess, no bib, and facts (F1)', () => {
    const { fields, problems } = mapParticipant({ list, detail: null }, false)
    expect(problems).toEqual([])
    expect(fields).toMatchObject({
      firstName: 'Alma Maria',
      lastName: 'Testperson',
      email: 'alma@example.com',
      category: '10K',
      categories: null,
      team: 'Sample Striders',
      providerBib: null,
      dateOfBirth: null,
      listedAge: 36,
      amountPaid: '85.00',
      registeredAt: '2026-01-05T10:00:00.000000Z',
    })
  })

  it.each<[Json, string | null]>([
    ['10K', '10K'],
    [{ id: 1, name: '10K' }, '10K'],
    [null, null],
  ])('category info %j is %s', (event_category_info, category) => {
    expect(
      mapParticipant({ list: { ...list, event_category_info }, detail: null }, false).fields.category,
    ).toBe(category)
  })

  it.each<[Json, string | null]>([
    ['Sample Striders', 'Sample Striders'],
    [{ name: 'Sample Striders' }, 'Sample Striders'],
    [{ name: null }, null],
    [null, null],
  ])('team %j is %s', (team, name) => {
    expect(mapParticipant({ list: { ...list, team }, detail: null }, false)).toMatchObject({
      fields: { team: name },
      problems: [],
    })
  })
})

describe('a list row newer than the detail (F3)', () => {
  const newer = (changes: JsonObject) =>
    mapParticipant({ list: { ...list, ...changes }, detail }, true).fields

  it('wins with its facts', () => {
    expect(
      newer({
        is_cancelled: true,
        email: 'new@example.com',
        gender: 'X',
        team: 'Sample Walkers',
        event_category_info: '5K',
        transaction_amount: 20,
        registered_at: '2026-02-01T00:00:00Z',
      }),
    ).toMatchObject({
      status: 'cancelled',
      email: 'new@example.com',
      gender: 'X',
      team: 'Sample Walkers',
      category: '5K',
      amountPaid: '20.00',
      registeredAt: '2026-02-01T00:00:00.000000Z',
    })
  })

  it('never overrides the names by a guess, nor what only the detail knows', () => {
    expect(newer({ person_full_name: 'Some Body Else' })).toMatchObject({
      firstName: 'Alma',
      lastName: 'Maria Testperson',
      providerBib: '412',
      dateOfBirth: '1990-02-28',
      phone: '555-0101',
    })
    expect(newer({}).categories).toHaveLength(2)
  })

  it('takes back a cancellation', () => {
    const cancelled = withDetail({ is_cancelled: true, cancelled_at: '2026-03-01T00:00:00Z' })
    expect(mapParticipant({ list, detail: cancelled }, true).fields.status).toBe('active')
    expect(mapParticipant({ list, detail: cancelled }, false).fields.status).toBe('cancelled')
  })

  it('says nothing where it is empty', () => {
    expect(newer({ email: null, gender: '' })).toMatchObject({ email: 'alma@example.com', gender: 'F' })
  })
})

describe('a whole record in the list', () => {
  it('counts as a detail', () => {
    expect(isWhole(detail)).toBe(true)
    expect(isWhole(list)).toBe(false)
    const asList = mapParticipant({ list: detail, detail: null }, false)
    expect(asList).toEqual(mapParticipant({ list: null, detail }, false))
    expect(asList.fields).toMatchObject({ firstName: 'Alma', providerBib: '412', category: '10K' })
  })

  it('replaces an older detail, an empty bib included (D3)', () => {
    const whole = withDetail({
      event_categories: [category({ name: '10K' })],
      participant: { first_name: 'Bea', last_name: 'Testperson' },
    })
    expect(mapParticipant({ list: whole, detail }, true).fields).toMatchObject({
      firstName: 'Bea',
      lastName: 'Testperson',
      providerBib: null,
      chipNumber: null,
    })
  })
})

describe('what cannot be read', () => {
  it('is null and noted with the raw text, and the rest of the row is read (D2)', () => {
    const { fields, problems } = mapParticipant(
      {
        list: null,
        detail: withDetail({
          transaction_amount: 'abc',
          is_cancelled: 'perhaps',
          team: { title: 'x' },
          created_at: 'yesterday',
          event_categories: 'unexpected',
          participant: {
            first_name: { unexpected: 'Alma' },
            last_name: 'Testperson',
            dob: '31/31/1999',
            gender: 42,
          },
        }),
      },
      false,
    )
    expect(fields).toMatchObject({
      firstName: null,
      lastName: 'Testperson',
      status: 'active',
      categories: null,
      amountPaid: null,
    })
    expect(Object.fromEntries(problems.map((problem) => [problem.field, problem.raw]))).toEqual({
      amountPaid: 'abc',
      status: 'perhaps',
      team: '{"title":"x"}',
      registeredAt: 'yesterday',
      categories: 'unexpected',
      // What stands in the categories alone is unknown now, and not empty: the stored bib stays.
      providerBib: 'unexpected',
      chipNumber: 'unexpected',
      wave: 'unexpected',
      corral: 'unexpected',
      firstName: '{"unexpected":"Alma"}',
      dateOfBirth: '31/31/1999',
      gender: '42',
    })
  })

  it('is read from the other half where that has it', () => {
    const { fields, problems } = mapParticipant(
      { list, detail: withDetail({ transaction_amount: 'abc' }) },
      false,
    )
    expect(fields.amountPaid).toBe('85.00')
    expect(problems).toEqual([])
  })

  it('keeps 500 characters of the raw text', () => {
    const { problems } = mapParticipant(
      { list: { ...list, transaction_amount: '😀'.repeat(600) }, detail: null },
      false,
    )
    expect(problems).toEqual([
      { field: 'amountPaid', reason: 'not an amount of money', raw: '😀'.repeat(500) },
    ])
  })

  it('NUL and lone surrogates become U+FFFD', () => {
    const { fields } = mapParticipant(
      { list: { ...list, person_full_name: 'Al\0ma Test\ud83c' }, detail: null },
      false,
    )
    expect(fields).toMatchObject({ firstName: 'Al\uFFFDma', lastName: 'Test\uFFFD' })
  })
})

it('with a participant that is no object has a guessed name, noted as unreadable', () => {
  const { fields, problems } = mapParticipant({ list, detail: withDetail({ participant: [] }) }, false)
  expect(fields).toMatchObject({ firstName: 'Alma Maria', dateOfBirth: null })
  expect(problems.map(({ field }) => field)).toEqual(expect.arrayContaining(['firstName', 'dateOfBirth']))
})

describe('any JSON', () => {
  const half = fc.oneof(fc.constant(null), hakuRecord)

  it('is mapped without throwing, to what PostgreSQL takes, and no reason holds a value', () => {
    fc.assert(
      fc.property(half, half, fc.boolean(), (someList, someDetail, stale) => {
        const { fields, problems } = mapParticipant({ list: someList, detail: someDetail }, stale)
        expect(JSON.stringify(fields)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i)
        expect(fields.dateOfBirth ?? '1900-01-01').toMatch(/^\d{4}-\d{2}-\d{2}$/)
        expect(new Set(problems.map((problem) => problem.field)).size).toBe(problems.length)
        for (const problem of problems) {
          expect(problem.reason).toMatch(/^(not|neither) /)
          // A name that was guessed is there beside the note that the better one cannot be read.
          if (!['status', 'emergencyContact', 'categories', 'firstName', 'lastName'].includes(problem.field))
            expect(fields[problem.field]).toBeNull()
        }
      }),
    )
  })

  it('under a known field never spoils the others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(detail)), hakuJson, (key, value) => {
        const { fields } = mapParticipant({ list: null, detail: { ...detail, [key]: value } }, false)
        if (key !== 'participant') expect(fields.firstName).toBe('Alma')
        if (key !== 'event_categories') expect(fields.providerBib).toBe('412')
      }),
    )
  })
})
