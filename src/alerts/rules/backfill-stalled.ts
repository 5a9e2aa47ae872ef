import { type WaitingBackfill, waitingBackfills } from '../../store/alerts/facts.ts'
import { type Alert, instantText, rule } from '../rule.ts'

/** A spent quota leaves spare calls within hours; after this something else is in the way. */
const STALLED_MS = 6 * 3_600_000

/** Events wait for their first sweep, and none of the account has moved for hours. */
export const backfillStalled = rule({
  name: 'backfill-stalled',
  every: 5 * 60_000,
  read: ({ db }) => waitingBackfills(db),
  judge: judgeBackfills,
})

export function judgeBackfills(backfills: readonly WaitingBackfill[], now: number): Alert[] {
  return backfills
    .filter(
      ({ waitingSince, movedAt }) => now - Math.max(waitingSince, movedAt ?? waitingSince) >= STALLED_MS,
    )
    .map(({ accountId, events, waitingSince, movedAt }) => ({
      key: `backfill-stalled:${accountId}`,
      message: `${events} events of account ${accountId} wait for their first sweep, and nothing has been read since ${instantText(movedAt ?? waitingSince)}`,
      hint: 'startlist quota shows what the calls go to; startlist backfill reads them now.',
    }))
}
