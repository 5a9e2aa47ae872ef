import { FORGOTTEN } from '../domain/personal-data.ts'
import type { Db } from '../store/database.ts'
import {
  countListed,
  emptyList,
  finishList,
  listsPastRetention,
  lockList,
  type RetiredList,
} from '../store/retention.ts'

/** What retention came to. */
export interface Retired {
  lists: number
  registrations: number
}

const BATCH = 1_000
const EMPTYING = { columns: FORGOTTEN.columns, strip: FORGOTTEN.raw }

/**
 * Takes people out of events that have been over for as long as their timing partner keeps them: rows stay with number,
 * bib and status, as of who was forgotten. Each batch is a transaction, and what is cut off goes on next time.
 * @param options.defaultDays for timing partners that have not decided; 0 keeps for ever
 * @param options.dryRun counts only
 */
export async function applyRetention(
  db: Db,
  { defaultDays, dryRun = false, signal }: { defaultDays: number; dryRun?: boolean; signal?: AbortSignal },
): Promise<Retired> {
  const retired: Retired = { lists: 0, registrations: 0 }
  for (const list of await listsPastRetention(db, defaultDays)) {
    if (signal?.aborted) break
    retired.registrations += dryRun ? await countListed(db, list) : await empty(db, list)
    retired.lists++
  }
  return retired
}

async function empty(db: Db, list: RetiredList): Promise<number> {
  let total = 0
  for (let after: number | null = 0; after !== null; ) {
    const from: number = after
    const batch = await db.transaction().execute(async (trx) => {
      if (!(await lockList(trx, list))) return { count: 0, next: null }
      const emptied = await emptyList(trx, list, EMPTYING, { after: from, limit: BATCH })
      if (emptied.next === null) await finishList(trx, list, EMPTYING)
      return emptied
    })
    total += batch.count
    after = batch.next
  }
  return total
}
