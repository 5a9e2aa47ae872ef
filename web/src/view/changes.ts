/** The change feed, line by line. Pure. */
import type { Change, ChangeKind } from './race.ts'
import { value } from './words.ts'

/** Each kind in a word; its shape is the icon of the same name. */
export const KIND_TEXTS: Record<ChangeKind, string> = {
  added: 'Added',
  changed: 'Changed',
  cancelled: 'Cancelled',
  removed: 'Removed',
  restored: 'Restored',
  transferred: 'Transferred',
  deferred: 'Deferred',
  adopted: 'Adopted',
}

/** What a timer has to act on stands first in a line; the rest follows as it came. */
const FIRST = [
  'bib_number',
  'bib',
  'registration_status',
  'categories',
  'category',
  'wave',
  'corral',
  'chip_number',
]

/** Not for a screen that others may look at: counted, not told. */
const PERSONAL = new Set(['emergency_contact', 'phone', 'email', 'special_requirements'])
/** Where the effective bib comes from: not told beside the bib itself. */
const BEHIND_THE_BIB = new Set(['provider_bib', 'local_bib'])
/** Fields that one line has room for. */
const MOST = 4

/** Which columns a line tells, the most important ones first: for somebody new or gone the line itself says it all. */
export function shownFields({ kind, fields }: Change): { told: Change['fields']; more: number } {
  if (kind === 'added' || kind === 'adopted' || kind === 'removed') return { told: [], more: 0 }
  const rank = (field: string) => {
    const place = FIRST.indexOf(field)
    return place === -1 ? FIRST.length : place
  }
  // Two lists that read the same differ in what nobody sees here.
  const differing = fields.filter(({ from, to }) => value(from) !== value(to))
  const hasBib = differing.some(({ field }) => field === 'bib_number' || field === 'bib')
  const seen = differing.filter(({ field }) => !(hasBib && BEHIND_THE_BIB.has(field)))
  const tellable = seen.filter(({ field }) => !PERSONAL.has(field))
  const told = tellable.sort((a, b) => rank(a.field) - rank(b.field)).slice(0, MOST)
  const hidden = fields.filter(({ field }) => PERSONAL.has(field)).length
  return { told, more: tellable.length - told.length + hidden }
}
