import { SLOT_MS } from './demand.ts'

/**
 * May a call be spent that no poll needs (P2)? Only if the polls of the next 60 minutes still find room after it: at
 * every instant t, the calls that are in the window at t, the polls begun until t and this call stay within the room.
 * @param window calls in the window `now`, and when each leaves it, ascending, ms since the epoch
 * @param polls begun by the end of each slot of the next hour, see `pollsBySlot`
 * @param room calls in 60 minutes that may be spent at all: limit, less reserve, less what is kept for upkeep
 */
export function isSpare(
  window: { now: number; count: number; leaves: readonly number[] },
  polls: readonly number[],
  room: number,
): boolean {
  let left = 0
  for (const [slot, begun] of polls.entries()) {
    const at = window.now + slot * SLOT_MS
    while (left < window.leaves.length && (window.leaves[left] as number) <= at) left++
    if (window.count - left + begun + 1 > room) return false
  }
  return true
}
