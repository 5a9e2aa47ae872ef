import { checkFence } from '../store/lanes.ts'
import { isUnverified } from './adopted.ts'
import type { AccountContext, EventContext } from './context.ts'
import { asStored } from './merge.ts'
import { writeRows } from './write-rows.ts'

/** Rows that one transaction settles: memory must not grow with an event. */
const BATCH = 500

/**
 * Leaves one row of registrations that the older system put into a second event of their list. A page settles those that
 * it lists; a sweep judges by its rows who is absent, also in events that it did not read, and must not find them twice.
 */
export async function settleDoubled(
  account: AccountContext,
  event: EventContext,
  keys: readonly string[],
): Promise<void> {
  for (let from = 0; from < keys.length; from += BATCH)
    await account.db.transaction().execute(async (trx) => {
      await checkFence(trx, account.account.accountId, account.fence)
      for (const holder of event.holders) {
        const target = { ...event, holder: holder.holder, runId: await holder.run(trx), onlyChanged: true }
        const counts = await writeRows(trx, target, keys.slice(from, from + BATCH), (_, before) =>
          before === null || isUnverified(before) ? null : asStored(before),
        )
        holder.counts.updated += counts.updated
      }
    })
}
