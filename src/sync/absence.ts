import type { JsonObject } from '../domain/json.ts'
import type { Trx } from '../store/database.ts'
import { setHolderState } from '../store/events.ts'
import { decideHold, supersedeHold } from '../store/holds.ts'
import { checkFence } from '../store/lanes.ts'
import { dropVanishedRecords } from '../store/rejects.ts'
import { absentRows, forgetSeen } from '../store/sweep-seen.ts'
import { finishPass, type SyncState } from '../store/sync-state.ts'
import type { AccountContext, EventContext } from './context.ts'
import { settleDoubled } from './doubled.ts'
import { isFused, judgeMany } from './fuse.ts'
import { closeRuns } from './history.ts'
import { raise } from './line.ts'
import { markOf } from './marks.ts'
import { asStored, type News } from './merge.ts'
import { countAbsences } from './no-single-read.ts'
import { hasMoved, type Pass } from './pass.ts'
import { removeRows } from './removal.ts'
import { checkSingly, NOTHING_CHECKED, provenGone } from './single-reads.ts'
import { writeRows } from './write-rows.ts'

/** How a sweep that has read its whole list ends. */
export type Verdict = { do: 'finish'; held: boolean } | { do: 'repeat' }

/** Absent keys that a hold remembers; rows beyond them are left to the hold after it. */
const MOST_KEYS = 100_000

/** What the end of a sweep writes beside its marks. */
interface Ending {
  gone: readonly string[]
  hidden: ReadonlyMap<string, JsonObject>
  /** Absent, and nothing can be asked singly. */
  unread: readonly string[]
  /** Registrations that are absent wait for a decision. */
  held: boolean
  /** A hold that this sweep agrees with. */
  applied?: { holdId: number; keys: readonly string[] }
}

/**
 * Absence from a list is not removal. Judges what a sweep did not show, and finishes it: a few rows are asked for one
 * by one, many open a hold, and a sample that is alive repeats the sweep, once (A1, A2). Removal is soft (A4).
 */
export async function judgeAbsences(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  state: SyncState<Pass>,
): Promise<Verdict> {
  const at = { accountId: event.at.accountId, eventId: event.eventId, pass: pass.seenAs }
  const partnerIds = event.holders.map((h) => h.holder.partnerId)
  const look = () =>
    account.db
      .transaction()
      .execute((trx) => absentRows(trx, event.shape, { ...at, partnerIds, events: pass.events }, MOST_KEYS))
  let found = await look()
  if (found.doubled.length > 0) {
    await settleDoubled(account, event, found.doubled)
    found = await look()
  }
  const { absent, keys } = found
  const known = found.known - (event.holders[0]?.counts.inserted ?? 0)
  if (absent === 0) return finish(account, event, pass, state, { ...NOTHING_CHECKED, held: false })
  if (!isFused({ known, absent }, pass.walk.distinct === 0)) {
    const checked = await provenGone(account, event, pass, await checkSingly(account, event, keys))
    return finish(account, event, pass, state, { ...checked, held: false })
  }
  const verdict = await judgeMany(account, event, pass, { known, absent, keys })
  if (verdict.do === 'repeat') return verdict
  const applied = verdict.do === 'apply' ? { applied: verdict } : {}
  return finish(account, event, pass, state, {
    ...NOTHING_CHECKED,
    held: verdict.do === 'hold',
    ...applied,
  })
}

/** The last transaction of a sweep: removals, what was hidden, marks and history together. */
async function finish(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  state: SyncState<Pass>,
  ending: Ending,
): Promise<Verdict> {
  const { accountId, eventId } = event.at
  const { held } = ending
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, accountId, account.fence)
    await writeEnding(trx, event, ending, pass)
    if (!held) await supersedeHold(trx, event.at, 'removal')
    await supersedeHold(trx, event.at, 'foreign_list')
    await finishPass(trx, accountId, eventId, {
      pass: pass.number,
      kind: 'sweep',
      watermark: raise(state.watermark, markOf(pass)),
      began: pass.began,
      head: pass.head,
      complete: !held,
      moved: hasMoved(pass, account),
      startedAt: pass.startedAt,
      listed: pass.walk.distinct,
    })
    if (pass.walk.distinct > 0) await dropVanishedRecords(trx, { ...event.at, pass: pass.seenAs })
    await forgetSeen(trx, accountId, eventId)
    for (const { holder } of event.holders) {
      // Who came, or failed, in the middle of the sweep lacks pages of it, and is levelled by the next run (S2).
      if (holder.failed || !pass.partnerIds.includes(holder.partnerId)) continue
      holder.state = 'current'
      await setHolderState(trx, { ...event.at, partnerId: holder.partnerId }, 'current', null)
    }
    await closeRuns(trx, account, event, { quietPoll: false, complete: !held, held })
  })
  if (pass.notes.includes('total_disagrees')) {
    await account.saveTraits({ ...account.traits, totalsWrongSince: account.clock.now() })
  }
  return { do: 'finish', held }
}

async function writeEnding(
  trx: Trx,
  event: EventContext,
  { gone, hidden, unread, applied }: Ending,
  pass: Pass,
): Promise<void> {
  if (gone.length > 0) await removeRows(trx, event, gone, 'gone from list and single read')
  if (hidden.size > 0) await storeHidden(trx, event, hidden, pass)
  if (unread.length > 0) await countAbsences(trx, event, unread, pass)
  if (applied === undefined) return
  await removeRows(trx, event, applied.keys, `hold ${applied.holdId}: two sweeps agree`)
  const runIds = event.holders.map((holder) => holder.runId).filter((runId) => runId !== null)
  await decideHold(trx, applied.holdId, { state: 'applied', by: 'sweep', runIds })
}

/** Rows that no list showed and that a single read found are stored as it says (A1). */
async function storeHidden(
  trx: Trx,
  event: EventContext,
  hidden: ReadonlyMap<string, JsonObject>,
  { drifted }: Pass,
): Promise<void> {
  for (const holder of event.holders) {
    const target = { ...event, holder: holder.holder, runId: await holder.run(trx) }
    const counts = await writeRows(trx, target, [...hidden.keys()], (key, before): News | null => {
      const record = hidden.get(key)
      if (record === undefined || before === null || before.removed_at !== null) return null
      const found = {
        ...asStored(before),
        raw: { list: before.raw_data?.list ?? null, detail: record },
        detailOf: before.list_fingerprint,
        detailReadAt: event.settings.now,
        // A list that moved while it was read has shown some rows twice, and may have passed over this one.
        absences: before.absences + (drifted ? 0 : 1),
        detailAttempts: 0,
        detailNotBefore: null,
      }
      // Twice unlisted and still there singly: the provider hides it from timers on purpose.
      return found.absences < 2 ? found : { ...found, removal: { note: 'unlisted', keepStatus: true } }
    })
    holder.counts.removed += counts.removed
    holder.counts.updated += counts.updated
  }
}
