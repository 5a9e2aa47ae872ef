/** The change feed, line by line. Pure. */
import type { Change, ChangeKind } from './race.ts'

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

/** Which columns a line tells: for somebody new or gone the line itself says it all. */
export function shownFields({ kind, fields }: Change): readonly Change['fields'][number][] {
  if (kind === 'added' || kind === 'adopted' || kind === 'removed') return []
  const rank = (field: string) => {
    const place = FIRST.indexOf(field)
    return place === -1 ? FIRST.length : place
  }
  return [...fields].sort((a, b) => rank(a.field) - rank(b.field))
}
