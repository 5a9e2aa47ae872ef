import type { Json } from '../domain/json.ts'
import type { Change } from '../domain/row.ts'

/**
 * Puts feed entries of one page, or of one file of bibs, into an order in which a bib is freed before it is given to another, so that a reader
 * who applies them one by one never has two runners with one bib. Pure. Otherwise the order stays. Where bibs go
 * round in a circle, as in a swap, no such order exists.
 */
export function freedFirst(changes: readonly Change[]): Change[] {
  const frees = new Map<Json, Change>()
  for (const change of changes) {
    const [old, now] = change.fields.bib_number ?? [null, null]
    if (old !== null && old !== now) frees.set(old, change)
  }
  if (frees.size === 0) return [...changes]
  const ordered = new Set<Change>()
  for (const change of changes) {
    // From this one up the chain: who frees the bib that it takes, who frees the bib that that one takes, ...
    const chain = new Set<Change>()
    let next: Change | undefined = change
    while (next !== undefined && !ordered.has(next) && !chain.has(next)) {
      chain.add(next)
      const taken: Json = next.fields.bib_number?.[1] ?? null
      next = taken === null ? undefined : frees.get(taken)
    }
    for (const link of [...chain].reverse()) ordered.add(link)
  }
  return [...ordered]
}
