import type { Json } from '../../domain/json.ts'
import type { Category, ParticipantFields } from '../../domain/participant.ts'
import type { FieldReader } from '../field-reader.ts'
import { isObject } from '../records.ts'
import { flag, label } from '../schemas.ts'

/** What a registration's categories say, for the row as a whole. */
export interface CategoryFields {
  /** All of them, in the provider's order; null when the record has no such list. */
  categories: Category[] | null
  /** Where a category's name may stand, active ones before others. */
  names: (Json | undefined)[]
  providerBib: string | null
  chipNumber: string | null
  wave: string | null
  corral: string | null
}

/**
 * Reads `event_categories`: a registration may have several (F1), and all are kept. The bib is the first non-empty
 * `tag_number` and never a `chip_number`; active categories go before others. Wave and corral are those of the first
 * category that has them: of one that was left only where all were, for they are where in a race somebody starts.
 */
export function readCategories(
  value: Json | undefined,
  reader: FieldReader<keyof ParticipantFields>,
): CategoryFields {
  const fields: CategoryFields = {
    categories: null,
    names: [],
    providerBib: null,
    chipNumber: null,
    wave: null,
    corral: null,
  }
  if (value === undefined || value === null) return fields
  if (!Array.isArray(value)) {
    for (const field of ['categories', ...IN_CATEGORIES] as const) reader.note(field, 'not a list', value)
    return fields
  }
  const records = value.filter(isObject)
  if (records.length < value.length) reader.note('categories', 'not a list of objects', value)
  const isLeft = (record: { is_active?: Json }) => flag.safeParse(record.is_active).data === false
  fields.categories = records.map((record) => ({
    id: readable(record.id),
    name: readable(record.name) ?? readable(record.master_name),
    bib: readable(record.tag_number),
    chip: readable(record.chip_number),
    wave: readable(record.wave_name) ?? readable(record.wave_code),
    corral: readable(record.corral_name),
    ...(isLeft(record) ? { left: true as const } : {}),
  }))
  const ordered = records.toSorted((a, b) => Number(isLeft(a)) - Number(isLeft(b)))
  const present = ordered.some((record) => !isLeft(record)) ? ordered.filter((r) => !isLeft(r)) : ordered
  const placesIn = (some: typeof ordered, keys: string[]) =>
    some.flatMap((record) => keys.map((key) => record[key]))
  const places = (...keys: string[]) => placesIn(ordered, keys)
  fields.names = places('name', 'master_name')
  fields.providerBib = reader.read('providerBib', label, ...places('tag_number'))
  fields.chipNumber = reader.read('chipNumber', label, ...places('chip_number'))
  fields.wave = reader.read('wave', label, ...placesIn(present, ['wave_name', 'wave_code']))
  fields.corral = reader.read('corral', label, ...placesIn(present, ['corral_name']))
  if (records.length < value.length) {
    for (const field of IN_CATEGORIES)
      if (fields[field] === null) reader.note(field, 'not a list of objects', value)
  }
  return fields
}

/** Fields that can be read from categories alone: where those cannot be read, they are not empty but unknown (D2). */
const IN_CATEGORIES = ['providerBib', 'chipNumber', 'wave', 'corral'] as const

/** The value, or null where it is unreadable too: that is noted once, for the row. */
function readable(value: Json | undefined): string | null {
  return label.safeParse(value).data ?? null
}
