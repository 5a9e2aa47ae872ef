import type { Freshness } from '../view/board.ts'
import { instant } from './client.ts'
import type { components } from './schema.d.ts'

/** How fresh a list is, and is meant to be. */
export function freshnessOf(of: components['schemas']['Freshness']): Freshness {
  return {
    polledAt: instant(of.polledAt),
    every: of.stretchedTo ?? of.every,
    nextAt: instant(of.nextAt),
    isLate: of.late,
    isStretched: of.stretchedTo !== null,
    bibsAsOf: instant(of.bibsAsOf),
    bibLimit: of.bibLimit,
    areBibsLate: of.bibsLate,
    pending: of.pending,
  }
}
