import type { ApiUses } from '../uses.ts'
import { DEFAULT_INCLUDES } from './includes.ts'

const yes = ['T'] as const

const registrations = [
  { name: 'event_id' },
  { name: 'page' },
  { name: 'results_per_page', most: 2500 },
  { name: 'sort', values: ['registration_id ASC'] },
  { name: 'modified_after_timestamp' },
  { name: 'supports_nb', values: yes, optional: true },
  { name: 'format', values: ['json'] },
] as const

const person = [
  ['registration_id'],
  ['event_id'],
  ['user.first_name'],
  ['user.last_name'],
  ['user.email'],
  ['user.phone'],
  ['user.dob'],
  ['user.gender'],
  ['user.address.country_code'],
  ['bib_num'],
  ['chip_num'],
  ['age'],
  ['registration_date'],
  ['team_name'],
  ['amount_paid'],
  ['last_modified', 'last_modified_ts'],
]

/** What startlist uses of RunSignUp (RunSignUp API notes 2.1 to 2.5). */
export const runsignupUses: ApiUses = {
  security: ['apiKeyHeader', 'apiKeyQuery'],
  calls: [
    {
      method: 'GET',
      path: '/races',
      query: [
        { name: 'events', values: yes },
        { name: 'future_events_only', values: yes, optional: true },
        { name: 'page' },
        { name: 'results_per_page', most: 1000 },
        { name: 'format', values: ['json'] },
      ],
      reads: [
        ['race_id'],
        ['name'],
        ['timezone'],
        ['address.city'],
        ['address.state'],
        ['address.country_code'],
        ['is_draft_race'],
        ['is_registration_open'],
        ['events[].event_id'],
        ['events[].name'],
        ['events[].details'],
        ['events[].start_time'],
        ['events[].end_time'],
        ['events[].event_type'],
        ['events[].distance'],
        ['events[].registration_periods[].race_fee'],
        ['events[].age_calc_base_date'],
        ['events[].registration_opens'],
        ['events[].volunteer'],
        ['events[].require_dob'],
        ['events[].require_phone'],
        ['events[].giveaway'],
      ],
    },
    {
      method: 'GET',
      path: '/race/{}/participants',
      query: [
        ...registrations,
        { name: 'after_registration_id' },
        { name: 'before_registration_id' },
        ...DEFAULT_INCLUDES.map((name) => ({ name: `include_${name}`, values: yes, optional: true })),
      ],
      reads: [
        ...person,
        ['wave', 'wave_name'],
        [
          'race_corral_name',
          'corral_name',
          'corral.race_corral_name',
          'corral.corral_name',
          'corral.name',
          'corrals[].race_corral_name',
          'corrals[].corral_name',
          'corrals[].name',
        ],
      ],
    },
    {
      method: 'GET',
      path: '/race/{}/removed-participants',
      query: registrations,
      reads: [...person, ['removed_reason'], ['new_registration_id']],
    },
  ],
}
