/** How a list was kept over the last hours, slot by slot. Pure. */

import { duration } from './times.ts'

/** What the slots of a strip are together. */
const SPAN_MS = 6 * 3_600_000

/** `none`: it was not looked after, or not known yet. */
export type Slot = 'kept' | 'late' | 'none'

/** One sentence for the whole strip: `always on time`, `late for 20 min in all`. */
export function stripText(slots: readonly Slot[]): string {
  const seen = slots.filter((slot) => slot !== 'none')
  const late = seen.filter((slot) => slot === 'late').length
  if (seen.length === 0) return 'not looked after yet'
  if (late === 0) return 'always on time'
  return late === seen.length
    ? 'late all the time'
    : `late for ${duration((late / slots.length) * SPAN_MS)} in all`
}
