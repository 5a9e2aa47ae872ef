import type { Json } from './json.ts'
import type { RawParticipant } from './participant.ts'
import type { Content, StoredRow } from './row.ts'

/** Which of a person's data are kept. Pure; what is not kept is in no column and nowhere in `raw_data`. */

/** Parts of a registration that may be left out, the columns that they fill, and their names in providers' records. */
const PARTS = {
  contact: {
    columns: ['email', 'phone'],
    keys: /^(email|phone|profile_image_url|strava_athlete_identification)$/,
  },
  birth: { columns: ['date_of_birth'], keys: /^dob$/ },
  address: { columns: ['nationality'], keys: /^address$/ },
  emergency: { columns: ['emergency_contact'], keys: /^emergency_contact/ },
  payment: {
    columns: ['payment_status', 'amount_paid'],
    keys: /^(transaction_amount|amount_paid|payment_status|offline_payment_amount|products|extra_fees|(race|partner|processing)_fee.*)$/,
  },
  answers: {
    columns: ['special_requirements'],
    keys: /^(additional_questions|question_responses|registration_notes|special_requirements|notes|comments?)$/,
  },
  device: { columns: [], keys: /^(device|browser|browser_version|os|os_version|ip(_address)?|user_agent)$/ },
} as const satisfies Record<string, { columns: readonly (keyof Content)[]; keys: RegExp }>

export type Part = keyof typeof PARTS
const NAMES = Object.keys(PARTS) as Part[]

/** Of use to nobody who times a race: what people were asked in free text, and what they registered with. */
const LEFT_OUT_BY_DEFAULT: readonly Part[] = ['answers', 'device']
export const KEPT_BY_DEFAULT: readonly Part[] = NAMES.filter((part) => !LEFT_OUT_BY_DEFAULT.includes(part))

/**
 * Reads a list of parts to keep: names with commas between them, `all`, or `none`.
 * @returns null when a name is unknown
 */
export function parseParts(text: string): Part[] | null {
  if (text.trim() === 'all') return NAMES
  if (text.trim() === 'none') return []
  const named = text.split(',').map((name) => name.trim())
  return named.every((name) => (NAMES as string[]).includes(name))
    ? NAMES.filter((part) => named.includes(part))
    : null
}

/** Parts as {@link parseParts} reads them. */
export function partsText(parts: readonly Part[]): string {
  return parts.length === 0 ? 'none' : parts.join(',')
}

/** Keeps data out of what is stored. What needs no change is returned itself, not a copy. */
export interface Screen {
  /** columns that stay empty */
  columns: readonly (keyof Content)[]
  raw(raw: RawParticipant): RawParticipant
  record<T extends Json>(record: T): T
  row(row: StoredRow): StoredRow
}

/**
 * The screen of a timing partner.
 * @param kept as it is stored; null, and what another release wrote, is the default
 */
export function screenOf(kept: string | null): Screen {
  const parts = (kept === null ? null : parseParts(kept)) ?? KEPT_BY_DEFAULT
  const left = NAMES.filter((part) => !parts.includes(part)).map((part) => PARTS[part])
  const isLeftOut = (key: string) => left.some(({ keys }) => keys.test(key))
  return screen(
    left.flatMap(({ columns }) => columns),
    (value) => without(value, isLeftOut),
  )
}

/** What remains of somebody who was forgotten: number, bib, chip, start, money and status; nothing of the person. */
export const FORGOTTEN: Screen = screen(
  [
    ...['first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'gender', 'nationality'],
    ...['emergency_contact', 'team_affiliation', 'listed_age', 'age_on_race_day', 'special_requirements'],
  ] as (keyof Content)[],
  impersonal,
)

/** Names in records that tell of a registration and of nobody. */
const IMPERSONAL =
  /^(registration_(number|id|date)|event_id|listed_under_event_id|updated_at|created_at|registered_at|last_modified(_ts)?|is_cancelled|cancelled_at|is_active|event_categories|event_category_info|id|name|master_name|participation_option|tag_number|chip_(number|num)|bib_num|wave(_name|_code)?|corrals?|corral_(id|name)|race_corral_name|transaction_amount|amount_paid|payment_status|removed_reason|new_registration_id)$/
/** Objects of a person: they stay, empty, so that they are seen to say nothing rather than to be broken. */
const PERSONS = new Set(['participant', 'user'])

function impersonal(value: Json): Json {
  if (Array.isArray(value)) return value.map(impersonal)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, Json][] => {
      if (PERSONS.has(key)) return [[key, {}]]
      return IMPERSONAL.test(key) ? [[key, impersonal(member)]] : []
    }),
  )
}

function without(value: Json, isLeftOut: (key: string) => boolean): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => without(item, isLeftOut))
    return items.every((item, i) => item === value[i]) ? value : items
  }
  const entries = Object.entries(value)
  const kept = entries
    .filter(([key]) => !isLeftOut(key))
    .map(([key, member]): [string, Json] => [key, without(member, isLeftOut)])
  const isSame = kept.length === entries.length && kept.every(([, member], i) => member === entries[i]?.[1])
  return isSame ? value : Object.fromEntries(kept)
}

function screen(columns: readonly (keyof Content)[], strip: (value: Json) => Json): Screen {
  const record = <T extends Json>(value: T) => strip(value) as T
  const raw = (value: RawParticipant): RawParticipant => {
    const list = value.list && record(value.list)
    const detail = value.detail && record(value.detail)
    return list === value.list && detail === value.detail ? value : { list, detail }
  }
  return {
    columns,
    raw,
    record,
    row(row) {
      const filled = columns.filter((column) => row[column] !== null)
      const rawData = row.raw_data && raw(row.raw_data)
      if (filled.length === 0 && rawData === row.raw_data) return row
      return { ...row, ...Object.fromEntries(filled.map((column) => [column, null])), raw_data: rawData }
    },
  }
}
