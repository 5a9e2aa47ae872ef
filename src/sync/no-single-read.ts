import type { Trx } from '../store/database.ts'
import { anyDetail } from '../store/participants/any-detail.ts'
import type { EventContext } from './context.ts'
import { asStored, type News } from './merge.ts'
import type { Pass } from './pass.ts'
import { writeRows } from './write-rows.ts'

/**
 * Where registrations cannot be asked for one by one, whoever is absent from two finished sweeps is removed (A1). A route
 * that has answered before is not missing but out of order: then nobody is removed for it.
 */
export async function countAbsences(
  trx: Trx,
  event: EventContext,
  keys: readonly string[],
  { drifted }: Pass,
): Promise<void> {
  // A list that moved while it was read may have passed over them.
  if (drifted) return
  for (const holder of event.holders) {
    const at = { partnerId: holder.holder.partnerId, eventId: event.eventId }
    if (await anyDetail(trx, event.shape, at)) continue
    const target = { ...event, holder: holder.holder, runId: await holder.run(trx) }
    const counts = await writeRows(trx, target, keys, (_, before): News | null => {
      if (before === null || before.removed_at !== null) return null
      const absent = { ...asStored(before), absences: before.absences + 1 }
      return absent.absences < 2 ? absent : { ...absent, removal: { note: 'absent from two sweeps' } }
    })
    holder.counts.removed += counts.removed
  }
}
