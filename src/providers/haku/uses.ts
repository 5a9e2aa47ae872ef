import type { ApiUses } from '../uses.ts'

const paging = [{ name: 'page' }, { name: 'per_page', most: 100 }] as const

const newestFirst = [
  ...paging,
  { name: 'sort_column', values: ['updated_at'] },
  { name: 'sort_direction', values: ['desc'] },
] as const

/** At the root of a registration, whichever list or call it comes from. */
const registration = [
  ['registration_number'],
  ['updated_at'],
  ['is_cancelled', 'cancelled_at', 'registration_status', 'status'],
  ['transaction_amount'],
  ['team'],
]

/** A registration as the single read has it; some accounts list it so (F1). */
const whole = [
  ...registration,
  ['created_at', 'registered_at'],
  ['emergency_contact_name'],
  ['emergency_contact_phone_number', 'emergency_contact_phone'],
  ['emergency_contact_relationship'],
  ['participant.first_name'],
  ['participant.last_name'],
  ['participant.email', 'email'],
  ['participant.phone', 'phone'],
  ['participant.dob', 'dob'],
  ['participant.gender', 'gender'],
  ['participant.address.country'],
  ['event_categories[].id'],
  ['event_categories[].name', 'event_categories[].master_name'],
  ['event_categories[].tag_number'],
  ['event_categories[].chip_number'],
  ['event_categories[].wave_name', 'event_categories[].wave_code'],
  ['event_categories[].corral_name'],
  ['event_categories[].is_active'],
  ['event_categories[].participation_option'],
]

/** What startlist uses of Haku (Haku API notes 1.3, 1.4). */
export const hakuUses: ApiUses = {
  security: ['oauth2', 'bearer', 'apiKeyHeader'],
  calls: [
    {
      method: 'GET',
      path: '/events',
      query: [
        ...paging,
        { name: 'sort_column', values: ['event_date'] },
        { name: 'sort_direction', values: ['desc'] },
        { name: 'show_inactive', values: ['true'] },
      ],
      reads: [
        ['id'],
        ['name', 'event_name'],
        ['description'],
        ['event_date', 'start_date'],
        ['event_end_date', 'end_date'],
        ['location_name'],
        ['location_city'],
        ['location_state'],
        ['location_country'],
        ['event_type'],
        ['distance'],
        ['registration_limit'],
        ['base_price'],
        ['currency'],
        ['status', 'is_active'],
        ['timezone', 'time_zone'],
      ],
    },
    {
      method: 'GET',
      path: '/events/{}/participants',
      query: newestFirst,
      reads: [
        ...registration,
        ['person_full_name', 'participant.first_name'],
        ['email', 'participant.email'],
        ['age', 'participant.age'],
        ['gender', 'participant.gender'],
        ['event_category_info'],
        ['registered_at', 'created_at'],
        ['payment_status'],
      ],
    },
    {
      method: 'GET',
      path: '/events/{}/registrations',
      optional: true,
      query: newestFirst,
      reads: whole,
    },
    { method: 'GET', path: '/events/{}/registrations/{}', query: [], reads: whole },
  ],
}
