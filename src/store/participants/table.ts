import { type RawBuilder, sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Content } from '../../domain/row.ts'

/** A column of a table, and its type in PostgreSQL. */
interface Column {
  column: string
  type: string
}

/** How one provider's participants table names what all of them hold. */
export interface ParticipantTable {
  provider: ProviderName
  table: 'haku_participants' | 'runsignup_participants'
  /** The column of the registration number, and its type. */
  key: string
  keyType: 'text' | 'bigint'
  /** The column of the list that a row is read in: an event, or a race of several. */
  list: string
  listType: 'text' | 'integer'
  /** Content column of the engine -> column of the table; null for what this provider never says. */
  content: Record<keyof Content, Column | null>
  /** Columns that legacy readers know, in terms of the row `i` that is written; null leaves the stored value. */
  legacy: Readonly<Record<string, string>>
  /**
   * Legacy columns that become null as well, because they repeat a column of the content or stand in a part of the
   * record that was sent: a condition in terms of `excluded`, the row that is written. A chip or a middle name that the
   * provider took back must not live on.
   */
  cleared: Readonly<Record<string, string>>
}

const text = (column: string): Column => ({ column, type: 'text' })

/** Columns that bear the engine's names in every participants table. */
const SHARED = {
  provider_bib: text('provider_bib'),
  chip_number: text('chip_number'),
  first_name: text('first_name'),
  last_name: text('last_name'),
  email: text('email'),
  phone: text('phone'),
  gender: text('gender'),
  nationality: text('nationality'),
  team_affiliation: text('team_affiliation'),
  categories: { column: 'categories', type: 'jsonb' },
  wave: text('wave'),
  corral: text('corral'),
  listed_age: { column: 'listed_age', type: 'integer' },
  age_on_race_day: { column: 'age_on_race_day', type: 'integer' },
  registered_at: { column: 'registered_at', type: 'timestamptz' },
  amount_paid: { column: 'amount_paid', type: 'numeric' },
  registration_status: text('registration_status'),
  successor: text('successor'),
} as const

const LEGACY_TIMES = {
  registration_date: `i.registered_at AT TIME ZONE 'UTC'`,
  fetched_date: `i.fetched_at AT TIME ZONE 'UTC'`,
}

/** `haku_participants`: the engine's names are its own, and a list is an event's. */
export const hakuParticipants: ParticipantTable = {
  provider: 'haku',
  table: 'haku_participants',
  key: 'participant_id',
  keyType: 'text',
  list: 'event_id',
  listType: 'text',
  content: {
    ...SHARED,
    event_id: null,
    bib_number: text('bib_number'),
    date_of_birth: { column: 'date_of_birth', type: 'date' },
    emergency_contact: { column: 'emergency_contact', type: 'jsonb' },
    category: text('category'),
    payment_status: text('payment_status'),
    special_requirements: text('special_requirements'),
  },
  legacy: LEGACY_TIMES,
  cleared: {},
}

const said = (path: string) => `i.raw_data::jsonb #> '{list,${path}}'`
const saidText = (path: string) => `i.raw_data::jsonb #>> '{list,${path}}'`
/** What the provider says under these names, as one object. */
const several = (...names: string[]) =>
  `jsonb_strip_nulls(jsonb_build_object(${names.map((name) => `'${name}', ${said(name)}`).join(', ')}))`

const USER_WAS_SENT = `jsonb_typeof(excluded.raw_data::jsonb #> '{list,user}') = 'object'`

/** `runsignup_participants`: a list is a race's, and each row belongs to one of its events. */
const runsignupParticipants: ParticipantTable = {
  provider: 'runsignup',
  table: 'runsignup_participants',
  key: 'registration_id',
  keyType: 'bigint',
  list: 'race_id',
  listType: 'integer',
  content: {
    ...SHARED,
    event_id: { column: 'event_id', type: 'integer' },
    bib_number: text('bib_num'),
    date_of_birth: { column: 'dob', type: 'date' },
    emergency_contact: null,
    category: null,
    payment_status: null,
    special_requirements: null,
  },
  legacy: {
    ...LEGACY_TIMES,
    user_id: `CASE WHEN ${saidText('user,user_id')} ~ '^\\d{1,18}$' THEN (${saidText('user,user_id')})::bigint END`,
    middle_name: saidText('user,middle_name'),
    address: said('user,address'),
    profile_image_url: saidText('user,profile_image_url'),
    chip_num: 'i.chip_number',
    age: 'i.listed_age',
    team_info: several('team_id', 'team_name', 'team_type', 'team_gender', 'team_bib_num'),
    payment_info: several(
      ...['race_fee', 'processing_fee', 'processing_fee_paid_by_user', 'processing_fee_paid_by_race'],
      ...['partner_fee', 'extra_fees', 'offline_payment_amount', 'amount_paid'],
    ),
    additional_data: several('giveaway', 'question_responses', 'participant_addons', 'registration_notes'),
    last_modified: `i.source_updated_at AT TIME ZONE 'UTC'`,
  },
  cleared: {
    chip_num: 'true',
    age: 'true',
    middle_name: USER_WAS_SENT,
    address: USER_WAS_SENT,
    profile_image_url: USER_WAS_SENT,
  },
}

const TABLES: Readonly<Record<ProviderName, ParticipantTable>> = {
  haku: hakuParticipants,
  runsignup: runsignupParticipants,
}

/** The participants table of a provider. */
export const participantTable = (provider: ProviderName): ParticipantTable => TABLES[provider]

/** Whether a row of the table is of this list. @param alias of the table in the statement */
export const inList = (
  { list, listType }: ParticipantTable,
  listId: string,
  alias = 'p',
): RawBuilder<unknown> => sql`${sql.ref(`${alias}.${list}`)} = ${listId}::${sql.raw(listType)}`

/** Whether a row is of one of these events; where a list is one event's, each of its rows is. */
export function inEvents(
  { content }: ParticipantTable,
  events: readonly string[],
  alias = 'p',
): RawBuilder<unknown> {
  if (content.event_id === null) return sql`true`
  const { column, type } = content.event_id
  return sql`${sql.ref(`${alias}.${column}`)} = ANY (${events}::${sql.raw(type)}[])`
}

/** A text as the table's registration numbers are. */
export const asKey = ({ keyType }: ParticipantTable, key: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`${key}::${sql.raw(keyType)}`

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
