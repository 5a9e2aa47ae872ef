import { FORGOTTEN } from '../domain/personal-data.ts'
import type { Db } from '../store/database.ts'
import { erase, unmetForgotten } from '../store/forgotten.ts'
import { endShadow } from '../store/shadow/end.ts'
import type { MergedTable } from '../store/shadow/merge.ts'

/**
 * Ends the shadow: what was stored in it goes into the legacy tables, without a call. Who was forgotten meanwhile is
 * taken out of the rows that only the older system knew.
 *
 * @returns rows written by table, and bibs of the legacy tables that became local ones; null when there is no shadow
 */
export function goLive(db: Db): Promise<{ merged: MergedTable[]; localBibs: number } | null> {
  return endShadow(db, async (trx) => {
    for (const provider of ['haku', 'runsignup'] as const) {
      const keys = await unmetForgotten(trx, provider)
      if (keys.length > 0)
        await erase(trx, { provider, keys }, { columns: FORGOTTEN.columns, strip: FORGOTTEN.raw })
    }
  })
}
