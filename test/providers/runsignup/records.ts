import type { JsonObject } from '../../../src/domain/json.ts'

/** A registration with every field that the API notes name. */
export function registration(part: JsonObject = {}): JsonObject {
  return {
    user: user(),
    registration_id: 2645624,
    event_id: 10,
    rsu_transaction_id: 263659,
    transaction_id: 'ay_0000000000_0',
    bib_num: 101,
    chip_num: 'AB1234',
    age: 35,
    registration_date: '9/7/2025 15:15',
    team_id: null,
    team_name: 'River Runners',
    last_modified: 1_777_700_000,
    imported: 'F',
    race_fee: '$55.00',
    amount_paid: '$57.75',
    ...part,
  }
}

/** The person of a registration. */
export function user(part: JsonObject = {}): JsonObject {
  return {
    user_id: 123123,
    first_name: 'Ada',
    middle_name: null,
    last_name: 'Testrunner',
    email: 'ada@example.com',
    address: { street: '1 Main St', city: 'Springhaven', state: 'NY', zipcode: '00501', country_code: 'CA' },
    dob: '1990-03-04',
    gender: 'F',
    phone: '555-010-0100',
    profile_image_url: null,
    ...part,
  }
}
