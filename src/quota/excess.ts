/** The ledger against the provider's own count. Pure. */

/** Calls by which a true provider may be ahead: those under way when it counted. */
const SLACK = 2

/**
 * By how many calls the provider's count of the hour exceeds ours: calls that the ledger does not know, mostly those of
 * another program on the same client id (L5). A provider that counts fewer, by a fixed hour or without token calls,
 * is never ahead.
 * @param told calls that its headers claim were used
 * @param counted calls of the ledger that were in the window then
 * @param setAside calls that other programs are known to make
 * @returns 0 where they agree
 */
export function excessOf({
  told,
  counted,
  setAside,
}: {
  told: number
  counted: number
  setAside: number
}): number {
  const excess = told - counted - setAside
  return excess > SLACK ? excess : 0
}
