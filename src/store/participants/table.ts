import type { Content } from '../../domain/row.ts'

/** How one provider's participants table names what all of them hold. */
export interface ParticipantTable {
  table: 'haku_participants'
  /** The column of the registration number, and its type. */
  key: string
  keyType: 'text'
  eventType: 'text'
  /** Content column of the engine -> column of the table and its type. */
  content: Record<keyof Content, { column: string; type: string }>
}

const text = (column: string) => ({ column, type: 'text' })

/** `haku_participants`: the engine's names are its own. */
export const hakuParticipants: ParticipantTable = {
  table: 'haku_participants',
  key: 'participant_id',
  keyType: 'text',
  eventType: 'text',
  content: {
    bib_number: text('bib_number'),
    provider_bib: text('provider_bib'),
    chip_number: text('chip_number'),
    first_name: text('first_name'),
    last_name: text('last_name'),
    email: text('email'),
    phone: text('phone'),
    date_of_birth: { column: 'date_of_birth', type: 'date' },
    gender: text('gender'),
    nationality: text('nationality'),
    emergency_contact: { column: 'emergency_contact', type: 'jsonb' },
    team_affiliation: text('team_affiliation'),
    category: text('category'),
    categories: { column: 'categories', type: 'jsonb' },
    wave: text('wave'),
    corral: text('corral'),
    listed_age: { column: 'listed_age', type: 'integer' },
    age_on_race_day: { column: 'age_on_race_day', type: 'integer' },
    registered_at: { column: 'registered_at', type: 'timestamptz' },
    payment_status: text('payment_status'),
    amount_paid: { column: 'amount_paid', type: 'numeric' },
    special_requirements: text('special_requirements'),
    registration_status: text('registration_status'),
  },
}

/** Columns that the engine keeps beside the content, the same in every participants table. */
export const ENGINE_COLUMNS = {
  raw_data: 'jsonb',
  row_hash: 'bytea',
  mapping_version: 'integer',
  list_fingerprint: 'bytea',
  detail_of: 'bytea',
  detail_read_at: 'timestamptz',
  detail_attempts: 'integer',
  detail_not_before: 'timestamptz',
  list_pass: 'bigint',
  removed_at: 'timestamptz',
  removal_note: 'text',
  absences: 'smallint',
  source_updated_at: 'timestamptz',
  fetched_at: 'timestamptz',
} as const
