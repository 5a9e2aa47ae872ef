import { StartlistError } from '../domain/errors.ts'
import type { JsonObject } from '../domain/json.ts'
import type { DetailAnswer } from '../providers/provider.ts'
import type { Trx } from '../store/database.ts'
import { setHolderState } from '../store/events.ts'
import { openHold, openHoldOf, supersedeHold } from '../store/holds.ts'
import { checkFence } from '../store/lanes.ts'
import { dropVanishedRecords } from '../store/rejects.ts'
import { absentRows, anySeen, forgetSeen } from '../store/sweep-seen.ts'
import { finishPass, type SyncState } from '../store/sync-state.ts'
import type { AccountContext, EventContext } from './context.ts'
import { closeRuns } from './history.ts'
import { raise } from './line.ts'
import { asStored, type News } from './merge.ts'
import type { Pass } from './pass.ts'
import { writeRows } from './write-rows.ts'

/** How a sweep that has read its whole list ends. */
export type Verdict = { do: 'finish'; held: boolean } | { do: 'repeat' }

/** Most rows that are asked for one by one, unless a twentieth of the event is more (A1, A2). */
const FEW = 20
/** Absent keys that a hold remembers. */
const MOST_KEYS = 10_000
const SAMPLES = 5
/** This many single reads failing in a row are the provider's failure, not one registration's. */
const MOST_FAILURES_IN_A_ROW = 3
const SIX_HOURS = 6 * 3_600_000

/** What single reads said of absent rows. */
interface Checked {
  gone: string[]
  hidden: Map<string, JsonObject>
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
  const { known, absent, keys } = await account.db
    .transaction()
    .execute((trx) => absentRows(trx, event.shape, { ...at, partnerIds }, MOST_KEYS))
  const before = known - (event.holders[0]?.counts.inserted ?? 0)
  if (absent === 0) return finish(account, event, pass, state, { gone: [], hidden: new Map() }, false)

  const few = Math.max(FEW, Math.floor(before * 0.05))
  const fused = absent > few || (before >= 4 && absent > before / 2) || pass.walk.distinct === 0
  if (fused) return judgeMany(account, event, pass, state, { known: before, absent, keys })
  const checked = await checkSingly(account, event, keys)
  return finish(account, event, pass, state, await provenGone(account, event, pass, checked), false)
}

/** The fuse (A2): many are absent, so a few are asked for; if one is alive the list cannot be trusted. */
async function judgeMany(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  state: SyncState<Pass>,
  many: { known: number; absent: number; keys: string[] },
): Promise<Verdict> {
  const none: Checked = { gone: [], hidden: new Map() }
  const { accountId, eventId } = event.at
  const open = await openHoldOf(account.db, accountId, eventId, 'removal')
  let samples: { key: string; found: boolean }[] = []
  if (open === null || account.clock.now() - open.openedAt >= SIX_HOURS) {
    const checked = await checkSingly(account, event, spread(many.keys, SAMPLES))
    if (checked.hidden.size > 0 && !pass.repeated) return { do: 'repeat' }
    samples = [
      ...checked.gone.map((key) => ({ key, found: false })),
      ...[...checked.hidden.keys()].map((key) => ({ key, found: true })),
    ]
  }
  await openHold(account.db, {
    ...event.at,
    kind: 'removal',
    reason: reasonOf(pass, samples),
    absent: many.absent,
    known: many.known,
    keys: many.keys,
    samples,
    runId: event.holders[0]?.runId ?? null,
  })
  return finish(account, event, pass, state, none, true)
}

function reasonOf(pass: Pass, samples: readonly { found: boolean }[]): string {
  if (pass.walk.distinct === 0) return 'the list came back empty'
  // Twice: a list that hides them on purpose must not make every further sweep fail.
  if (samples.some((sample) => sample.found)) return 'the list hides registrations that exist'
  return 'more registrations vanished at once than cancellations explain'
}

async function checkSingly(
  account: AccountContext,
  event: EventContext,
  keys: readonly string[],
): Promise<Checked> {
  const checked: Checked = { gone: [], hidden: new Map() }
  const failures = { inARow: 0 }
  for (const key of keys) {
    account.signal.throwIfAborted()
    const answer = await readSingly(account, event, key, failures)
    if (answer === null) continue
    if (answer.found) checked.hidden.set(key, answer.record)
    else checked.gone.push(key)
  }
  return checked
}

/**
 * Asks for one absent row. One whose single read always fails is left as it is, and asked for again by the next sweep:
 * it must not keep the event from ever being complete. Failures in a row are the provider's.
 */
async function readSingly(
  account: AccountContext,
  event: EventContext,
  key: string,
  failures: { inARow: number },
): Promise<DetailAnswer | null> {
  try {
    const answer = await account.connection.readDetail(event.eventId, key, 'removal-check')
    failures.inARow = 0
    return answer
  } catch (error) {
    const alone = error instanceof StartlistError && ['transient', 'provider_bug'].includes(error.class)
    if (!alone || error.code === 'NETWORK' || ++failures.inARow >= MOST_FAILURES_IN_A_ROW) throw error
    return null
  }
}

/** A 404 counts only if the same route answers for a row that is listed: else the route is gone, not the people (A1). */
async function provenGone(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  checked: Checked,
): Promise<Checked> {
  if (checked.gone.length === 0 || checked.hidden.size > 0) return checked
  const listed = await anySeen(account.db, { ...event.at, pass: pass.seenAs })
  const proof =
    listed === null
      ? { found: false }
      : await account.connection.readDetail(event.eventId, listed, 'removal-check')
  return proof.found ? checked : { gone: [], hidden: checked.hidden }
}

/** The last transaction of a sweep: removals, what was hidden, marks and history together. */
async function finish(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  state: SyncState<Pass>,
  checked: Checked,
  held: boolean,
): Promise<Verdict> {
  const { accountId, eventId } = event.at
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, accountId, account.fence)
    await applyChecked(trx, event, checked, pass)
    if (!held) await supersedeHold(trx, accountId, eventId, 'removal')
    await supersedeHold(trx, accountId, eventId, 'foreign_list')
    await finishPass(trx, accountId, eventId, {
      pass: pass.number,
      kind: 'sweep',
      watermark: raise(state.watermark, pass.watermark === null ? null : BigInt(pass.watermark)),
      began: pass.began,
      head: pass.head,
      complete: !held,
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

async function applyChecked(
  trx: Trx,
  event: EventContext,
  { gone, hidden }: Checked,
  { drifted }: Pass,
): Promise<void> {
  const keys = [...gone, ...hidden.keys()]
  if (keys.length === 0) return
  for (const holder of event.holders) {
    const target = { ...event, holder: holder.holder, runId: await holder.run(trx) }
    const counts = await writeRows(trx, target, keys, (key, before): News | null => {
      if (before === null || before.removed_at !== null || before.raw_data === null) return null
      const same = asStored(before)
      const record = hidden.get(key)
      if (record === undefined) return { ...same, removal: { note: 'gone from list and single read' } }
      const found = {
        ...same,
        raw: { list: before.raw_data.list, detail: record },
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

/** `count` keys spread evenly over all of them. */
function spread(keys: readonly string[], count: number): string[] {
  if (keys.length <= count) return [...keys]
  return Array.from({ length: count }, (_, i) => keys[Math.floor((i * keys.length) / count)]).filter(
    (key) => key !== undefined,
  )
}
