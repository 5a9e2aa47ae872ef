import { codeOf } from '../domain/errors.ts'
import type { Db, Trx } from '../store/database.ts'
import { foldFailedPass, foldQuietPoll, openRun, type RunCounts, updateRun } from '../store/history.ts'
import type { EventContext, LaneContext } from './context.ts'

/** History rows of one run, a row per timing partner; calls of a shared account stand on the lowest partner id. */

/** Brings the open rows up to date in the transaction of their page; a sweep's row is open from its first page on. */
export async function recordPage(trx: Trx, account: LaneContext, event: EventContext): Promise<void> {
  countCalls(account, event)
  for (const holder of event.holders) await updateRun(trx, await holder.run(trx), holder.counts)
}

/** Closes the rows of a run that ended well. A quiet poll leaves no row of its own, but counts in its hour's (D5). */
export async function closeRuns(
  trx: Trx,
  account: LaneContext,
  event: EventContext,
  end: { quietPoll: boolean; complete: boolean; held?: boolean },
): Promise<void> {
  countCalls(account, event)
  for (const holder of event.holders) {
    const at = { provider: event.at.provider, partnerId: holder.holder.partnerId, eventId: event.eventId }
    if (end.quietPoll && holder.runId === null && isQuiet(holder.counts)) {
      if (await foldQuietPoll(trx, at, holder.counts)) continue
    }
    await updateRun(trx, await holder.run(trx), holder.counts, {
      status: end.held ? 'partial' : 'success',
      complete: end.complete,
    })
  }
}

/**
 * Closes the rows of a run that failed; opens one where nothing was stored yet, so that no failure is silent. The same
 * failure again within the hour counts in its row: an outage does not grow the table by a row a minute (D5).
 */
export async function failRuns(
  db: Db,
  account: LaneContext,
  event: EventContext,
  error: unknown,
): Promise<void> {
  countCalls(account, event)
  const code = codeOf(error)
  for (const holder of event.holders) {
    const at = { provider: event.at.provider, partnerId: holder.holder.partnerId, eventId: event.eventId }
    if (holder.runId === null && (await foldFailedPass(db, at, code, holder.counts))) continue
    const runId =
      holder.runId ??
      (await openRun(db, {
        event: at,
        accountId: event.at.accountId,
        kind: event.kind,
      }))
    holder.runId = runId
    await updateRun(db, runId, holder.counts, {
      status: 'failed',
      complete: false,
      errorCode: code,
      errorDetails: code,
    })
  }
}

/** Calls since this run began belong to the first holder, so that sums over partners are true. */
function countCalls(account: LaneContext, event: EventContext): void {
  const [first] = event.holders
  if (first) first.counts.calls = account.calls() - event.callsBefore
}

function isQuiet(counts: RunCounts): boolean {
  return counts.inserted + counts.updated + counts.removed + counts.rejected + counts.refused === 0
}
