import { HUGE, HUGE_EMAIL, type RecordForm } from '../malformed.ts'

/** RunSignUp's records: known by a registration's id, a race's id. */
export const recordForm: RecordForm = {
  key: (record) => ('registration_id' in record ? 'registration_id' : 'race_id'),
  huge: {
    user: { user_id: 1, first_name: HUGE, last_name: HUGE, email: HUGE_EMAIL },
    team_name: HUGE,
    name: HUGE,
  },
  impossible: {
    dob: '1999-31-31',
    gender: 42,
    country_code: 'Atlantis',
    age: -7,
    bib_num: 1.5,
    registration_date: '13/45/2026 25:61',
    last_modified: -1,
    last_modified_ts: -1,
    removed_reason: 'abducted',
    new_registration_id: 0,
    amount_paid: 'abc',
    race_fee: '$-.',
    timezone: 'Mars/Olympus',
    next_date: '99/99/2026',
    start_time: '2/30/2026 25:61',
    distance: 'far',
  },
}
