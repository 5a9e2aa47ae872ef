import { screenOf } from '../domain/personal-data.ts'
import { sqlState } from '../store/database-error.ts'
import { setDerivedFrom, setHolderState } from '../store/events.ts'
import { leaveOutOfFeed, leaveOutOfFreezes } from '../store/forgotten.ts'
import { checkFence } from '../store/lanes.ts'
import { readBatch } from '../store/participants/read.ts'
import type { EventContext, HolderContext, LaneContext } from './context.ts'
import { asStored } from './merge.ts'
import { retryHolder } from './rejects.ts'
import { writeRows } from './write-rows.ts'

/** Work on rows that are stored already. None of it costs a call. */

const BATCH = 500

/** What an event's rows are computed with, and by what they are screened: when it changes, so may they (F5). */
function derivation(event: EventContext, { holder }: HolderContext): string {
  return JSON.stringify([
    event.settings.mappingVersion,
    holder.raceDay,
    holder.bibAuthority,
    holder.keptParts,
  ])
}

/**
 * Maps stored rows again where the mapping, the race day or the bib authority changed since they were written (F5).
 * A timing partner whose rows cannot be written does not keep the others from theirs (S2).
 */
export async function recompute(account: LaneContext, event: EventContext): Promise<void> {
  for (const holder of event.holders) {
    const now = derivation(event, holder)
    if (holder.holder.derivedFrom === now) continue
    const from = holder.holder.derivedFrom
    if (from !== null && !(await isWritten(event, () => mapAgain(account, event, holder)))) continue
    await account.db
      .transaction()
      .execute((trx) => setDerivedFrom(trx, { ...event.at, partnerId: holder.holder.partnerId }, now))
    holder.holder.derivedFrom = now
  }
}

async function mapAgain(account: LaneContext, event: EventContext, holder: HolderContext): Promise<void> {
  await copyRows(account, event, holder, holder, true)
  const { columns } = screenOf(holder.holder.keptParts)
  const at = { ...event.at, partnerId: holder.holder.partnerId }
  await account.db.transaction().execute(async (trx) => {
    await leaveOutOfFreezes(trx, at, columns)
    await leaveOutOfFeed(trx, at, columns)
  })
  await retryHolder(account, event, holder)
}

/**
 * Brings holders that are behind level with a current sibling by copying what the provider said, never local bibs and
 * never the feed's past (S2).
 */
export async function level(account: LaneContext, event: EventContext): Promise<void> {
  const sibling = event.holders.find((h) => h.holder.state === 'current')
  if (sibling === undefined) return
  for (const holder of event.holders) {
    if (holder.holder.state === 'current') continue
    if (!(await isWritten(event, () => copyRows(account, event, sibling, holder, false)))) continue
    await account.db
      .transaction()
      .execute((trx) =>
        setHolderState(trx, { ...event.at, partnerId: holder.holder.partnerId }, 'current', null),
      )
    holder.holder.state = 'current'
  }
}

/** @returns false when one of several timing partners could not take its rows: it stays as it is, and is tried again */
async function isWritten(event: EventContext, write: () => Promise<void>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    // The connection or the lane is everybody's trouble; a refused statement need not be.
    if (event.holders.length === 1 || sqlState(error) === null) throw error
    return false
  }
}

async function copyRows(
  account: LaneContext,
  event: EventContext,
  from: HolderContext,
  to: HolderContext,
  onlyChanged: boolean,
): Promise<void> {
  const source = { partnerId: from.holder.partnerId, eventId: event.eventId }
  for (let after = ''; ; ) {
    const rows = await account.db.transaction().execute(async (trx) => {
      await checkFence(trx, event.at.accountId, account.fence)
      const batch = await readBatch(trx, event.shape, source, after, BATCH)
      const byKey = new Map(batch.map((row) => [row.participant_id, row]))
      const target = { ...event, holder: to.holder, runId: null, onlyChanged }
      await writeRows(trx, target, [...byKey.keys()], (key) => {
        const row = byKey.get(key)
        return row === undefined ? null : asStored(row)
      })
      return batch
    })
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.participant_id
  }
}
