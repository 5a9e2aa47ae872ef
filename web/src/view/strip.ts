/** How a list was kept over the last hours, slot by slot. Pure. */

/** `none`: it was not looked after, or not known yet. */
export type Slot = 'kept' | 'late' | 'none'

/** One sentence for the whole strip: `always on time`, `late in 2 of 72 slots`. */
export function stripText(slots: readonly Slot[]): string {
  const seen = slots.filter((slot) => slot !== 'none')
  const late = seen.filter((slot) => slot === 'late').length
  if (seen.length === 0) return 'not looked after yet'
  if (late === 0) return 'always on time'
  return late === seen.length
    ? 'late all the time'
    : `late for ${Math.ceil((late / seen.length) * 100)} % of it`
}
