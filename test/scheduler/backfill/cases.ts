import type { VirtualClock } from '../../../src/domain/clock.ts'
import type { Traits } from '../../../src/simulator/index.ts'
import type { Db } from '../../../src/store/database.ts'
import { setScene } from './scene.ts'

/** The two cases that the older system's backfills were measured by. */
export interface BackfillCase {
  name: string
  /** registrations of each event, soonest first; the order has nothing to do with the size */
  sizes: readonly number[]
  traits: Partial<Traits>
}

/** 220 participants in 26 events, a call for each. */
export const SMALL: BackfillCase = {
  name: '26 events with 220 participants, a detail each',
  sizes: [3, 12, 7, 25, 1, 9, 4, 15, 2, 8, 6, 11, 5, 14, 3, 10, 7, 9, 13, 2, 8, 6, 12, 4, 16, 8],
  traits: {},
}

/** 43 events, 26 of them small and 17 of `large`, in lists of whole registrations or with a call each. */
export function mixed(large: number, lists: 'whole' | 'thin'): BackfillCase {
  return {
    name: `43 events, 17 of ${large}, ${lists === 'whole' ? 'whole lists' : 'a detail each'}`,
    sizes: Array.from({ length: 43 }, (_, i) => ((i * 17) % 43 < 17 ? large : 2 + (i % 9))),
    traits: lists === 'whole' ? { registrationsList: 'whole' } : {},
  }
}

export interface CaseResult {
  calls: number
  list: number
  detail: number
  endProofs: number
  lowerBound: number
  /** list and detail calls, without the proofs of lists' ends, against the fewest */
  ratio: number
  /** calls until the first registration was stored */
  firstNames: number
  /** events of up to 100 registrations that were done before the first larger one, and how many there are */
  smallFirst: number
  small: number
  /** hours of the provider's time that it took at 500 calls an hour and 1.5 s from call to call */
  hours: number
  /** what is stored and not true */
  wrong: string[]
  left: number
}

/** Plays a case on a virtual clock, against a simulated Haku of pages of 100 and 500 calls an hour. */
export async function playCase(
  db: Db,
  clock: VirtualClock,
  { sizes, traits }: BackfillCase,
): Promise<CaseResult> {
  const scene = await setScene(db, clock, { sizes, traits })
  const began = clock.now()
  let firstNames = 0
  try {
    const { haku } = scene.installation
    scene.installation.services.onPage = ({ inserted }) => {
      if (firstNames === 0 && inserted > 0) firstNames = haku.calls.last
    }
    const request = { processLarge: true }
    const { tally, left } = await scene.backfill(request)
    const { calls, byPurpose, endProofs, lowerBound } = tally.counts()
    if (calls !== haku.calls.last)
      throw new Error(`${calls} calls in the ledger, ${haku.calls.last} at the provider`)
    const { list = 0, detail = 0 } = byPurpose
    const order = tally.finished.map((id) => sizes[scene.eventIds.indexOf(id)] ?? 0)
    const firstLarge = order.findIndex((size) => size > 100)
    return {
      ...{ calls, list, detail, endProofs, lowerBound, firstNames },
      ratio: (list + detail - endProofs) / lowerBound,
      smallFirst: firstLarge === -1 ? order.length : firstLarge,
      small: sizes.filter((size) => size <= 100).length,
      hours: (clock.now() - began) / 3_600_000,
      wrong: await scene.wrong(),
      left: left.length,
    }
  } finally {
    await scene.installation.stop()
  }
}

/** What the promise of the fewest calls comes to. */
export function faultsOf({ sizes }: BackfillCase, result: CaseResult): string[] {
  const { ratio, endProofs, smallFirst, small, left, wrong, firstNames } = result
  const faults = wrong.slice(0, 5)
  if (ratio > 1.02) faults.push(`${ratio} times the fewest calls`)
  if (endProofs > sizes.length) faults.push(`${endProofs} proofs of ${sizes.length} ends`)
  if (smallFirst < small) faults.push(`only ${smallFirst} of ${small} small events were done first`)
  if (left > 0) faults.push(`${left} events are left`)
  // A token, the events and their end, a list; learning an account's better list may take one more.
  if (firstNames > 5) faults.push(`first names after ${firstNames} calls`)
  return faults
}
