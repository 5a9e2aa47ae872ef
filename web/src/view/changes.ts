/** The change feed, line by line. Pure. */
import type { Change, ChangeKind } from './race.ts'

/** A shape and a word beside the colour. */
export const KIND_TEXTS: Record<ChangeKind, { shape: string; text: string }> = {
  added: { shape: '+', text: 'Added' },
  changed: { shape: '~', text: 'Changed' },
  cancelled: { shape: '−', text: 'Cancelled' },
  removed: { shape: '✕', text: 'Removed' },
  restored: { shape: '↺', text: 'Restored' },
  transferred: { shape: '⇄', text: 'Transferred' },
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
  if (kind !== 'changed' && kind !== 'transferred') return []
  const rank = (field: string) => {
    const place = FIRST.indexOf(field)
    return place === -1 ? FIRST.length : place
  }
  return [...fields].sort((a, b) => rank(a.field) - rank(b.field))
}
