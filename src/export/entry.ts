import { createHash } from 'node:crypto'
import type { Category, RegistrationStatus } from '../domain/participant.ts'
import type { AskedLine, LineField } from '../domain/start-list.ts'

/** What a row of a file is: a registration, or one of the categories that it is entered in. */
export const ROWS = ['registration', 'entry'] as const
export type Rows = (typeof ROWS)[number]

/** One row of a file, before it is written. */
export interface Entry {
  /** Stable, unique, and never the bib. */
  id: string
  line: AskedLine
  bib: string | null
  chip: string | null
  category: string | null
  wave: string | null
  corral: string | null
  /** `moved`: to another event of the same list. `left`: this category alone. */
  status: RegistrationStatus | 'moved' | 'left'
}

/** Fields that entries are made of, whatever the columns. */
export const ENTRY_FIELDS: Readonly<Record<Rows, readonly LineField[]>> = {
  registration: [
    'registration',
    'status',
    'eventId',
    'bib',
    'chip',
    'category',
    'wave',
    'corral',
    'categories',
  ],
  entry: ['providerBib', 'formerCategories'],
}

/** What makes entries of lines. */
export interface EntryRules {
  rows: Rows
  /** Before each id; empty for none. */
  namespace: string
  /** The event that was asked for; null where the list is asked for as a whole. */
  eventId: string | null
  which: 'listed' | 'withdrawn'
}

/**
 * The rows of a registration. An id depends on the registration and the category alone: a bib, a name, another category
 * beside it never change it. So a registration whose categories are not known yet has no entries: it would change its
 * id as soon as they are.
 */
export function entriesOf(line: AskedLine, { rows, namespace, eventId, which }: EntryRules): Entry[] {
  const id = namespace + line.registration
  const status = line.status ?? 'active'
  const hasMoved = which === 'withdrawn' && eventId !== null && line.eventId !== eventId
  const { bib = null, chip = null, category = null, wave = null, corral = null } = line
  const whole: Entry = { id, line, bib, chip, category, wave, corral, status: hasMoved ? 'moved' : status }
  const isSingle = rows === 'registration' || line.categories?.length === 0
  const isGone = whole.status !== 'active'
  if (isSingle) return (which === 'withdrawn') === isGone ? [whole] : []
  const { categories, formerCategories } = line
  const entered = byId((categories ?? []).filter(({ left }) => !left).map((one) => categoryEntry(whole, one)))
  if (which === 'listed') return entered
  const had = byId(
    [...(categories ?? []), ...(formerCategories ?? [])].map((one) => categoryEntry(whole, one)),
  )
  if (isGone) return had
  const kept = new Set(entered.map((entry) => entry.id))
  return had.filter((entry) => !kept.has(entry.id)).map((entry) => ({ ...entry, status: 'left' }))
}

function categoryEntry(whole: Entry, { id, name, bib, chip, wave, corral }: Category): Entry {
  const { line } = whole
  // A local bib in force is a person's word for the registration as a whole.
  const isLocal = line.bib !== line.providerBib
  return {
    ...whole,
    id: `${whole.id}-${id ?? shortHash(name ?? '')}`,
    bib: isLocal ? whole.bib : (bib ?? whole.bib),
    chip: chip ?? whole.chip,
    category: name ?? whole.category,
    wave: wave ?? (line.categories?.length === 1 ? whole.wave : null),
    corral: corral ?? (line.categories?.length === 1 ? whole.corral : null),
  }
}

/** A category that is named twice is one entry. */
function byId(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>()
  return entries.filter(({ id }) => !seen.has(id) && seen.add(id))
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)
