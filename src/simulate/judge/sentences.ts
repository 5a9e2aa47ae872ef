import { lengthText } from '../lengths.ts'
import type { Figures } from './figures.ts'

/** What was done with the calls that polls left, in sentences for people. */
export function leftoverSentences({ batches, backfill }: Figures): string[] {
  const sentences = batches.map(
    ({ event, count, stored, tookMs, leastMs }) =>
      `${stored} of ${count} bibs of ${event}, given in one second, stored after ${lengthText(tookMs)}; the least possible is ${lengthText(leastMs)}.`,
  )
  if (backfill === null) return sentences
  const { used, left } = backfill
  return [...sentences, `The backfill used ${used} of the ${Math.round(left)} calls that polls left.`]
}
