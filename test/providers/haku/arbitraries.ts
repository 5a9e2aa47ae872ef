import type { Json, JsonObject } from '../../../src/domain/json.ts'
import fc from '../../helpers/fast-check.ts'

const KEYS = [
  'registration_number',
  'id',
  'name',
  'person_full_name',
  'email',
  'age',
  'gender',
  'event_category_info',
  'team',
  'registered_at',
  'created_at',
  'updated_at',
  'is_cancelled',
  'cancelled_at',
  'status',
  'transaction_amount',
  'participant',
  'event_categories',
  'first_name',
  'last_name',
  'dob',
  'phone',
  'address',
  'country',
  'tag_number',
  'chip_number',
  'wave_name',
  'corral_name',
  'is_active',
  'emergency_contact_name',
  'emergency_contact_phone',
  'event_date',
  'event_end_date',
  'distance',
  'base_price',
  'currency',
  'registration_limit',
  'location_city',
  'timezone',
  '__proto__',
  'constructor',
]

const leaf = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    '',
    ' ',
    'x',
    'true',
    '2026-05-02',
    '0000-00-00',
    '2026-05-02T11:00:00Z',
    '$1',
    '15K',
    '9'.repeat(40),
    '\0',
    '\ud83c',
    'a\0b',
  ),
  fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<Json>,
)

/** Any JSON, most of it under the names that the mapping looks at. */
export const hakuJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json; record: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('record')),
  record: fc
    .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 8 })
    .map((entries) => Object.fromEntries(entries)),
})).value

/** Any record, of known names and others. */
export const hakuRecord: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), fc.string()), hakuJson), { maxLength: 20 })
  .map((entries) => Object.fromEntries(entries))
