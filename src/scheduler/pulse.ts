/** Do turns go on? For whoever watches a process from outside. Instants in ms since the epoch. */
export interface Pulse {
  /** When the earliest waiting turn is due; null when none waits. */
  dueAt: number | null
  /** When this process last ended a turn; null when it has ended none. */
  lastTurnAt: number | null
}

/** A turn ends within half a minute; even one that waits for others is taken within this, ms. */
const PATIENCE_MS = 120_000

/** Has a turn been due for two minutes without any having ended since? An idle process is not stalled. */
export function isStalled({ dueAt, lastTurnAt }: Pulse, now: number): boolean {
  const isOverdue = dueAt !== null && now - dueAt > PATIENCE_MS
  return isOverdue && (lastTurnAt === null || now - lastTurnAt > PATIENCE_MS)
}
