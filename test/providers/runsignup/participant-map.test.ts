import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { mapRegistration } from '../../../src/providers/runsignup/participant-map.ts'
import fc from '../../helpers/fast-check.ts'
import { registration, user } from './records.ts'

const map = (part: JsonObject = {}) => mapRegistration({ list: registration(part), detail: null })
const fieldsOf = (part: JsonObject) => map(part).fields
const problemsOf = (part: JsonObject) => map(part).problems.map(({ field, reason }) => `${field}: ${reason}`)

describe('a registration', () => {
  it('is read field by field', () => {
    expect(map()).toEqual({
      fields: {
        eventId: '10',
        firstName: 'Ada',
        lastName: 'Testrunner',
        email: 'ada@example.com',
        phone: '555-010-0100',
        dateOfBirth: '1990-03-04',
        gender: 'F',
        nationality: 'CA',
        emergencyContact: null,
        team: 'River Runners',
        category: null,
        categories: null,
        wave: null,
        corral: null,
        providerBib: '101',
        chipNumber: 'AB1234',
        listedAge: 35,
        registeredAt: '2025-09-07T19:15:00.000000Z',
        paymentStatus: null,
        amountPaid: '57.75',
        specialRequirements: null,
        status: 'active',
        successor: null,
      },
      problems: [],
    })
  })

  it.each<[Json, string | null]>([
    [101, '101'],
    ['101', '101'],
    [' A-101 ', 'A-101'],
    ['0101', '0101'],
    [null, null],
    ['', null],
  ])('has bib %j as %s, and never a chip code for it', (bib_num, bib) => {
    expect(fieldsOf({ bib_num, chip_num: 'C9' })).toMatchObject({ providerBib: bib, chipNumber: 'C9' })
  })

  it('has its age on the row, and not in the user', () => {
    expect(fieldsOf({ age: 41, user: user({ age: 7 }) }).listedAge).toBe(41)
    expect(fieldsOf({ age: null, user: user({ age: 7 }) }).listedAge).toBeNull()
  })

  it('has its country in country_code', () => {
    expect(fieldsOf({ user: user({ address: { country: 'US', country_code: 'MX' } }) }).nationality).toBe(
      'MX',
    )
    expect(fieldsOf({ user: user({ address: null }) })).toMatchObject({ nationality: null, firstName: 'Ada' })
  })

  it.each([
    ['$55.00', '55.00'],
    ['$1,055.50', '1055.50'],
    ['$0.00', '0.00'],
    ['-$5.00', '-5.00'],
    [null, null],
  ])('has paid %s', (amount_paid, amount) => {
    expect(fieldsOf({ amount_paid }).amountPaid).toBe(amount)
  })

  it('keeps gender X and an odd transaction id out of trouble', () => {
    expect(map({ user: user({ gender: 'X' }), transaction_id: 'ay_9_0' })).toMatchObject({
      fields: { gender: 'X' },
      problems: [],
    })
  })

  it.each<[string, JsonObject, string | null]>([
    ['a text', { corral: 'B' }, 'B'],
    ['a number', { corral: 3 }, '3'],
    ['an object', { corral: { race_corral_id: 41, race_corral_name: 'Corral 2' } }, 'Corral 2'],
    ['a list', { corrals: [{ race_corral_id: 40, name: 'Corral 1' }, { name: 'Corral 9' }] }, 'Corral 1'],
    ['a field of its own', { race_corral_name: 'Corral 4', corral: { race_corral_id: 4 } }, 'Corral 4'],
    ['nothing', { corral: null, corrals: [] }, null],
  ])('has its corral wherever it stands: %s', (_, part, corral) => {
    expect(map(part)).toMatchObject({ fields: { corral }, problems: [] })
  })

  it('has a wave where one is given', () => {
    expect(fieldsOf({ wave: 2 }).wave).toBe('2')
    expect(fieldsOf({ wave_name: 'Red' }).wave).toBe('Red')
  })
})

describe('the date of registration', () => {
  it.each([
    ['winter', '1/15/2026 09:30', '2026-01-15T14:30:00.000000Z'],
    ['summer', '7/15/2026 09:30', '2026-07-15T13:30:00.000000Z'],
    ['the hour before the clocks go forward', '3/8/2026 01:59', '2026-03-08T06:59:00.000000Z'],
    ['the hour that is missing, moved forward', '3/8/2026 02:30', '2026-03-08T07:30:00.000000Z'],
    ['the hour after', '3/8/2026 03:00', '2026-03-08T07:00:00.000000Z'],
    ['the hour that comes twice, the earlier', '11/1/2026 01:30', '2026-11-01T05:30:00.000000Z'],
    ['the hour after it', '11/1/2026 02:00', '2026-11-01T07:00:00.000000Z'],
    ['midnight', '9/7/2025 0:00', '2025-09-07T04:00:00.000000Z'],
    ['the removed feed’s form', '2025-09-07 15:15:30', '2025-09-07T19:15:30.000000Z'],
  ])('is Eastern in %s', (_, registration_date, instant) => {
    expect(fieldsOf({ registration_date }).registeredAt).toBe(instant)
  })
})

describe('what cannot be read', () => {
  it.each<[JsonObject, string[]]>([
    [{ registration_date: '13/45/2025' }, ['registeredAt: not a date and time']],
    [{ bib_num: { n: 1 } }, ['providerBib: not a text or number']],
    [{ age: 'old' }, ['listedAge: not an age in years']],
    [{ amount_paid: 'free' }, ['amountPaid: not an amount of money']],
    [{ user: user({ dob: 'XXXX-XX-XX' }) }, ['dateOfBirth: not a date of birth']],
    [{ user: user({ dob: '2031-01-01' }) }, ['dateOfBirth: not a date of birth']],
    [{ user: user({ first_name: 7 }) }, ['firstName: not a text']],
    [{ user: user({ address: 'Main St' }) }, ['nationality: not an object, the address']],
  ])('%j is a problem of its field alone (D2)', (part, problems) => {
    expect(problemsOf(part)).toEqual(problems)
    expect(fieldsOf(part)).toMatchObject({ lastName: 'Testrunner', status: 'active' })
  })

  it.each([null, 'nobody', []])('a user that is %j blanks no runner', (nobody) => {
    const { fields, problems } = map({ user: nobody })
    expect(fields).toMatchObject({ firstName: null, dateOfBirth: null, providerBib: '101' })
    expect(problems.map((problem) => problem.field)).toEqual([
      'firstName',
      'lastName',
      'email',
      'phone',
      'dateOfBirth',
      'gender',
      'nationality',
    ])
  })

  it('has no value in its reason', () => {
    const { problems } = map({ user: user({ dob: 'born in spring' }) })
    expect(problems).toEqual([{ field: 'dateOfBirth', reason: 'not a date of birth', raw: 'born in spring' }])
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.keys(registration()), 'corral', 'corrals', 'wave'),
          fc.jsonValue(),
        ),
        fc.jsonValue(),
        (part, address) => {
          const list = {
            ...registration({ user: user({ address: address as Json }) }),
            ...part,
          } as JsonObject
          const { fields, problems } = mapRegistration({ list, detail: null })
          expect(fields.status).toBe('active')
          expect(mapRegistration({ list, detail: null })).toEqual({ fields, problems })
        },
      ),
    )
  })
})
